"""Passwords of SFTP users: hashed with Argon2id, compared in a time that does not tell whether there is one."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argon2 import PasswordHasher

_NOBODYS = "$argon2id$v=19$m=19456,t=2,p=1$uIyp8rAtbW2T6ASRHlNB0A$NSVxEfGMO/p9R+HPRRhlFxW6DefzUW/NUT75/yHvhEg"
"""The hash that is compared with where a user has none. Whatever matches it is refused."""


def hashed(password: str) -> str:
    """The hash with its salt and parameters, as text (PHC string format)."""
    return _hasher().hash(password)


def matches(password: str, stored: str) -> bool:
    """Whether the password is the one that was hashed. Without a hash the same work is done, and the answer is no."""
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return _hasher().verify(stored or _NOBODYS, password) and bool(stored)
    except (VerificationError, InvalidHashError):
        return False


@lru_cache(maxsize=1)
def _hasher() -> PasswordHasher:
    # Loaded where a password comes: a login by key does not wait for it. OWASP's password storage cheat sheet,
    # "Argon2id": 19 MiB, two passes, one lane; a function has a fraction of a processor.
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
