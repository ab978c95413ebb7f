"""Keys and certificates that expire soon: told once at each of THRESHOLDS, for users, key rings and destinations.

All records are read in turn; a call that runs out of time notes where it stopped, and the next one goes on there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from fileferry.clock import now, parse_time, timestamp
from fileferry.errors import FerryError
from fileferry.model.destination import Destination, HttpsDestination
from fileferry.model.key_ring import KeyRing, KeyState
from fileferry.model.tenant import User
from fileferry.repositories.expiries import ExpiryRepository
from fileferry.services import Services
from fileferry.ssh_keys import NotAPublicKey, parse_public_key
from fileferry.steps import as_ferry_error, logger

THRESHOLDS = (1, 7, 30)
"""Days before the end."""
_KINDS = ("USER", "KEYRING", "DESTINATION")

Record = User | KeyRing | Destination


@dataclass(frozen=True)
class Expiring:
    """Something that ends at `expires_at` (a timestamp); `owner` is the id of the user, ring or destination."""

    kind: Literal["ssh_key", "pgp_key", "ca_certificate"]
    tenant: str
    owner: str
    key: str
    """Its identity within the owner: a fingerprint, or the key's own text where it has none."""
    label: str
    expires_at: str

    def threshold(self, at: datetime) -> int | None:
        """The threshold that is passed at a moment, in days; None while the end is far, and after it."""
        left = parse_time(self.expires_at) - at
        if left <= timedelta(0):
            return None
        return next((days for days in THRESHOLDS if left <= timedelta(days=days)), None)


@dataclass
class ExpirySweep:
    """One call: its time, what it did so far and what went wrong."""

    world: Services
    out_of_time: Callable[[], bool]
    at: datetime = field(default_factory=now)
    counts: Counter[str] = field(default_factory=lambda: Counter(records=0, told=0))
    errors: list[FerryError] = field(default_factory=list)


def tell_expiries(sweep: ExpirySweep) -> Mapping[str, int]:
    """Tell what has passed a threshold since it was told last. Raises the first error once all is seen.

    Counts: `records` seen, `told`, `finished` (0 when time ran out: the next call goes on there).
    """
    expiries, region = sweep.world.expiries, sweep.world.settings.region
    stopped = _go_on(sweep, expiries, expiries.position(region))
    expiries.keep_position(region, stopped)
    sweep.counts["finished"] = int(not stopped)
    if sweep.errors:
        raise sweep.errors[0]
    return dict(sweep.counts)


def _go_on(sweep: ExpirySweep, expiries: ExpiryRepository, position: dict[str, str]) -> dict[str, str]:
    """See to the records after a position; the position where time ran out, or nothing at the end."""
    begun = position.pop("kind", _KINDS[0])
    for kind in _KINDS[_KINDS.index(begun) :]:
        last = position if kind == begun else {}
        for key, doc in expiries.records(kind, last):
            if sweep.out_of_time():
                return {"kind": kind, **last}
            last = key
            _tell_of(sweep, expiries, kind, doc)
    return {}


def _tell_of(sweep: ExpirySweep, expiries: ExpiryRepository, kind: str, doc: str) -> None:
    sweep.counts["records"] += 1
    try:
        for expiring in expiring_of(_record(kind, doc), sweep.at):
            days = expiring.threshold(sweep.at)
            if days is not None and not expiries.is_told(expiring, days):
                sweep.world.notifier.key_expiring(expiring, days, timestamp(sweep.at))
                expiries.told(expiring, days)
                sweep.counts["told"] += 1
    except Exception as error:
        named = as_ferry_error(error)
        sweep.errors.append(named)
        logger.exception("expiries could not be told", kind=kind, error_type=type(named).__name__)


def _record(kind: str, doc: str) -> Record:
    if kind == "USER":
        return User.model_validate_json(doc)
    return KeyRing.model_validate_json(doc) if kind == "KEYRING" else Destination.model_validate_json(doc)


def expiring_of(record: Record, at: datetime) -> Iterator[Expiring]:
    """Everything in use of a record that has an end. A record that is disabled has nothing in use."""
    if isinstance(record, User):
        yield from _of_user(record)
    elif isinstance(record, KeyRing):
        yield from _of_ring(record, timestamp(at))
    elif isinstance(record.target, HttpsDestination) and record.target.ca_certificate:
        yield from _of_certificates(record, record.target.ca_certificate)


def _of_user(user: User) -> Iterator[Expiring]:
    for key in user.public_keys if user.enabled else ():
        if key.expires_at:
            try:
                identity = parse_public_key(key.key).blob
            except NotAPublicKey:
                identity = key.key
            at = timestamp(parse_time(key.expires_at))
            yield Expiring("ssh_key", user.tenant, user.id, identity, key.label, at)


def _of_ring(ring: KeyRing, at: str) -> Iterator[Expiring]:
    for key in ring.keys:
        if key.expires_at and key.state(at) in (KeyState.VALID, KeyState.PENDING):
            yield Expiring("pgp_key", ring.tenant, ring.id, key.fingerprint, key.label, key.expires_at)


def _of_certificates(destination: Destination, pem: str) -> Iterator[Expiring]:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    try:
        certificates = x509.load_pem_x509_certificates(pem.encode())
    except ValueError:  # deliveries fail for it, and say so; the sweep has nothing to tell
        return
    for certificate in certificates:
        fingerprint = certificate.fingerprint(hashes.SHA256()).hex()
        ends: Any = certificate.not_valid_after_utc
        name = certificate.subject.rfc4514_string()
        yield Expiring("ca_certificate", destination.tenant, destination.id, fingerprint, name, timestamp(ends))
