"""Whether an answer is as the API's description says: status, media type, body."""

from __future__ import annotations

from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from control_plane.config_service.app import api as config_api
from control_plane.status_service.app import api as status_api
from fileferry.api import Operation
from fileferry.api.openapi import describe

OPERATIONS: tuple[Operation, ...] = (*config_api.operations, *status_api.operations)


@cache
def description() -> dict[str, Any]:
    return describe(OPERATIONS, "test")


@cache
def _registry() -> Registry[Any]:
    return Registry().with_resource("api:", Resource(description(), DRAFT202012))


def operation_of(method: str, path: str) -> Operation | None:
    return next((o for o in OPERATIONS if o.method == method and o.pattern.fullmatch(path)), None)


def check_answer(operation: Operation, status: int, media_type: str, value: Any) -> None:
    """Raises AssertionError, or jsonschema's ValidationError that says where the body differs."""
    _validator(str(status), operation, media_type).validate(value)


@cache
def _validator(status: str, operation: Operation, media_type: str) -> Draft202012Validator:
    responses = description()["paths"][operation.path][operation.method.lower()]["responses"]
    assert status in responses, f"{operation.id} answers {status}, which its description does not know"
    response = responses[status]
    if "$ref" in response:
        response = description()["components"]["responses"][status]
    assert media_type in response["content"], f"{operation.id} answers {status} with {media_type}"
    return Draft202012Validator(_absolute(response["content"][media_type]["schema"]), registry=_registry())


def _absolute(value: Any) -> Any:
    """References within the description, as seen from outside of it."""
    if isinstance(value, dict):
        return {
            name: f"api:{inner}" if name == "$ref" and isinstance(inner, str) else _absolute(inner)
            for name, inner in value.items()
        }
    return [_absolute(inner) for inner in value] if isinstance(value, list) else value
