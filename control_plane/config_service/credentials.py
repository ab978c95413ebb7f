"""Credentials of destinations: they come in, go to Secrets Manager, and are never shown again."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from http import HTTPStatus

from fileferry.api import Answer, Call, Role, reply
from fileferry.clock import timestamp
from fileferry.errors import ConfigurationError, Conflict
from fileferry.model.destination import (
    Credential,
    CredentialInfo,
    CredentialKind,
    Destination,
    S3Destination,
    SftpDestination,
)
from fileferry.repositories.records import Stale, Stored
from fileferry.secrets import CURRENT, PENDING
from fileferry.services import services

from .credential_bodies import CredentialBody, given_credential
from .service import api, config

_ADDRESS = "/v1/tenants/{tenant}/destinations/{destination}/credential"


@api.operation("PUT", _ADDRESS, access=Role.TENANT_ADMIN, body=CredentialBody, answer=Destination, tagged=True)
def store_credential(call: Call) -> Answer:
    """Store the credential of an SFTP or HTTPS destination.

    It replaces the one before, which is tried for as long as the partner refuses the new one: it does not matter
    whether the partner or you change first, and no file fails in between. The answer shows what kind it is, when and by
    whom it was stored and, of a private key, the public half.
    """
    before = _keeper(call)
    given = given_credential(call.body, before.value.target.kind)
    info = _info(call, given.kind, given.public_key, given.fingerprint)
    call.note(kind=info.kind, fingerprint=info.fingerprint)
    name = _secret_name(before.value)
    if not _is_current(name, before.value, given.fields):
        _put(name, given.fields, before.value)
    kept = before.value.credential
    credential = Credential(**dict(info), secret=name, pending=kept.pending if kept else None)
    return _changed(call, before, credential)


@api.operation(
    "POST", f"{_ADDRESS}/keys", access=Role.TENANT_ADMIN, answer=Destination, status=HTTPStatus.CREATED, tagged=True
)
def create_destination_key(call: Call) -> Answer:
    """Make a new SSH key pair for an SFTP destination.

    The private key goes to Secrets Manager and nobody sees it. Give the partner `credential.pending.public_key`; once
    it is installed, activate it. Where the destination has no credential yet, the new key is its credential at once.
    """
    from fileferry.destinations.key_pairs import new_private_key, public_half

    before = _keeper(call)
    if not isinstance(before.value.target, SftpDestination):
        raise Conflict("Only an SFTP destination has a key pair.")
    private = new_private_key(f"fileferry-{call.tenant}-{before.value.id}")
    line, fingerprint = public_half(private)
    info = _info(call, "private_key", line, fingerprint)
    fields = {"private_key": private, "public_key": line}
    name, kept = _secret_name(before.value), before.value.credential
    call.note(fingerprint=fingerprint)
    if kept is None:
        _put(name, fields, before.value)
        return _changed(call, before, Credential(**dict(info), secret=name), HTTPStatus.CREATED)
    services().secret_writer.put_pending(name, json.dumps(fields))
    return _changed(call, before, kept.model_copy(update={"pending": info}), HTTPStatus.CREATED)


@api.operation("POST", f"{_ADDRESS}/activate", access=Role.TENANT_ADMIN, answer=Destination, tagged=True)
def activate_destination_key(call: Call) -> Answer:
    """Make the pending key pair the credential.

    The credential before is tried for as long as the partner refuses the new one.
    """
    before = _keeper(call)
    kept = before.value.credential
    if kept is None or kept.pending is None:
        raise Conflict("No key is pending.", todo="make one: POST .../credential/keys.")
    if kept.pending.public_key not in (_public_key(kept.secret, PENDING), _public_key(kept.secret, CURRENT)):
        raise Conflict("Another key was made at the same moment.", todo="make a new one, and give it to the partner.")
    call.note(fingerprint=kept.pending.fingerprint)
    services().secret_writer.activate(kept.secret)
    return _changed(call, before, Credential(**dict(kept.pending), secret=kept.secret))


def forget_secret(before: Destination, after: Destination) -> None:
    """Delete the secret of a credential that a destination has no more."""
    if before.credential and (after.credential is None or after.credential.secret != before.credential.secret):
        services().secret_writer.delete(before.credential.secret)


def _keeper(call: Call) -> Stored[Destination]:
    """The destination, whose credential the API may keep. Raises NoSuchRecord, Stale and Conflict."""
    before = config().destination(call.tenant, call.path["destination"])
    before.demand(call.if_match)
    if isinstance(before.value.target, S3Destination):
        raise Conflict("A bucket takes no credential: it is written as a role.", todo="set target.role_arn.")
    if named := before.value.named_secret:
        raise Conflict(
            f"The destination names the secret {named!r}, which its owner keeps.",
            todo="change it in Secrets Manager, or take it out of the destination and store the credential here.",
        )
    return before


def _secret_name(destination: Destination) -> str:
    """The secret of the destination's credential; a credential for another server never has the same one."""
    if destination.credential:
        return destination.credential.secret
    prefix = services().settings.secret_prefix
    return f"{prefix}{destination.tenant}/destinations/{destination.id}/{secrets.token_hex(4)}"


def _is_current(name: str, destination: Destination, fields: Mapping[str, str]) -> bool:
    """Whether the same is stored already: a repeat must not push the version out that the partner still takes."""
    if destination.credential is None:
        return False
    try:
        return services().secrets.fields(name) == fields
    except ConfigurationError:
        return False


def _put(name: str, fields: Mapping[str, str], destination: Destination) -> None:
    description = f"Credential of destination {destination.id} of tenant {destination.tenant}; kept by Fileferry's API."
    services().secret_writer.put(name, json.dumps(dict(fields)), description)


def _public_key(name: str, stage: str) -> str | None:
    try:
        return services().secrets.fields(name, stage).get("public_key")
    except ConfigurationError:
        return None


def _changed(
    call: Call, before: Stored[Destination], credential: Credential, status: HTTPStatus = HTTPStatus.OK
) -> Answer:
    def changed(current: Destination) -> Destination:
        return current.model_copy(update={"credential": credential, "updated_at": timestamp()})

    try:
        stored = config().change_destination(call.tenant, before.value.id, changed, before.etag)
    except Stale as error:
        raise Conflict("The destination was changed at the same moment.", todo="send the request again.") from error
    return reply(stored.value, status, ETag=stored.etag)


def _info(call: Call, kind: CredentialKind, public_key: str = "", fingerprint: str = "") -> CredentialInfo:
    return CredentialInfo(
        kind=kind, public_key=public_key, fingerprint=fingerprint, set_at=timestamp(), set_by=call.caller.id
    )
