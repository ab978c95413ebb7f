"""OpenPGP forth and back with fresh keys, and with a key and a message that GnuPG 2.2 made."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pysequoia
import pytest

from fileferry.errors import ConfigurationError, ContentRefused
from tests.unit.tasks.transform.pipelines import Pipeline

DATA = b"id,amount\n" + b"1,2\n" * 1000
GNUPG = Path(__file__).with_name("openpgp")
PASSPHRASE = "correct horse"


@dataclass(frozen=True)
class Owner:
    """A key pair: its private part as a secret holds it, and its certificate."""

    secret: str
    certificate: str
    fingerprint: str


def owner() -> Owner:
    key = pysequoia.Tsk.generate("Test <test@example.org>")
    certificate = key.extract_certificate()
    return Owner(pysequoia.armor(bytes(key), pysequoia.ArmorKind.SecretKey), str(certificate), certificate.fingerprint)


@pytest.fixture(scope="module")
def us() -> Owner:
    return owner()


@pytest.fixture(scope="module")
def partner() -> Owner:
    return owner()


@pytest.fixture
def keys(run: Pipeline, us: Owner, partner: Owner) -> Pipeline:
    run.secrets |= {"app/us": us.secret, "app/partner": partner.secret}
    return run


def encrypt(to: Owner, **more: Any) -> dict[str, Any]:
    return {"op": "encrypt", "recipients": [to.certificate], **more}


def decrypt(**more: Any) -> dict[str, Any]:
    return {"op": "decrypt", "key_secret": "app/us", **more}


@pytest.mark.parametrize("armor", [True, False])
@pytest.mark.parametrize("data", [b"", DATA], ids=["empty", "data"])
def test_what_is_encrypted_can_be_decrypted(keys: Pipeline, us: Owner, armor: bool, data: bytes) -> None:
    message = keys(data, encrypt(us, armor=armor))
    assert keys.name == ("orders.csv.asc" if armor else "orders.csv.pgp")
    assert message.startswith(b"-----BEGIN PGP MESSAGE") is armor
    assert b"amount" not in message
    assert keys(message, decrypt(), name=keys.name) == data
    assert keys.name == "orders.csv"


def test_a_message_to_several_recipients_opens_with_the_key_of_each(keys: Pipeline, us: Owner, partner: Owner) -> None:
    message = keys(DATA, {"op": "encrypt", "recipients": [us.certificate, partner.certificate]})
    for secret in ("app/us", "app/partner"):
        assert keys(message, decrypt(key_secret=secret)) == DATA


def test_a_signature_inside_of_the_encryption_is_demanded_and_told(keys: Pipeline, us: Owner, partner: Owner) -> None:
    message = keys(DATA, encrypt(us, signing_key_secret="app/partner"))
    assert keys(message, decrypt(signers=[partner.certificate])) == DATA
    assert [signer.lower() for signer in keys.told[0]["signed_by"]] == [partner.fingerprint.lower()]
    with pytest.raises(ContentRefused, match="no valid signature of an accepted signer"):
        keys(message, decrypt(signers=[us.certificate]))
    with pytest.raises(ContentRefused, match="no valid signature of an accepted signer"):
        keys(keys(DATA, encrypt(us)), decrypt(signers=[partner.certificate]))


@pytest.mark.parametrize("armor", [True, False])
def test_what_is_signed_can_be_verified_by_its_signer_only(
    keys: Pipeline, us: Owner, partner: Owner, armor: bool
) -> None:
    message = keys(DATA, {"op": "sign", "key_secret": "app/us", "armor": armor})
    assert keys(message, {"op": "verify", "signers": [us.certificate, partner.certificate]}) == DATA
    with pytest.raises(ContentRefused, match="no valid signature"):
        keys(message, {"op": "verify", "signers": [partner.certificate]})


def test_content_that_was_changed_after_signing_is_refused(keys: Pipeline, us: Owner) -> None:
    message = keys(DATA, {"op": "sign", "key_secret": "app/us"})
    at = message.rindex(b"1,2\n")
    changed = message[:at] + b"1,9\n" + message[at + 4 :]
    with pytest.raises(ContentRefused):
        keys(changed, {"op": "verify", "signers": [us.certificate]})


class TestGnuPG:
    @pytest.fixture
    def gnupg(self, run: Pipeline) -> Pipeline:
        key = (GNUPG / "protected_key.asc").read_text()
        run.secrets["app/us"] = json.dumps({"key": key, "passphrase": PASSPHRASE})
        return run

    SIGNER = (GNUPG / "protected_key.certificate.asc").read_text()

    def test_its_message_opens_with_its_key_and_passphrase(self, gnupg: Pipeline) -> None:
        message = (GNUPG / "signed_encrypted.pgp").read_bytes()
        assert gnupg(message, decrypt(signers=[self.SIGNER])) == b"id,amount\n1,2\n"

    def test_its_signed_message_is_verified(self, gnupg: Pipeline) -> None:
        message = (GNUPG / "signed_compressed.pgp").read_bytes()
        assert gnupg(message, {"op": "verify", "signers": [self.SIGNER]}) == b"id,amount\n1,2\n"

    def test_a_compressed_message_opens_but_its_signature_cannot_be_checked(self, gnupg: Pipeline) -> None:
        message = (GNUPG / "signed_compressed_encrypted.pgp").read_bytes()
        assert gnupg(message, decrypt()) == b"id,amount\n1,2\n"
        with pytest.raises(ContentRefused, match="compressed inside of its encryption"):
            gnupg(message, decrypt(signers=[self.SIGNER]))

    @pytest.mark.parametrize("passphrase", ["wrong horse", None])
    def test_a_wrong_passphrase_is_a_configuration_error_that_does_not_tell_it(
        self, run: Pipeline, passphrase: str | None
    ) -> None:
        key = (GNUPG / "protected_key.asc").read_text()
        run.secrets["app/us"] = json.dumps({"key": key, **({"passphrase": passphrase} if passphrase else {})})
        message = (GNUPG / "signed_encrypted.pgp").read_bytes()
        with pytest.raises(ConfigurationError, match="'app/us' does not open with the passphrase") as caught:
            run(message, decrypt())
        assert "horse" not in str(caught.value)
        assert "PRIVATE" not in str(caught.value)


class TestRefusals:
    def test_a_message_for_another_key(self, keys: Pipeline, partner: Owner) -> None:
        with pytest.raises(ContentRefused, match="encrypted, but not to the route's key"):
            keys(keys(DATA, encrypt(partner)), decrypt())

    def test_what_is_no_message(self, keys: Pipeline) -> None:
        for data in (DATA, b"", b"\x00" * 100):
            with pytest.raises(ContentRefused, match="cannot be read"):
                keys(data, decrypt())

    def test_a_message_that_is_cut_off_or_damaged(self, keys: Pipeline, us: Owner) -> None:
        message = keys(DATA, encrypt(us))
        damaged = bytearray(message)
        damaged[-200] ^= 1
        for data in (message[: len(message) // 2], bytes(damaged)):
            with pytest.raises(ContentRefused):
                keys(data, decrypt())

    def test_a_message_that_expands_without_measure(self, run: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("tasks.transform.pgp._MAX_FLOOR", 10)
        monkeypatch.setattr("tasks.transform.pgp._MAX_RATIO", 0)
        key = (GNUPG / "protected_key.asc").read_text()
        run.secrets["app/us"] = json.dumps({"key": key, "passphrase": PASSPHRASE})
        message = (GNUPG / "signed_encrypted.pgp").read_bytes()
        with pytest.raises(ContentRefused, match="it expands to more than"):
            run(message, decrypt())

    @pytest.mark.parametrize(
        ("operation", "text"),
        [
            ({"op": "encrypt", "recipients": ["nonsense"]}, "Certificate 1 of the operation is no OpenPGP"),
            ({"op": "decrypt", "key_secret": "app/absent"}, "'app/absent' cannot be read"),
            ({"op": "decrypt", "key_secret": "other/key"}, "outside 'app/'"),
            ({"op": "sign", "key_secret": "app/nonsense"}, "'app/nonsense' holds no OpenPGP private key"),
            ({"op": "sign", "key_secret": "app/json"}, "'app/json' has no field `key`"),
        ],
    )
    def test_keys_that_cannot_be_used(self, run: Pipeline, operation: dict[str, Any], text: str) -> None:
        run.secrets |= {"app/nonsense": "s3cret", "app/json": '{"passphrase": "s3cret"}'}
        with pytest.raises(ConfigurationError, match=text) as caught:
            run(DATA, operation)
        assert "s3cret" not in str(caught.value)


def test_a_pipeline_opens_unpacks_converts_and_seals(keys: Pipeline, us: Owner, partner: Owner) -> None:
    sent = keys(DATA, {"op": "pack", "format": "gzip"}, encrypt(us, signing_key_secret="app/partner"))
    out = keys(
        sent,
        decrypt(signers=[partner.certificate]),
        {"op": "unpack", "format": "gzip"},
        {"op": "convert", "source": "csv", "target": "ndjson"},
        {"op": "encrypt", "recipients": [partner.certificate]},
        {"op": "rename", "to": "{date}-{name}"},
        name="orders.csv.gz.pgp",
    )
    assert keys.name == "20260131-orders.ndjson.pgp"
    opened = keys(out, decrypt(key_secret="app/partner"))
    assert opened == b'{"id":1,"amount":2}\n' * 1000
