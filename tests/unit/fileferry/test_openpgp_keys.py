"""What is read from OpenPGP keys; with fresh ones and one that GnuPG made."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pysequoia
import pytest

from fileferry.clock import now, parse_time
from fileferry.model.key_ring import KeyUse
from fileferry.openpgp import UnusableKey, generate_key, read_certificate, read_private_key

GNUPG = Path(__file__).parents[1] / "tasks/transform/openpgp"
PROTECTED = (GNUPG / "protected_key.asc").read_text()


def test_a_new_key_can_decrypt_and_sign_and_expires_as_asked() -> None:
    private, facts = generate_key("Acme <files@acme.example>", 365)
    assert facts.uses == (KeyUse.DECRYPT, KeyUse.SIGN)
    assert facts.user_ids == ("Acme <files@acme.example>",)
    assert facts.expires_at is not None
    assert abs(parse_time(facts.expires_at) - now() - timedelta(days=365)) < timedelta(minutes=5)
    assert abs(parse_time(facts.created_at) - now()) < timedelta(minutes=5)
    assert read_private_key(private, None) == facts


def test_a_certificate_has_no_private_part_and_is_good_for_verifying_and_encrypting() -> None:
    private, facts = generate_key("Acme", 1)
    assert "PRIVATE" not in facts.certificate
    read = read_certificate(facts.certificate)
    assert read.uses == (KeyUse.VERIFY, KeyUse.ENCRYPT)
    assert (read.fingerprint, read.certificate) == (facts.fingerprint, facts.certificate)
    with pytest.raises(UnusableKey, match="holds a private key"):
        read_certificate(private)


def test_a_key_of_gnupg_opens_with_its_passphrase_only() -> None:
    facts = read_private_key(PROTECTED, "correct horse")
    assert facts.fingerprint == "a5dce4f27d2e1b45e2e692a79bea775a6ba9ab48"
    assert facts.expires_at is None
    assert facts.created_at == "2026-11-24T22:15:12.000000Z"
    for passphrase in ("wrong horse", None):
        with pytest.raises(UnusableKey, match="does not open with the passphrase"):
            read_private_key(PROTECTED, passphrase)


def test_what_cannot_be_used_is_refused_without_being_quoted() -> None:
    certificate = generate_key("Acme", 1)[1].certificate
    for text in ("s3cret", certificate, "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\ns3cret"):
        with pytest.raises(UnusableKey, match="is no OpenPGP private key") as refused:
            read_private_key(text, None)
        assert "s3cret" not in str(refused.value)
    with pytest.raises(UnusableKey, match="is no OpenPGP certificate"):
        read_certificate("s3cret")
    with pytest.raises(UnusableKey, match="holds 2 certificates"):
        read_certificate(certificate + generate_key("Bob", 1)[1].certificate)


def test_a_key_that_has_expired_or_is_revoked_is_refused() -> None:
    expired = pysequoia.Tsk.generate("Old", validity_seconds=1)  # from a minute ago on, as pysequoia makes keys
    with pytest.raises(UnusableKey, match="has expired on"):
        read_certificate(str(expired.extract_certificate()))
    key = pysequoia.Tsk.generate("Gone")
    certificate = key.extract_certificate()
    revocation = bytes(certificate.revoke(key.certifier()))
    revoked = pysequoia.Cert.from_bytes(bytes(certificate) + revocation)
    with pytest.raises(UnusableKey, match="is revoked"):
        read_certificate(str(revoked))
