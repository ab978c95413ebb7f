"""Routes of a tenant and their revisions."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from http import HTTPStatus

from pydantic import Field

from fileferry.api import Answer, Call, Paging, Role, page_answer, refuse
from fileferry.model.route import Identifier, Revision, Route, RouteSpec
from fileferry.model.tenant import USER_NAME
from fileferry.repositories.route_records import RouteRecords, spec_of_route
from fileferry.services import Services, services

from . import key_rings
from .checks import key_ring_mistakes, route_mistakes
from .service import api, check_tenant, config, exists, spec_of, told


class RouteBody(RouteSpec):
    """A route as it is written, with the reason for the revision."""

    comment: str = Field("", max_length=500, description="Why this revision is made.")


class NewRoute(RouteBody):
    """A route that is to be created."""

    id: Identifier


@lru_cache(maxsize=1)
def _records(world: Services) -> RouteRecords:
    return RouteRecords(world.dynamodb, world.settings.config_table)


def records() -> RouteRecords:
    return _records(services())


@api.operation("GET", "/v1/tenants/{tenant}/routes", access=Role.VIEWER, query=Paging, answer=Route, listing=True)
def list_routes(call: Call) -> Answer:
    """List a tenant's routes in their active revisions."""
    check_tenant(call.tenant)
    return page_answer(config().routes(call.tenant, call.query.limit, call.query.cursor), lambda route: route)


@api.operation(
    "POST",
    "/v1/tenants/{tenant}/routes",
    access=Role.TENANT_ADMIN,
    body=NewRoute,
    answer=Route,
    status=HTTPStatus.CREATED,
    tagged=True,
)
def create_route(call: Call) -> Answer:
    """Create a route; its first revision is active at once."""
    check_tenant(call.tenant)
    spec = spec_of(call.body, RouteSpec)
    check_route(call.tenant, spec)
    route = call.body.id
    call.note(route=route, revision=1)
    stored = records().create_route(call.tenant, route, spec, call.caller.id, call.body.comment)
    return told(stored, created=f"/v1/tenants/{call.tenant}/routes/{route}")


@api.operation("GET", "/v1/tenants/{tenant}/routes/{route}", access=Role.VIEWER, answer=Route, tagged=True)
def read_route(call: Call) -> Answer:
    """Read a route in its active revision."""
    return told(config().route(call.tenant, call.path["route"]))


@api.operation(
    "PUT", "/v1/tenants/{tenant}/routes/{route}", access=Role.TENANT_ADMIN, body=RouteBody, answer=Route, tagged=True
)
def replace_route(call: Call) -> Answer:
    """Make a new revision of a route, active at once.

    Jobs keep the revision that they started with. A body that changes nothing makes no revision.
    """
    check_tenant(call.tenant)
    spec = spec_of(call.body, RouteSpec)
    check_route(call.tenant, spec)
    stored = records().replace_route(
        call.tenant, call.path["route"], spec, call.if_match, call.caller.id, call.body.comment
    )
    call.note(revision=stored.value.revision)
    return told(stored)


@api.operation(
    "GET",
    "/v1/tenants/{tenant}/routes/{route}/revisions",
    access=Role.VIEWER,
    query=Paging,
    answer=Revision,
    listing=True,
)
def list_revisions(call: Call) -> Answer:
    """List a route's revisions with their states, the newest first."""
    page = records().revisions(call.tenant, call.path["route"], call.query.limit, call.query.cursor)
    return page_answer(page, lambda revision: revision)


@api.operation(
    "POST",
    "/v1/tenants/{tenant}/routes/{route}/revisions",
    access=Role.TENANT_ADMIN,
    body=RouteBody,
    answer=Revision,
    status=HTTPStatus.CREATED,
    tagged=True,
)
def draft_route(call: Call) -> Answer:
    """Make a draft of a route: its next revision, which takes no files until it is activated.

    `dry-run` tells what it would do with past files.
    """
    spec = spec_of(call.body, RouteSpec)
    check_route(call.tenant, spec)
    route = call.path["route"]
    stored = records().draft_route(call.tenant, route, spec, call.caller.id, call.body.comment)
    call.note(revision=stored.value.revision)
    return told(stored, created=f"/v1/tenants/{call.tenant}/routes/{route}/revisions/{stored.value.revision}")


@api.operation(
    "GET",
    "/v1/tenants/{tenant}/routes/{route}/revisions/{revision}",
    access=Role.VIEWER,
    answer=Revision,
    tagged=True,
)
def read_revision(call: Call) -> Answer:
    """Read one revision of a route. Its content never changes; its state does."""
    return told(records().revision(call.tenant, call.path["route"], int(call.path["revision"])))


@api.operation(
    "POST",
    "/v1/tenants/{tenant}/routes/{route}/revisions/{revision}/activate",
    access=Role.TENANT_ADMIN,
    answer=Route,
    tagged=True,
)
def activate_revision(call: Call) -> Answer:
    """Make a revision of a route the active one: a draft, or an earlier one.

    New files take it; jobs keep the revision that they started with. If-Match takes the entity tag of the route, so
    that nobody activates over another's change.
    """
    route, revision = call.path["route"], int(call.path["revision"])
    check_route(call.tenant, spec_of_route(records().revision(call.tenant, route, revision).value))
    return told(records().activate_route(call.tenant, route, revision, call.if_match))


def check_route(tenant: str, spec: RouteSpec, at: str = "") -> None:
    """Raises RequestRefused (422) for whatever the model alone cannot tell of the spec, which lies `at` in the body."""

    def has_destination(name: str) -> bool:
        return exists(lambda: config().destination(tenant, name))

    def has_user(name: str) -> bool:
        return re.fullmatch(USER_NAME, name) is not None and exists(lambda: config().user(tenant, name))

    def has_key_ring(name: str) -> bool:
        return exists(lambda: key_rings.records().key_ring(tenant, name))

    mistakes = list(route_mistakes(spec, tenant, services().settings, has_destination, has_user))
    mistakes += key_ring_mistakes(spec, has_key_ring)
    refuse([replace(mistake, pointer=f"{at}{mistake.pointer}") for mistake in mistakes])
