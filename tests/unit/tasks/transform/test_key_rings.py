"""Operations whose keys a ring gives: rotation with real keys while messages go through."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from fileferry.clock import timestamp
from fileferry.errors import ConfigurationError, ContentRefused
from fileferry.model.key_ring import KeyRing, Owner, RingKey
from fileferry.openpgp import KeyFacts, generate_key, read_certificate
from tests.unit.tasks.transform.pipelines import OPERATIONS, Pipeline

DATA = b"id,amount\n" + b"1,2\n" * 1000
OPEN = {"op": "decrypt", "key_ring": "bank"}
LONG_AGO, YESTERDAY, LATER = "2020-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "2999-01-01T00:00:00Z"


class Party:
    """Somebody with keys, one after the other."""

    def __init__(self, *numbers: str) -> None:
        self.private: dict[str, str] = {}
        self.facts: dict[str, KeyFacts] = {}
        for number in numbers:
            self.private[number], self.facts[number] = generate_key(f"{number} <k@example.org>", 30)

    def encrypt_to(self, number: str, run: Pipeline, **more: Any) -> bytes:
        return run(DATA, {"op": "encrypt", "recipients": [self.facts[number].certificate], **more})


@pytest.fixture(scope="module")
def us() -> Party:
    return Party("ours-1", "ours-2", "ours-3")


@pytest.fixture(scope="module")
def bank() -> Party:
    return Party("bank-1", "bank-2")


@pytest.fixture
def ring(run: Pipeline, us: Party, bank: Party) -> Pipeline:
    run.rings["bank"] = KeyRing(tenant="acme", id="bank")
    for number, private in us.private.items():
        run.secrets[f"app/{number}"] = json.dumps({"key": private})
    for number, private in bank.private.items():
        run.secrets[f"app/{number}"] = private
    return run


def put(run: Pipeline, party: Party, number: str, **times: str | None) -> None:
    """The party's key in the ring; ours with its secret, the bank's with its certificate only."""
    own = number.startswith("ours")
    facts = party.facts[number] if own else read_certificate(party.facts[number].certificate)
    values = {
        "fingerprint": facts.fingerprint,
        "owner": Owner.OWN if own else Owner.PARTNER,
        "uses": facts.uses,
        "certificate": facts.certificate,
        "secret": f"app/{number}" if own else None,
        "created_at": facts.created_at,
        "added_at": timestamp(),
        "expires_at": facts.expires_at,
        **times,
    }
    run.rings["bank"] = run.rings["bank"].with_key(RingKey.model_validate(values))


def test_our_key_rotates_in_the_middle_of_traffic(ring: Pipeline, us: Party) -> None:
    put(ring, us, "ours-1", not_before=LONG_AGO)
    old = us.encrypt_to("ours-1", ring)
    assert ring(old, OPEN) == DATA
    put(ring, us, "ours-2", not_before=YESTERDAY)
    assert ring(us.encrypt_to("ours-2", ring), OPEN) == DATA
    assert ring(old, OPEN) == DATA
    put(ring, us, "ours-1", retired_at=YESTERDAY)
    assert ring(us.encrypt_to("ours-2", ring), OPEN) == DATA
    with pytest.raises(ContentRefused, match="not to the route's key"):
        ring(old, OPEN)


def test_a_key_opens_before_its_time_since_the_partner_may_be_early(ring: Pipeline, us: Party) -> None:
    put(ring, us, "ours-1")
    put(ring, us, "ours-2", not_before=LATER)
    assert ring(us.encrypt_to("ours-2", ring), OPEN) == DATA


def test_the_partners_signing_key_rotates(ring: Pipeline, us: Party, bank: Party) -> None:
    put(ring, us, "ours-1")
    put(ring, bank, "bank-1")
    put(ring, bank, "bank-2")
    for signer in ("bank-1", "bank-2"):
        signed = us.encrypt_to("ours-1", ring, signing_key_secret=f"app/{signer}")
        assert ring(signed, {**OPEN, "signed": True}) == DATA
        assert [one.lower() for one in ring.told[0]["signed_by"]] == [bank.facts[signer].fingerprint]
        message = ring(DATA, {"op": "sign", "key_secret": f"app/{signer}"})
        assert ring(message, {"op": "verify", "key_ring": "bank"}) == DATA
    put(ring, bank, "bank-1", retired_at=YESTERDAY)
    with pytest.raises(ContentRefused, match="no valid signature"):
        ring(ring(DATA, {"op": "sign", "key_secret": "app/bank-1"}), {"op": "verify", "key_ring": "bank"})


def test_a_signature_is_demanded_where_the_operation_says_so_only(ring: Pipeline, us: Party, bank: Party) -> None:
    put(ring, us, "ours-1")
    put(ring, bank, "bank-1")
    unsigned = us.encrypt_to("ours-1", ring)
    assert ring(unsigned, OPEN) == DATA
    assert "signed_by" not in ring.told[0]
    with pytest.raises(ContentRefused, match="no valid signature"):
        ring(unsigned, {**OPEN, "signed": True})


def test_we_encrypt_to_the_newest_certificate_and_sign_with_our_newest_key(
    ring: Pipeline, us: Party, bank: Party
) -> None:
    put(ring, us, "ours-1", not_before=LONG_AGO)
    put(ring, us, "ours-2", not_before=YESTERDAY)
    put(ring, us, "ours-3", not_before=LATER)
    put(ring, bank, "bank-1", not_before=LONG_AGO)
    put(ring, bank, "bank-2", not_before=YESTERDAY)
    made = ring(DATA, {"op": "encrypt", "key_ring": "bank", "signed": True})
    signer = us.facts["ours-2"].certificate
    assert ring(made, {"op": "decrypt", "key_secret": "app/bank-2", "signers": [signer]}) == DATA
    with pytest.raises(ContentRefused, match="not to the route's key"):
        ring(made, {"op": "decrypt", "key_secret": "app/bank-1"})
    assert ring(ring(DATA, {"op": "sign", "key_ring": "bank"}), {"op": "verify", "signers": [signer]}) == DATA


@pytest.mark.parametrize(
    ("operation", "what"),
    [
        ({"op": "decrypt"}, "no valid own key to decrypt with"),
        ({"op": "decrypt", "signed": True}, "no valid certificate of the partner to verify with"),
        ({"op": "verify"}, "no valid certificate of the partner to verify with"),
        ({"op": "encrypt"}, "no valid certificate of the partner to encrypt with"),
        ({"op": "sign"}, "no valid own key to sign with"),
    ],
)
def test_a_ring_without_the_key_is_an_error_of_configuration(
    ring: Pipeline, operation: dict[str, Any], what: str
) -> None:
    with pytest.raises(ConfigurationError, match=what):
        ring(DATA, {**operation, "key_ring": "bank"})


@pytest.mark.parametrize(
    ("operation", "what"),
    [
        ({"op": "decrypt"}, "exactly one of `key_secret` and `key_ring`"),
        ({"op": "decrypt", "key_secret": "a", "key_ring": "b"}, "exactly one of `key_secret` and `key_ring`"),
        ({"op": "decrypt", "key_ring": "b", "signers": ["c"]}, "`signers` cannot be given with `key_ring`"),
        ({"op": "decrypt", "key_secret": "a", "signed": True}, "`signed` cannot be given without `key_ring`"),
        ({"op": "verify"}, "exactly one of `signers` and `key_ring`"),
        ({"op": "encrypt", "signed": True}, "exactly one of `recipients` and `key_ring`"),
        ({"op": "encrypt", "key_ring": "b", "signing_key_secret": "a"}, "`signing_key_secret` cannot be given with"),
        ({"op": "sign", "key_ring": "b", "key_secret": "a"}, "exactly one of `key_secret` and `key_ring`"),
    ],
)
def test_an_operation_takes_its_keys_from_one_place(operation: dict[str, Any], what: str) -> None:
    with pytest.raises(ValidationError, match=what):
        OPERATIONS.validate_python([operation])
