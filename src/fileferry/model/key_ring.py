"""A tenant's OpenPGP key ring: its own private keys and its partner's certificates, old and new beside each other.

A route's operation names the ring, never a key, so that keys rotate without a new revision. Private keys are secrets in
Secrets Manager: the ring has their names only.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field

from fileferry.clock import parse_time, timestamp
from fileferry.errors import Conflict
from fileferry.model.job import Frozen
from fileferry.model.route import Identifier, SecretName

FINGERPRINT = r"^[0-9a-f]{40}([0-9a-f]{24})?$"
"""40 hexadecimal digits of a version 4 key, 64 of a version 6 one (RFC 9580, section 5.5.4)."""
MOST_KEYS = 50
WARN_BEFORE = timedelta(days=30)

Fingerprint = Annotated[str, Field(pattern=FINGERPRINT, description="Fingerprint of the primary key, in hex.")]
UtcTime = Annotated[str, AfterValidator(lambda text: timestamp(parse_time(text)))]
"""ISO 8601; kept in the form of `fileferry.clock.timestamp`, which sorts as text."""


class Owner(StrEnum):
    """Whose key it is: `own` has a private part here, `partner` is a certificate."""

    OWN = "own"
    PARTNER = "partner"


class KeyUse(StrEnum):
    """What a key can do for a route."""

    DECRYPT = "decrypt"
    VERIFY = "verify"
    ENCRYPT = "encrypt"
    SIGN = "sign"


class KeyState(StrEnum):
    """`pending`: opens and verifies already, but does not yet encrypt or sign."""

    PENDING = "pending"
    VALID = "valid"
    EXPIRED = "expired"
    RETIRED = "retired"


class RingKey(Frozen):
    """One OpenPGP key or certificate; times are ISO 8601 in UTC."""

    fingerprint: Fingerprint
    owner: Owner
    label: str = Field("", max_length=100)
    user_ids: list[str] = Field(default_factory=list)
    uses: list[KeyUse] = Field(min_length=1)
    certificate: str = Field(min_length=1, max_length=65_536, description="ASCII-armoured, without private parts.")
    secret: SecretName | None = None
    """Of an own key: the secret with its private part."""
    created_at: UtcTime
    added_at: UtcTime
    expires_at: UtcTime | None = Field(None, description="When the key itself expires, as its owner has set it.")
    not_before: UtcTime | None = Field(None, description="From when on we encrypt to it or sign with it.")
    retired_at: UtcTime | None = Field(None, description="From when on it is used for nothing any more.")

    def state(self, at: str) -> KeyState:
        """`at` is a timestamp, as everywhere here."""
        if self.retired_at is not None and self.retired_at <= at:
            return KeyState.RETIRED
        if self.expires_at is not None and self.expires_at <= at:
            return KeyState.EXPIRED
        if self.not_before is not None and self.not_before > at:
            return KeyState.PENDING
        return KeyState.VALID

    @property
    def since(self) -> str:
        """From when on it is the newest one, unless another came later."""
        return self.not_before or self.added_at


class KeyRingSpec(Frozen):
    """What a user writes about a key ring; its keys are added one by one."""

    description: str = Field("", max_length=1000)


class KeyRing(KeyRingSpec):
    tenant: str
    id: Identifier
    keys: list[RingKey] = Field(default_factory=list, max_length=MOST_KEYS)
    created_at: str = ""
    updated_at: str = ""

    def key(self, fingerprint: str) -> RingKey | None:
        return next((key for key in self.keys if key.fingerprint == fingerprint), None)

    def opening(self, at: str) -> list[RingKey]:
        """Own keys that a message may be encrypted to, the newest first: every one that is not out of use."""
        return self._newest_first(KeyUse.DECRYPT, at, KeyState.VALID, KeyState.PENDING)

    def signers(self, at: str) -> list[RingKey]:
        """Certificates whose signatures are accepted, the newest first."""
        return self._newest_first(KeyUse.VERIFY, at, KeyState.VALID, KeyState.PENDING)

    def primary(self, use: KeyUse, at: str) -> RingKey | None:
        """The one key that we encrypt to or sign with: the newest valid one."""
        return next(iter(self._newest_first(use, at, KeyState.VALID)), None)

    def with_key(self, key: RingKey) -> KeyRing:
        """The ring with one more key, or with this one in the place of what it was.

        Raises Conflict when it is full, and for the public part of a key whose private part it has.
        """
        known = self.key(key.fingerprint)
        if known is not None and known.owner is Owner.OWN and key.owner is Owner.PARTNER:
            raise Conflict(
                f"Key ring {self.id!r} has the private key {key.fingerprint}; this is its public part.",
                todo="to put its expiry off, add the private key with the new one.",
            )
        if known is None and len(self.keys) == MOST_KEYS:
            raise Conflict(f"Key ring {self.id!r} has {MOST_KEYS} keys, which is the most.", todo="begin another ring.")
        keys = [key if one is known else one for one in self.keys] if known else [*self.keys, key]
        return self.model_copy(update={"keys": keys})

    def warnings(self, at: str) -> Iterator[tuple[RingKey, str]]:
        """Keys in use that expire within WARN_BEFORE, each with a sentence about it."""
        soon = timestamp(parse_time(at) + WARN_BEFORE)
        for key in self.keys:
            in_use = key.state(at) in (KeyState.VALID, KeyState.PENDING)
            if in_use and key.expires_at is not None and key.expires_at <= soon and not _ends_first(key):
                days = (parse_time(key.expires_at) - parse_time(at)).days
                yield key, f"The {key.owner} key {key.fingerprint} expires in {days} days; add its successor."

    def _newest_first(self, use: KeyUse, at: str, *states: KeyState) -> list[RingKey]:
        fit = [key for key in self.keys if use in key.uses and key.state(at) in states]
        return sorted(fit, key=lambda key: key.since, reverse=True)


def _ends_first(key: RingKey) -> bool:
    """Whether the key is to be retired before it expires, so that nobody needs to be warned."""
    return key.retired_at is not None and key.expires_at is not None and key.retired_at <= key.expires_at


def key_secret_name(prefix: str, tenant: str, ring: str, fingerprint: str) -> str:
    """Name of the secret with a private key; `prefix` is the deployment's, with its slash."""
    return f"{prefix}{tenant}/key-rings/{ring}/{fingerprint}"
