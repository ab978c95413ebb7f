"""Destinations of a tenant."""

from __future__ import annotations

from http import HTTPStatus

from fileferry.api import Answer, Call, Paging, Role, page_answer, refuse
from fileferry.model.destination import Destination, DestinationSpec
from fileferry.model.route import Identifier
from fileferry.services import services

from .checks import destination_mistakes
from .credentials import forget_secret
from .service import api, check_tenant, config, spec_of, told


class NewDestination(DestinationSpec):
    """A destination that is to be created."""

    id: Identifier


@api.operation(
    "GET", "/v1/tenants/{tenant}/destinations", access=Role.VIEWER, query=Paging, answer=Destination, listing=True
)
def list_destinations(call: Call) -> Answer:
    """List a tenant's destinations."""
    check_tenant(call.tenant)
    page = config().destinations(call.tenant, call.query.limit, call.query.cursor)
    return page_answer(page, lambda destination: destination)


@api.operation(
    "POST",
    "/v1/tenants/{tenant}/destinations",
    access=Role.TENANT_ADMIN,
    body=NewDestination,
    answer=Destination,
    status=HTTPStatus.CREATED,
    tagged=True,
)
def create_destination(call: Call) -> Answer:
    """Create a destination: an SFTP server, an S3 bucket or an HTTPS endpoint."""
    check_tenant(call.tenant)
    spec = spec_of(call.body, DestinationSpec)
    refuse(list(destination_mistakes(spec, call.tenant, services().settings)))
    destination = call.body.id
    call.note(destination=destination)
    stored = config().create_destination(call.tenant, destination, spec)
    return told(stored, created=f"/v1/tenants/{call.tenant}/destinations/{destination}")


@api.operation(
    "GET", "/v1/tenants/{tenant}/destinations/{destination}", access=Role.VIEWER, answer=Destination, tagged=True
)
def read_destination(call: Call) -> Answer:
    """Read a destination."""
    return told(config().destination(call.tenant, call.path["destination"]))


@api.operation(
    "PUT",
    "/v1/tenants/{tenant}/destinations/{destination}",
    access=Role.TENANT_ADMIN,
    body=DestinationSpec,
    answer=Destination,
    tagged=True,
)
def replace_destination(call: Call) -> Answer:
    """Replace a destination's record.

    A credential that was stored through the API is not sent to another server: it is forgotten when host, port or
    the URL's host change, or when the destination names a secret of its own.
    """
    destination = call.path["destination"]
    check_tenant(call.tenant)
    refuse(list(destination_mistakes(call.body, call.tenant, services().settings)))
    before = config().destination(call.tenant, destination).value
    stored = config().replace_destination(call.tenant, destination, call.body, call.if_match)
    forget_secret(before, stored.value)
    return told(stored)
