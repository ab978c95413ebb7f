"""JSON Schemas of what the API takes, made from the models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, RootModel, TypeAdapter

from fileferry.api import Answer, Call, Role, reply
from fileferry.errors import NoSuchRecord
from fileferry.model.destination import DestinationSpec
from fileferry.model.expectation import ExpectationSpec
from fileferry.model.key_ring import KeyRingSpec
from fileferry.model.route import Identifier, RouteSpec
from fileferry.model.subscription import SubscriptionSpec
from fileferry.model.tenant import TenantSpec, UserName, UserSpec

from .service import api

_SPECS: Mapping[str, tuple[type[BaseModel], Any]] = {
    "tenant": (TenantSpec, Identifier),
    "user": (UserSpec, UserName),
    "route": (RouteSpec, Identifier),
    "destination": (DestinationSpec, Identifier),
    "key-ring": (KeyRingSpec, Identifier),
    "expectation": (ExpectationSpec, Identifier),
    "subscription": (SubscriptionSpec, Identifier),
}


def schema_of(name: str) -> dict[str, Any]:
    """JSON Schema 2020-12 of a record as it is sent; `id` is needed to create one. Raises NoSuchRecord."""
    if name not in _SPECS:
        raise NoSuchRecord(f"There is no schema {name!r}; there are {', '.join(_SPECS)}.")
    spec, id_type = _SPECS[name]
    schema = spec.model_json_schema(by_alias=True)
    identity = {**TypeAdapter(id_type).json_schema(), "description": "Given when the record is created, then fixed."}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": name,
        "properties": {"id": identity, **schema["properties"]},
    }


class Schema(RootModel[dict[str, Any]]):
    """A JSON Schema, draft 2020-12."""


@api.operation("GET", "/v1/schemas/{name}", access=Role.ANYONE, answer=Schema)
def read_schema(call: Call) -> Answer:
    """Read the JSON Schema of what creates a record, such as a tenant, a user or a route."""
    return reply(schema_of(call.path["name"]))
