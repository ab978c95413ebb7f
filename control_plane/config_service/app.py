"""config_service: create, read, replace and list tenants, users, routes and destinations (docs/api.md)."""

from __future__ import annotations

import re
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools import Logger

from fileferry.errors import NoSuchRecord
from fileferry.http_api import Answer, HttpApi, RequestRefused, answer, page_answer, page_size, path_part, refuse
from fileferry.ingest_key import home_prefix
from fileferry.model.destination import DestinationSpec
from fileferry.model.job import Frozen
from fileferry.model.route import IDENTIFIER, Identifier, RouteSpec
from fileferry.model.tenant import USER_NAME, TenantSpec, User, UserName, UserSpec
from fileferry.repositories.config_writes import ConfigWriter, Stored
from fileferry.services import Services, services

from .bodies import new_record, replacement
from .checks import destination_mistakes, route_mistakes, user_mistakes
from .schemas import schema_of

logger = Logger(service="fileferry", use_rfc3339=True)
api = HttpApi(logger)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answers one request of the HTTP API (payload format 2.0)."""
    return api.resolve(event, context)


@lru_cache(maxsize=1)
def _writer(world: Services) -> ConfigWriter:
    return ConfigWriter(world.dynamodb, world.settings.config_table)


def config() -> ConfigWriter:
    return _writer(services())


# Tenants


@api.get("/v1/tenants")
def list_tenants() -> Answer:
    return page_answer(config().tenants(*_paging()), show)


@api.post("/v1/tenants")
def create_tenant() -> Answer:
    tenant, spec = new_record(api.body(), TenantSpec, Identifier)
    return created(config().create_tenant(tenant, spec), f"/v1/tenants/{tenant}")


@api.get("/v1/tenants/<tenant>")
def read_tenant(tenant: str) -> Answer:
    return found(config().tenant(_id(tenant, "tenant")))


@api.put("/v1/tenants/<tenant>")
def replace_tenant(tenant: str) -> Answer:
    tenant = _existing(tenant)
    spec = replacement(api.body(), TenantSpec, {"id": tenant})
    return written(config().replace_tenant(tenant, spec, if_match()))


# Users


@api.get("/v1/tenants/<tenant>/users")
def list_users(tenant: str) -> Answer:
    return page_answer(config().users(_existing(tenant), *_paging()), show)


@api.post("/v1/tenants/<tenant>/users")
def create_user(tenant: str) -> Answer:
    tenant = _existing(tenant)
    user, spec = new_record(api.body(), UserSpec, UserName)
    refuse(list(user_mistakes(spec)))
    return created(config().create_user(tenant, user, spec), f"/v1/tenants/{tenant}/users/{user}")


@api.get("/v1/tenants/<tenant>/users/<user>")
def read_user(tenant: str, user: str) -> Answer:
    return found(config().user(_id(tenant, "tenant"), _user(user)))


@api.put("/v1/tenants/<tenant>/users/<user>")
def replace_user(tenant: str, user: str) -> Answer:
    tenant, user = _existing(tenant), _user(user)
    spec = replacement(api.body(), UserSpec, {"tenant": tenant, "id": user})
    refuse(list(user_mistakes(spec)))
    return written(config().replace_user(tenant, user, spec, if_match()))


# Destinations


@api.get("/v1/tenants/<tenant>/destinations")
def list_destinations(tenant: str) -> Answer:
    return page_answer(config().destinations(_existing(tenant), *_paging()), show)


@api.post("/v1/tenants/<tenant>/destinations")
def create_destination(tenant: str) -> Answer:
    tenant = _existing(tenant)
    destination, spec = new_record(api.body(), DestinationSpec, Identifier)
    refuse(list(destination_mistakes(spec, tenant, services().settings)))
    stored = config().create_destination(tenant, destination, spec)
    return created(stored, f"/v1/tenants/{tenant}/destinations/{destination}")


@api.get("/v1/tenants/<tenant>/destinations/<destination>")
def read_destination(tenant: str, destination: str) -> Answer:
    return found(config().destination(_id(tenant, "tenant"), _id(destination, "destination")))


@api.put("/v1/tenants/<tenant>/destinations/<destination>")
def replace_destination(tenant: str, destination: str) -> Answer:
    tenant, destination = _existing(tenant), _id(destination, "destination")
    spec = replacement(api.body(), DestinationSpec, {"tenant": tenant, "id": destination})
    refuse(list(destination_mistakes(spec, tenant, services().settings)))
    return written(config().replace_destination(tenant, destination, spec, if_match()))


# Routes


@api.get("/v1/tenants/<tenant>/routes")
def list_routes(tenant: str) -> Answer:
    return page_answer(config().routes(_existing(tenant), *_paging()), show)


@api.post("/v1/tenants/<tenant>/routes")
def create_route(tenant: str) -> Answer:
    tenant = _existing(tenant)
    route, spec = new_record(api.body(), RouteSpec, Identifier)
    _check_route(tenant, spec)
    return created(config().create_route(tenant, route, spec, api.requester), f"/v1/tenants/{tenant}/routes/{route}")


@api.get("/v1/tenants/<tenant>/routes/<route>")
def read_route(tenant: str, route: str) -> Answer:
    return found(config().route(_id(tenant, "tenant"), _id(route, "route")))


@api.put("/v1/tenants/<tenant>/routes/<route>")
def replace_route(tenant: str, route: str) -> Answer:
    tenant, route = _existing(tenant), _id(route, "route")
    spec = replacement(api.body(), RouteSpec, {"tenant": tenant, "id": route})
    _check_route(tenant, spec)
    return written(config().replace_route(tenant, route, spec, if_match(), api.requester))


@api.get("/v1/tenants/<tenant>/routes/<route>/revisions")
def list_revisions(tenant: str, route: str) -> Answer:
    tenant, route = _id(tenant, "tenant"), _id(route, "route")
    config().route(tenant, route)
    return page_answer(config().revisions(tenant, route, *_paging()), show)


@api.get("/v1/tenants/<tenant>/routes/<route>/revisions/<revision>")
def read_revision(tenant: str, route: str, revision: str) -> Answer:
    if not re.fullmatch(r"[1-9][0-9]{0,8}", revision):
        raise NoSuchRecord(f"{revision!r} is no revision: they are numbered from 1 on.")
    return found(config().revision(_id(tenant, "tenant"), _id(route, "route"), int(revision)))


# Schemas


@api.get("/v1/schemas/<name>")
def read_schema(name: str) -> Answer:
    return answer(schema_of(name))


# What they share


def show(record: Frozen) -> dict[str, Any]:
    """A record as it is answered: whole, and a user with its place in the ingest bucket."""
    shown = record.model_dump(mode="json", by_alias=True)
    if isinstance(record, User):
        settings = services().settings
        prefix = home_prefix(settings.region, record.tenant, record.id, settings.shards)
        shown["home"] = {"bucket": settings.ingest_bucket, "prefix": f"{prefix}/"}
    return shown


def created(stored: Stored[Any], location: str) -> Answer:
    return answer(show(stored.value), HTTPStatus.CREATED, ETag=stored.etag, Location=location)


def written(stored: Stored[Any]) -> Answer:
    return answer(show(stored.value), ETag=stored.etag)


def found(stored: Stored[Any]) -> Answer:
    return answer(show(stored.value), ETag=stored.etag)


def if_match() -> str | None:
    """The entity tag that the record must have; None when the request leaves it open. Raises RequestRefused (400)."""
    text = (api.header("if-match") or "*").strip()
    if text == "*":
        return None
    if not re.fullmatch(r'(W/)?"[^"]*"', text):
        raise RequestRefused(
            HTTPStatus.BAD_REQUEST, 'If-Match must be one entity tag in quotes, as ETag gave it, or "*".'
        )
    return text


def _paging() -> tuple[int, str | None]:
    parameters = api.parameters("limit", "cursor")
    return page_size(parameters), parameters.get("cursor")


def _user(raw: str) -> str:
    return _id(raw, "user", USER_NAME)


def _id(raw: str, what: str, pattern: str = IDENTIFIER) -> str:
    value = path_part(raw)
    if not re.fullmatch(pattern, value):
        raise NoSuchRecord(f"There is no {what} {value!r}.")
    return value


def _existing(raw: str) -> str:
    """The id of a tenant that exists. Raises NoSuchRecord."""
    return config().tenant(_id(raw, "tenant")).value.id


def _check_route(tenant: str, spec: RouteSpec) -> None:
    def has_destination(name: str) -> bool:
        return _exists(lambda: config().destination(tenant, name))

    def has_user(name: str) -> bool:
        return _exists(lambda: config().user(tenant, _user(name)))

    refuse(list(route_mistakes(spec, tenant, services().settings, has_destination, has_user)))


def _exists(read: Any) -> bool:
    try:
        read()
    except NoSuchRecord:
        return False
    return True
