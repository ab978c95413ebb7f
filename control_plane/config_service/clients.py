"""Machine clients of a tenant: OAuth clients, IAM roles and users that may call the API for it."""

from __future__ import annotations

from functools import lru_cache
from http import HTTPStatus

from fileferry.api import Answer, Call, Paging, Role, page_answer
from fileferry.model.client import Client, ClientSpec
from fileferry.model.route import Identifier
from fileferry.repositories.clients import ClientWriter
from fileferry.services import Services, services

from .service import api, check_tenant, spec_of, told


class NewClient(ClientSpec):
    """A client that is to be created."""

    id: Identifier


@lru_cache(maxsize=1)
def _writer(world: Services) -> ClientWriter:
    return ClientWriter(world.dynamodb, world.settings.config_table)


def records() -> ClientWriter:
    return _writer(services())


@api.operation(
    "GET", "/v1/tenants/{tenant}/clients", access=Role.TENANT_ADMIN, query=Paging, answer=Client, listing=True
)
def list_clients(call: Call) -> Answer:
    """List the machines that may call for a tenant."""
    check_tenant(call.tenant)
    return page_answer(records().clients(call.tenant, call.query.limit, call.query.cursor), lambda client: client)


@api.operation(
    "POST",
    "/v1/tenants/{tenant}/clients",
    access=Role.TENANT_ADMIN,
    body=NewClient,
    answer=Client,
    status=HTTPStatus.CREATED,
    tagged=True,
)
def create_client(call: Call) -> Answer:
    """Let a machine call for a tenant.

    A principal, the id of an OAuth client or the ARN of an IAM role or user, belongs to one tenant at most. An OAuth
    client has the role as far as its token's scopes go; IAM callers have it whole.
    """
    check_tenant(call.tenant)
    client = call.body.id
    call.note(client=client, principal=call.body.principal, role=call.body.role)
    stored = records().create_client(call.tenant, client, spec_of(call.body, ClientSpec))
    return told(stored, created=f"/v1/tenants/{call.tenant}/clients/{client}")


@api.operation("GET", "/v1/tenants/{tenant}/clients/{client}", access=Role.TENANT_ADMIN, answer=Client, tagged=True)
def read_client(call: Call) -> Answer:
    """Read what a machine may do."""
    return told(records().client(call.tenant, call.path["client"]))


@api.operation(
    "PUT",
    "/v1/tenants/{tenant}/clients/{client}",
    access=Role.TENANT_ADMIN,
    body=ClientSpec,
    answer=Client,
    tagged=True,
)
def replace_client(call: Call) -> Answer:
    """Replace a machine's record.

    Its principal stays. A change holds within seconds, and a client that is not enabled may do nothing.
    """
    check_tenant(call.tenant)
    call.note(client=call.path["client"], role=call.body.role, enabled=call.body.enabled)
    return told(records().replace_client(call.tenant, call.path["client"], call.body, call.if_match))
