"""OpenPGP key rings of a tenant: keys come in and are retired, private ones never come out."""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Self

from pydantic import Field, model_validator

from fileferry.api import Answer, Call, Mistake, Paging, Role, page_answer, refuse
from fileferry.clock import now, timestamp
from fileferry.errors import NoSuchRecord
from fileferry.model.job import Frozen
from fileferry.model.key_ring import (
    KeyRing,
    KeyRingSpec,
    KeyState,
    KeyUse,
    Owner,
    RingKey,
    UtcTime,
    key_secret_name,
)
from fileferry.model.route import Identifier
from fileferry.openpgp import KeyFacts, UnusableKey, generate_key, read_certificate, read_private_key
from fileferry.repositories.key_rings import KeyRingRecords
from fileferry.services import services

from .service import api, check_tenant, told

_LONGEST_KEY = 65_536


class NewKeyRing(KeyRingSpec):
    """A key ring that is to be created, without keys."""

    id: Identifier


class PrivateKey(Frozen):
    """A private key of one's own; it goes to Secrets Manager and never comes back."""

    key: str = Field(max_length=_LONGEST_KEY, repr=False, description="ASCII-armoured PRIVATE KEY BLOCK.")
    passphrase: str | None = Field(None, max_length=1000, repr=False)


class KeyToGenerate(Frozen):
    """A new key (Ed25519 and X25519), made here: its private part exists in Secrets Manager only."""

    user_id: str = Field(min_length=1, max_length=200, description="Such as `Acme files <files@acme.example>`.")
    valid_days: int = Field(730, ge=1, le=3650)


class NewKey(Frozen):
    """A key that comes into a ring: exactly one of the three ways."""

    certificate: str | None = Field(None, max_length=_LONGEST_KEY, description="The partner's, ASCII-armoured.")
    private_key: PrivateKey | None = None
    generate: KeyToGenerate | None = None
    label: str = Field("", max_length=100)
    not_before: UtcTime | None = Field(None, description="From when on we encrypt to it or sign with it; default: now.")
    retired_at: UtcTime | None = Field(None, description="From when on it is used for nothing any more.")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if sum(way is not None for way in (self.certificate, self.private_key, self.generate)) != 1:
            raise ValueError("exactly one of `certificate`, `private_key` and `generate` must be given")
        return self


class Retirement(Frozen):
    """When a key is retired."""

    at: UtcTime | None = Field(None, description="Default: now. A later time leaves an overlap.")


class KeyAnswer(Frozen):
    """A key of a ring as it is now."""

    fingerprint: str
    owner: Owner
    label: str
    user_ids: list[str]
    uses: list[KeyUse]
    state: KeyState
    primary_for: list[KeyUse] = Field(description="What we use it for, as the newest valid one: `encrypt`, `sign`.")
    certificate: str = Field(description="The public part, ASCII-armoured; of an own key it is what partners need.")
    created_at: str
    added_at: str
    expires_at: str | None
    not_before: str | None
    retired_at: str | None


class KeyWarning(Frozen):
    """Something about a key that somebody should see to."""

    fingerprint: str
    detail: str


class KeyRingAnswer(KeyRingSpec):
    """A key ring with its keys."""

    tenant: str
    id: str
    keys: list[KeyAnswer]
    warnings: list[KeyWarning] = Field(description="Keys in use that expire within 30 days.")
    created_at: str
    updated_at: str


def records() -> KeyRingRecords:
    world = services()
    return KeyRingRecords(world.dynamodb, world.settings.config_table)


def ring_answer(ring: KeyRing) -> KeyRingAnswer:
    at = timestamp()
    primary = {use: ring.primary(use, at) for use in (KeyUse.ENCRYPT, KeyUse.SIGN)}
    return KeyRingAnswer(
        description=ring.description,
        tenant=ring.tenant,
        id=ring.id,
        keys=[_key_answer(key, at, [use for use, first in primary.items() if first == key]) for key in ring.keys],
        warnings=[KeyWarning(fingerprint=key.fingerprint, detail=text) for key, text in ring.warnings(at)],
        created_at=ring.created_at,
        updated_at=ring.updated_at,
    )


def _key_answer(key: RingKey, at: str, primary_for: list[KeyUse]) -> KeyAnswer:
    shown = {name: getattr(key, name) for name in KeyAnswer.model_fields if name in RingKey.model_fields}
    return KeyAnswer(**shown, state=key.state(at), primary_for=primary_for)


def _place(call: Call, ring: str) -> str:
    return f"/v1/tenants/{call.tenant}/key-rings/{ring}"


@api.operation(
    "GET", "/v1/tenants/{tenant}/key-rings", access=Role.VIEWER, query=Paging, answer=KeyRingAnswer, listing=True
)
def list_key_rings(call: Call) -> Answer:
    """List a tenant's OpenPGP key rings."""
    check_tenant(call.tenant)
    return page_answer(records().key_rings(call.tenant, call.query.limit, call.query.cursor), ring_answer)


@api.operation(
    "POST",
    "/v1/tenants/{tenant}/key-rings",
    access=Role.TENANT_ADMIN,
    body=NewKeyRing,
    answer=KeyRingAnswer,
    status=HTTPStatus.CREATED,
    tagged=True,
)
def create_key_ring(call: Call) -> Answer:
    """Create a key ring; its keys are added afterwards."""
    check_tenant(call.tenant)
    call.note(key_ring=call.body.id)
    spec = KeyRingSpec(description=call.body.description)
    return told(
        records().create_key_ring(call.tenant, call.body.id, spec), ring_answer, created=_place(call, call.body.id)
    )


@api.operation("GET", "/v1/tenants/{tenant}/key-rings/{ring}", access=Role.VIEWER, answer=KeyRingAnswer, tagged=True)
def read_key_ring(call: Call) -> Answer:
    """Read a key ring with its keys and what is to be seen to."""
    return told(records().key_ring(call.tenant, call.path["ring"]), ring_answer)


@api.operation(
    "PUT",
    "/v1/tenants/{tenant}/key-rings/{ring}",
    access=Role.TENANT_ADMIN,
    body=KeyRingSpec,
    answer=KeyRingAnswer,
    tagged=True,
)
def replace_key_ring(call: Call) -> Answer:
    """Change what is said about a key ring; its keys stay as they are."""
    change = {"description": call.body.description}
    return _changed(call, lambda ring: ring.model_copy(update=change))


@api.operation(
    "POST",
    "/v1/tenants/{tenant}/key-rings/{ring}/keys",
    access=Role.TENANT_ADMIN,
    body=NewKey,
    answer=KeyRingAnswer,
    status=HTTPStatus.CREATED,
    tagged=True,
)
def add_key(call: Call) -> Answer:
    """Add a partner's certificate, a private key of one's own, or a key that is generated here.

    Old and new keys overlap until the old one is retired: messages to either open, signatures of either are accepted.
    We encrypt to and sign with the newest one whose `not_before` has come. A key that the ring has already takes the
    place of what it was, such as a certificate whose expiry was put off.
    """
    records().key_ring(call.tenant, call.path["ring"])
    facts, private = _read(call.body)
    secret = _store(call, facts, private) if private else None
    key = _ring_key(call.body, facts, secret)
    call.note(fingerprint=key.fingerprint, owner=key.owner.value)
    stored = records().change_key_ring(call.tenant, call.path["ring"], lambda ring: ring.with_key(key))
    return told(stored, ring_answer, created=_place(call, stored.value.id))


@api.operation(
    "POST",
    "/v1/tenants/{tenant}/key-rings/{ring}/keys/{fingerprint}/retire",
    access=Role.TENANT_ADMIN,
    body=Retirement,
    answer=KeyRingAnswer,
    tagged=True,
)
def retire_key(call: Call) -> Answer:
    """Retire a key, now or at a later time; until then it can be put off.

    The private part of a retired key stays in Secrets Manager, unused.
    """
    fingerprint = call.path["fingerprint"].lower()
    at = call.body.at or timestamp(now())

    def retired(ring: KeyRing) -> KeyRing:
        key = ring.key(fingerprint)
        if key is None:
            raise NoSuchRecord(f"Key ring {ring.id!r} of tenant {ring.tenant!r} has no key {fingerprint!r}.")
        return ring.with_key(key.model_copy(update={"retired_at": at}))

    call.note(fingerprint=fingerprint, retired_at=at)
    return _changed(call, retired)


def _changed(call: Call, changed: Callable[[KeyRing], KeyRing]) -> Answer:
    return told(records().change_key_ring(call.tenant, call.path["ring"], changed, call.if_match), ring_answer)


def _read(new: NewKey) -> tuple[KeyFacts, dict[str, str]]:
    """The key's facts, and of one's own what its secret holds. Raises RequestRefused (422)."""
    try:
        if new.certificate is not None:
            return read_certificate(new.certificate), {}
        if new.private_key is not None:
            given = new.private_key
            facts = read_private_key(given.key, given.passphrase)
            return facts, {"key": given.key, **({"passphrase": given.passphrase} if given.passphrase else {})}
    except UnusableKey as error:
        at = "/certificate" if new.certificate is not None else "/private_key/key"
        refuse([Mistake(str(error), pointer=at)])
    assert new.generate is not None
    private, facts = generate_key(new.generate.user_id, new.generate.valid_days)
    return facts, {"key": private}


def _store(call: Call, facts: KeyFacts, private: dict[str, str]) -> str:
    """Put a private key into Secrets Manager; the name of its secret."""
    world = services()
    name = key_secret_name(world.settings.secret_prefix, call.tenant, call.path["ring"], facts.fingerprint)
    world.secret_writer.put(name, json.dumps(private), "OpenPGP private key of a key ring")
    return name


def _ring_key(new: NewKey, facts: KeyFacts, secret: str | None) -> RingKey:
    return RingKey(
        fingerprint=facts.fingerprint,
        owner=Owner.OWN if secret else Owner.PARTNER,
        label=new.label,
        user_ids=list(facts.user_ids),
        uses=list(facts.uses),
        certificate=facts.certificate,
        secret=secret,
        created_at=facts.created_at,
        added_at=timestamp(),
        expires_at=facts.expires_at,
        not_before=new.not_before,
        retired_at=new.retired_at,
    )
