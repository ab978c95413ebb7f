"""Tenants."""

from __future__ import annotations

from http import HTTPStatus

from fileferry.api import Answer, Call, Paging, Role, page_answer
from fileferry.errors import NoSuchRecord
from fileferry.model.route import Identifier
from fileferry.model.tenant import Tenant, TenantSpec
from fileferry.repositories.pages import Page

from .service import api, config, spec_of, told


class NewTenant(TenantSpec):
    """A tenant that is to be created."""

    id: Identifier


@api.operation("GET", "/v1/tenants", access=Role.ANYONE, query=Paging, answer=Tenant, listing=True)
def list_tenants(call: Call) -> Answer:
    """List the tenants in which the caller has a role; a platform administrator has one in all."""
    if call.caller.is_platform_admin:
        page = config().tenants(call.query.limit, call.query.cursor)
    else:
        page = Page(tuple(_own_tenants(call)))
    return page_answer(page, lambda tenant: tenant)


def _own_tenants(call: Call) -> list[Tenant]:
    found = []
    for tenant in sorted(call.caller.roles):
        try:
            found.append(config().tenant(tenant).value)
        except NoSuchRecord:
            continue  # a role may be given before its tenant is made
    return found


@api.operation(
    "POST",
    "/v1/tenants",
    access=Role.PLATFORM_ADMIN,
    body=NewTenant,
    answer=Tenant,
    status=HTTPStatus.CREATED,
    tagged=True,
)
def create_tenant(call: Call) -> Answer:
    """Create a tenant."""
    tenant = call.body.id
    call.note(tenant=tenant)
    stored = config().create_tenant(tenant, spec_of(call.body, TenantSpec))
    return told(stored, created=f"/v1/tenants/{tenant}")


@api.operation("GET", "/v1/tenants/{tenant}", access=Role.VIEWER, answer=Tenant, tagged=True)
def read_tenant(call: Call) -> Answer:
    """Read a tenant."""
    return told(config().tenant(call.tenant))


@api.operation("PUT", "/v1/tenants/{tenant}", access=Role.PLATFORM_ADMIN, body=TenantSpec, answer=Tenant, tagged=True)
def replace_tenant(call: Call) -> Answer:
    """Replace a tenant's record.

    A tenant that is not enabled takes no logins and no files.
    """
    return told(config().replace_tenant(call.tenant, call.body, call.if_match))
