"""The keys that OpenPGP operations work with: those in the route, or those of its key ring as it is now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from fileferry.clock import timestamp
from fileferry.errors import ConfigurationError
from fileferry.model.key_ring import KeyRing, KeyUse, RingKey
from fileferry.model.route import Decrypt, Encrypt, Sign, Verify
from fileferry.secrets import Secrets


@dataclass(frozen=True)
class Key:
    """A private key as its secret holds it; never shown."""

    secret: str = ""
    text: str = field(default="", repr=False)
    passphrase: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class KeySource:
    """Where keys come from; each is asked only by operations that need it, so that no client is made for the others."""

    secrets: Callable[[], Secrets]
    key_ring: Callable[[str], KeyRing]
    """A ring of the job's tenant, fresh. Raises ConfigurationError when there is none of this name."""


@dataclass(frozen=True)
class Material:
    """`keys` are tried in their order; `certificates` are accepted signers or recipients, ASCII-armoured."""

    keys: tuple[Key, ...] = ()
    certificates: tuple[str, ...] = ()
    demands_signature: bool = False


def opening_keys(operation: Decrypt | Verify, source: KeySource) -> Material:
    """What opens a message. Of a ring every own key and every partner's certificate that is in use, old and new.

    Raises ConfigurationError when a key cannot be read, or the ring has none.
    """
    demands = bool(operation.signers) or isinstance(operation, Verify) or operation.signed
    if operation.key_ring is None:
        keys = (read_key(source.secrets(), operation.key_secret or ""),) if isinstance(operation, Decrypt) else ()
        return Material(keys, tuple(operation.signers), demands)
    ring, at = source.key_ring(operation.key_ring), timestamp()
    signers = ring.signers(at) if demands else []
    if demands and not signers:
        raise _nothing(ring, KeyUse.VERIFY)
    own = ring.opening(at) if isinstance(operation, Decrypt) else []
    if isinstance(operation, Decrypt) and not own:
        raise _nothing(ring, KeyUse.DECRYPT)
    return Material(_private(own, source), _certificates(signers), demands)


def sealing_keys(operation: Encrypt | Sign, source: KeySource) -> Material:
    """What makes a message: recipients for `encrypt`, and a key if it is signed. Of a ring the newest valid ones.

    Raises ConfigurationError when a key cannot be read, or the ring has none.
    """
    if operation.key_ring is None:
        name = operation.signing_key_secret if isinstance(operation, Encrypt) else operation.key_secret
        given = operation.recipients if isinstance(operation, Encrypt) else []
        return Material((read_key(source.secrets(), name),) if name else (), tuple(given))
    ring, at = source.key_ring(operation.key_ring), timestamp()
    recipients = _certificates([_primary(ring, KeyUse.ENCRYPT, at)]) if isinstance(operation, Encrypt) else ()
    signed = isinstance(operation, Sign) or operation.signed
    return Material(_private([_primary(ring, KeyUse.SIGN, at)], source) if signed else (), recipients)


def read_key(secrets: Secrets, name: str) -> Key:
    """The key in a secret: an ASCII-armoured key, or JSON `{"key": …, "passphrase": …}`. Raises ConfigurationError."""
    text = secrets.text(name)
    if not text.lstrip().startswith("{"):
        return Key(name, text)
    fields = secrets.fields(name)
    if "key" not in fields:
        raise ConfigurationError(
            f"Secret {name!r} has no field `key`.", todo='store it like {"key": "-----BEGIN PGP…", "passphrase": "…"}.'
        )
    return Key(name, fields["key"], fields.get("passphrase"))


def _private(keys: Sequence[RingKey], source: KeySource) -> tuple[Key, ...]:
    return tuple(read_key(source.secrets(), key.secret or "") for key in keys)


def _certificates(keys: Sequence[RingKey]) -> tuple[str, ...]:
    return tuple(key.certificate for key in keys)


def _primary(ring: KeyRing, use: KeyUse, at: str) -> RingKey:
    key = ring.primary(use, at)
    if key is None:
        raise _nothing(ring, use)
    return key


def _nothing(ring: KeyRing, use: KeyUse) -> ConfigurationError:
    whose = "own key" if use in (KeyUse.DECRYPT, KeyUse.SIGN) else "certificate of the partner"
    return ConfigurationError(
        f"Key ring {ring.id!r} of tenant {ring.tenant!r} has no valid {whose} to {use} with.",
        todo="add one to the ring; those that it has are retired, expired or not yet to be used.",
    )
