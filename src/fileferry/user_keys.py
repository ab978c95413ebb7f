"""What can be told of a user's public keys: fingerprints, whether they are valid now, and what ends soon."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from fileferry.clock import parse_time
from fileferry.model.tenant import PublicKey, User
from fileferry.ssh_keys import NotAPublicKey, parse_public_key

WARNING_DAYS = 30
"""Days before a key's end from which its user's record warns of it."""
KeyValidity = Literal["valid", "not_yet_valid", "expired", "unreadable"]


@dataclass(frozen=True)
class DescribedKey:
    """A key of a user, in the order of the record's `public_keys`; dates as they were written."""

    label: str
    type: str
    fingerprint: str
    state: KeyValidity
    expires_at: str | None


def described_keys(user: User, at: datetime) -> tuple[DescribedKey, ...]:
    return tuple(_described(key, at) for key in user.public_keys)


def warnings_of(user: User, at: datetime) -> Iterator[tuple[int | None, str]]:
    """(number of the key, or None for the user as a whole; what to look after) for a user that is enabled."""
    if not user.enabled:
        return
    keys = described_keys(user, at)
    for place, key in enumerate(keys):
        if key.state == "unreadable":
            yield place, "the key cannot be read, and nobody logs in with it"
        elif key.state == "expired":
            yield place, f"expired on {key.expires_at}"
        elif key.expires_at and parse_time(key.expires_at) - at <= timedelta(days=WARNING_DAYS):
            yield place, f"expires in {_days(parse_time(key.expires_at) - at)}, on {key.expires_at}"
    if not user.password_set_at and not any(key.state == "valid" for key in keys):
        yield None, "no key is valid now: the user cannot log in"


def _days(left: timedelta) -> str:
    whole = left // timedelta(days=1)
    return "less than a day" if not whole else "1 day" if whole == 1 else f"{whole} days"


def _described(key: PublicKey, at: datetime) -> DescribedKey:
    try:
        parsed = parse_public_key(key.key)
        return DescribedKey(key.label, parsed.type, parsed.fingerprint, _state(key, at), key.expires_at)
    except (NotAPublicKey, ValueError):  # a record that was not written through the API
        return DescribedKey(key.label, "", "", "unreadable", key.expires_at)


def _state(key: PublicKey, at: datetime) -> KeyValidity:
    if key.expires_at and at >= parse_time(key.expires_at):
        return "expired"
    if key.not_before and at < parse_time(key.not_before):
        return "not_yet_valid"
    return "valid"
