"""The audit log."""

from __future__ import annotations

from fileferry.api import Answer, Call, Paging, Role, page_answer
from fileferry.api.audit import log
from fileferry.api.operations import TimeRange
from fileferry.repositories.audit import AuditEntry

from .service import api


class AuditQuery(TimeRange, Paging):
    """Which entries, page by page."""


@api.operation(
    "GET", "/v1/tenants/{tenant}/audit", access=Role.TENANT_ADMIN, query=AuditQuery, answer=AuditEntry, listing=True
)
def list_audit(call: Call) -> Answer:
    """List who changed or did what in a tenant, the newest first."""
    return _page(call, call.tenant)


@api.operation("GET", "/v1/audit", access=Role.PLATFORM_ADMIN, query=AuditQuery, answer=AuditEntry, listing=True)
def list_platform_audit(call: Call) -> Answer:
    """List who changed or did what on the platform outside of tenants, the newest first."""
    return _page(call, "")


def _page(call: Call, tenant: str) -> Answer:
    query = call.query
    return page_answer(log().page(tenant, query.since, query.until, query.limit, query.cursor), lambda entry: entry)
