"""Who changed or did what: an entry before each operation that is no mere reading, and its end.

An entry without a status is of a request that was cut off, or whose end could not be noted: what it did is not known
from here. Entries hold no body.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fileferry.clock import timestamp
from fileferry.repositories.audit import AuditEntry, AuditLog
from fileferry.services import services

if TYPE_CHECKING:
    from fileferry.api.app import Call


def log() -> AuditLog:
    world = services()
    return AuditLog(world.dynamodb, world.settings.keys_table, world.settings.audit_retention_days)


def begin(call: Call) -> AuditEntry:
    entry = AuditEntry(
        at=timestamp(),
        request_id=call.request_id,
        tenant=call.path.get("tenant", ""),
        caller=call.caller.id,
        caller_name=call.caller.name,
        caller_kind=call.caller.kind.value,
        source_ip=call.source_ip,
        operation=call.operation.id,
        target={name: value for name, value in call.path.items() if name != "tenant"},
    )
    log().begin(entry)
    return entry


def end(entry: AuditEntry, status: HTTPStatus, notes: Mapping[str, Any]) -> None:
    log().end(entry, status.value, notes)
