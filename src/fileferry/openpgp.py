"""What an OpenPGP key or certificate says of itself, and new keys; by pysequoia, imported when needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fileferry.clock import now, timestamp
from fileferry.model.key_ring import KeyUse

_PRIVATE = "-----BEGIN PGP PRIVATE KEY BLOCK-----"


class UnusableKey(ValueError):
    """The text is no key that can be used; the message says why and never quotes it."""


@dataclass(frozen=True)
class KeyFacts:
    """Public facts of a key; times are timestamps, `certificate` is ASCII-armoured and without private parts."""

    fingerprint: str
    user_ids: tuple[str, ...]
    created_at: str
    expires_at: str | None
    certificate: str
    uses: tuple[KeyUse, ...]


def read_certificate(text: str) -> KeyFacts:
    """A partner's certificate, ASCII-armoured. Raises UnusableKey."""
    import pysequoia

    if _PRIVATE in text:
        raise UnusableKey("holds a private key; a partner's certificate is a PUBLIC KEY BLOCK")
    found = _parsed(lambda: pysequoia.Cert.split_bytes(text.encode()), "is no OpenPGP certificate in ASCII armour")
    if len(found) != 1:
        raise UnusableKey(f"holds {len(found)} certificates; give them one by one")
    encrypts = _works(lambda: pysequoia.encrypt(b"", recipients=found))
    return _facts(found[0], (KeyUse.VERIFY, KeyUse.ENCRYPT) if encrypts else (KeyUse.VERIFY,))


def read_private_key(text: str, passphrase: str | None) -> KeyFacts:
    """The facts of a private key, ASCII-armoured. Raises UnusableKey, also when the passphrase does not open it."""
    import pysequoia

    if _PRIVATE not in text:
        raise UnusableKey("is no OpenPGP private key in ASCII armour")
    key = _parsed(lambda: pysequoia.Tsk.from_bytes(text.encode()), "is no OpenPGP private key that can be read")
    certificate = key.extract_certificate()
    uses: list[KeyUse] = []
    for use, open_key in ((KeyUse.DECRYPT, key.decryptor), (KeyUse.SIGN, key.signer)):
        try:
            open_key(passphrase)
        except (RuntimeError, OSError) as error:
            if "No suitable" not in str(error):
                raise UnusableKey("does not open with the passphrase") from None
        else:
            uses.append(use)
    return _facts(certificate, tuple(uses))


def generate_key(user_id: str, valid_days: int) -> tuple[str, KeyFacts]:
    """A new key (Ed25519 and X25519) as ASCII-armoured private key, and its facts."""
    import pysequoia

    key = pysequoia.Tsk.generate(user_id, validity_seconds=valid_days * 86_400)
    facts = _facts(key.extract_certificate(), (KeyUse.DECRYPT, KeyUse.SIGN))
    return pysequoia.armor(bytes(key), pysequoia.ArmorKind.SecretKey), facts


def _facts(certificate: Any, uses: tuple[KeyUse, ...]) -> KeyFacts:
    """Raises UnusableKey for one that is revoked, expired, or good for nothing."""
    if certificate.is_revoked:
        raise UnusableKey("is revoked")
    expires = certificate.expiration
    if expires is not None and expires <= now():
        raise UnusableKey(f"has expired on {expires.date()}")
    if not uses:
        raise UnusableKey("has no subkey that can be used: all are expired, revoked, or too weak")
    return KeyFacts(
        fingerprint=certificate.fingerprint.lower(),
        user_ids=tuple(str(user_id) for user_id in certificate.user_ids),
        created_at=_created_at(certificate),
        expires_at=timestamp(expires) if expires is not None else None,
        certificate=str(certificate),
        uses=uses,
    )


def _created_at(certificate: Any) -> str:
    """Of the primary key, which is a certificate's first packet (RFC 9580, section 10.1)."""
    from pysequoia.packet import PacketPile

    return timestamp(next(iter(PacketPile.from_bytes(bytes(certificate)))).key_created)


def _parsed(read: Callable[[], Any], mistake: str) -> Any:
    try:
        return read()
    except (RuntimeError, OSError):
        raise UnusableKey(mistake) from None


def _works(attempt: Callable[[], Any]) -> bool:
    try:
        attempt()
    except (RuntimeError, OSError):
        return False
    return True
