"""Which key of a ring is used for what, and when."""

from __future__ import annotations

from typing import Any

import pytest

from fileferry.errors import Conflict
from fileferry.model.key_ring import MOST_KEYS, KeyRing, KeyState, KeyUse, Owner, RingKey, key_secret_name

NOW = "2026-06-01T00:00:00.000000Z"
BEFORE, AFTER = "2026-05-01T00:00:00Z", "2026-07-15T00:00:00Z"


def key(number: int, owner: Owner = Owner.OWN, **fields: Any) -> RingKey:
    own = [KeyUse.DECRYPT, KeyUse.SIGN]
    values = {
        "fingerprint": f"{number:040x}",
        "owner": owner,
        "uses": own if owner is Owner.OWN else [KeyUse.VERIFY, KeyUse.ENCRYPT],
        "certificate": "public",
        "created_at": "2026-01-01T00:00:00Z",
        "added_at": f"2026-01-{number:02d}T00:00:00Z",
    }
    return RingKey.model_validate({**values, **fields})


def ring(*keys: RingKey) -> KeyRing:
    return KeyRing(tenant="acme", id="bank", keys=list(keys))


def numbers(keys: list[RingKey]) -> list[int]:
    return [int(one.fingerprint, 16) for one in keys]


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({}, KeyState.VALID),
        ({"not_before": AFTER}, KeyState.PENDING),
        ({"not_before": BEFORE, "expires_at": AFTER, "retired_at": AFTER}, KeyState.VALID),
        ({"expires_at": NOW}, KeyState.EXPIRED),
        ({"expires_at": BEFORE, "not_before": AFTER}, KeyState.EXPIRED),
        ({"retired_at": NOW, "expires_at": BEFORE}, KeyState.RETIRED),
    ],
)
def test_a_keys_state_follows_from_its_times(fields: dict[str, Any], state: KeyState) -> None:
    assert key(1, **fields).state(NOW) is state


def test_times_are_kept_in_utc_whatever_offset_they_came_with() -> None:
    assert key(1, retired_at="2026-06-01T02:00:00+02:00").retired_at == NOW


def test_messages_open_with_old_and_new_keys_the_newest_first() -> None:
    found = ring(key(1), key(2, retired_at=BEFORE), key(3), key(4, expires_at=BEFORE), key(5, not_before=AFTER))
    assert numbers(found.opening(NOW)) == [5, 3, 1]
    assert found.signers(NOW) == []


def test_we_sign_with_the_newest_key_whose_time_has_come() -> None:
    found = ring(key(1), key(2), key(3, not_before=AFTER))
    primary = found.primary(KeyUse.SIGN, NOW)
    later = found.primary(KeyUse.SIGN, AFTER.replace("Z", ".000000Z"))
    assert primary is not None
    assert later is not None
    assert numbers([primary, later]) == [2, 3]


def test_each_side_has_uses_of_its_own() -> None:
    found = ring(key(1), key(2, Owner.PARTNER), key(3, Owner.PARTNER, uses=[KeyUse.VERIFY]))
    assert numbers(found.signers(NOW)) == [3, 2]
    assert found.primary(KeyUse.ENCRYPT, NOW) == key(2, Owner.PARTNER)
    assert numbers(found.opening(NOW)) == [1]


def test_a_ring_without_a_key_for_a_use_has_no_primary() -> None:
    assert ring(key(1, retired_at=BEFORE)).primary(KeyUse.SIGN, NOW) is None


def test_keys_that_expire_soon_are_warned_of_unless_they_go_before() -> None:
    soon = "2026-06-20T00:00:00Z"
    found = ring(
        key(1, expires_at=soon),
        key(2, expires_at=AFTER),
        key(3, expires_at=BEFORE),
        key(4, expires_at=soon, retired_at="2026-06-10T00:00:00Z"),
    )
    ((warned, text),) = found.warnings(NOW)
    assert warned == key(1, expires_at=soon)
    assert "expires in 19 days" in text


def test_a_key_that_is_known_is_replaced_where_it_stands() -> None:
    found = ring(key(1), key(2)).with_key(key(1, label="renewed")).with_key(key(3))
    assert [one.label for one in found.keys] == ["renewed", "", ""]
    assert numbers(found.keys) == [1, 2, 3]


def test_a_ring_has_an_end() -> None:
    full = ring(*(key(1).model_copy(update={"fingerprint": f"{n:040x}"}) for n in range(MOST_KEYS)))
    assert len(full.with_key(full.keys[0]).keys) == MOST_KEYS
    with pytest.raises(Conflict, match="which is the most"):
        full.with_key(key(1).model_copy(update={"fingerprint": "f" * 40}))


def test_a_private_key_lies_below_its_tenants_prefix() -> None:
    assert key_secret_name("ferry/", "acme", "bank", "ab") == "ferry/acme/key-rings/bank/ab"
