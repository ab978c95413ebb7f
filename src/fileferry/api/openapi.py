"""The OpenAPI 3.1 description of operations (https://spec.openapis.org/oas/v3.1.1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from fileferry.api.answers import JSON, PROBLEM
from fileferry.api.operations import OTHER_PART, PARTS, Operation
from fileferry.api.repeats import LONGEST_KEY

_REF = "#/components/schemas/{model}"
_PROBLEM: Mapping[str, Any] = {
    "title": "Problem",
    "description": "What went wrong (RFC 9457), with all mistakes of the request at once.",
    "type": "object",
    "required": ["title", "status", "detail", "request_id"],
    "properties": {
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong and what to do."},
        "request_id": {"type": "string", "description": "The function's log has it."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["detail"],
                "properties": {
                    "detail": {"type": "string"},
                    "pointer": {"type": "string", "description": "JSON pointer into the body."},
                    "parameter": {"type": "string", "description": "Name of a parameter of the query."},
                },
            },
        },
    },
}
_GATEWAY: Mapping[str, Any] = {
    "title": "GatewayMessage",
    "description": "API Gateway's own answer, before any function is called.",
    "type": "object",
    "required": ["message"],
    "properties": {"message": {"type": "string"}},
}
_MEANINGS = {
    400: "The query, a header or the JSON cannot be understood.",
    401: "No valid token or signature.",
    403: "The caller has no role that may do this, or none in this tenant.",
    404: "There is no such record; another tenant's is not told from one that does not exist.",
    405: "The address takes other methods; see `Allow`.",
    409: "The state of the record forbids it; `detail` says what to do.",
    412: "The record was changed since the entity tag was read.",
    413: "The body or the record is too large.",
    422: "The body cannot be used as it is; `errors` says where and what.",
    429: "The tenant has called too often; see `Retry-After`.",
    500: "A fault of ours; the log has it by `request_id`.",
    503: "AWS is busy; try again in a moment.",
}
_BY_GATEWAY = (401, 403, 429, 500, 503)


def describe(operations: Iterable[Operation], version: str) -> dict[str, Any]:
    """The description as a JSON value; deterministic."""
    ordered = sorted(operations, key=lambda each: (each.path, each.method))
    schemas = _Schemas(ordered)
    paths: dict[str, dict[str, Any]] = {}
    for operation in ordered:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, schemas)
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "Fileferry",
            "version": version,
            "description": "Managed file transfer: what tenants configure, what became of their files, and what to do "
            "about it.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "The stack's output ApiUrl (tokens) or IamApiUrl (SigV4)."}],
        "security": [{"token": []}, {"sigv4": []}],
        "tags": [{"name": tag} for tag in sorted({operation.tag for operation in ordered})],
        "paths": paths,
        "components": {
            "schemas": {**schemas.components, "Problem": _PROBLEM, "GatewayMessage": _GATEWAY},
            "responses": {str(status): _problem_response(status) for status in _MEANINGS},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
                "sigv4": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "AWS Signature Version 4, service `execute-api`.",
                    "x-amazon-apigateway-authtype": "awsSigv4",
                },
            },
        },
    }


class _Schemas:
    """Component schemas of all models, and the reference to each."""

    def __init__(self, operations: list[Operation]) -> None:
        inputs: list[tuple[type[BaseModel], JsonSchemaMode]] = [(o.body, "validation") for o in operations if o.body]
        outputs: list[tuple[type[BaseModel], JsonSchemaMode]] = [
            (o.answer, "serialization") for o in operations if o.answer
        ]
        self._refs, found = models_json_schema(list(dict.fromkeys([*inputs, *outputs])), ref_template=_REF)
        self.components: dict[str, Any] = dict(sorted(found.get("$defs", {}).items()))

    def taken(self, model: type[BaseModel]) -> dict[str, Any]:
        return dict(self._refs[(model, "validation")])

    def answered(self, model: type[BaseModel]) -> dict[str, Any]:
        return dict(self._refs[(model, "serialization")])


def _operation(operation: Operation, schemas: _Schemas) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "x-fileferry-role": operation.access.value,
    }
    if operation.description:
        described["description"] = operation.description
    if parameters := [*_path_parameters(operation), *_query_parameters(operation), *_headers(operation)]:
        described["parameters"] = parameters
    if operation.body:
        required = any(info.is_required() for info in operation.body.model_fields.values())
        described["requestBody"] = {
            "required": required,
            "content": {JSON: {"schema": schemas.taken(operation.body)}},
        }
    return {**described, "responses": _responses(operation, schemas)}


def _path_parameters(operation: Operation) -> Iterable[dict[str, Any]]:
    for name in operation.parts:
        pattern = "^" + PARTS.get(name, OTHER_PART).strip("^$") + "$"
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string", "pattern": pattern}}


def _query_parameters(operation: Operation) -> Iterable[dict[str, Any]]:
    if operation.query is None:
        return
    schema = operation.query.model_json_schema()
    definitions = schema.get("$defs", {})
    for name, field in schema["properties"].items():
        plain = _without_null(_inlined(field, definitions))
        description = plain.pop("description", "")
        parameter: dict[str, Any] = {"name": name, "in": "query", "required": name in schema.get("required", ())}
        yield {**parameter, **({"description": description} if description else {}), "schema": plain}


def _inlined(field: Any, definitions: Mapping[str, Any]) -> Any:
    """A query's fields are simple: references to enumerations are put in their places."""
    if isinstance(field, dict):
        if "$ref" in field:
            return definitions[field["$ref"].rpartition("/")[2]]
        return {name: _inlined(value, definitions) for name, value in field.items()}
    if isinstance(field, list):
        return [_inlined(value, definitions) for value in field]
    return field


def _without_null(field: dict[str, Any]) -> dict[str, Any]:
    """A parameter that is left out is null in the model only."""
    kinds = [kind for kind in field.get("anyOf", ()) if kind != {"type": "null"}]
    rest = {name: value for name, value in field.items() if name not in ("anyOf", "title")}
    if rest.get("default", 0) is None:
        del rest["default"]
    if len(kinds) == 1:
        return {**kinds[0], **rest}
    return {**({"anyOf": kinds} if kinds else {}), **rest}


def _headers(operation: Operation) -> Iterable[dict[str, Any]]:
    if operation.conditional:
        yield {
            "name": "If-Match",
            "in": "header",
            "required": False,
            "description": "ETag of the record as it was read; without it the last writer wins.",
            "schema": {"type": "string", "pattern": r'^(\*|(W/)?"[^"]*")$'},
        }
    if operation.method == "POST":
        yield {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "description": "A key of the caller's choice; for a day, repeats get the first answer.",
            "schema": {"type": "string", "pattern": r"^[\x21-\x7e]+$", "minLength": 1, "maxLength": LONGEST_KEY},
        }


def _responses(operation: Operation, schemas: _Schemas) -> dict[str, Any]:
    success: dict[str, Any] = {"description": HTTPStatus(operation.status).phrase}
    headers: dict[str, Any] = {}
    if operation.tagged:
        headers["ETag"] = {"description": "Entity tag of the record.", "schema": {"type": "string"}}
    if operation.status is HTTPStatus.CREATED:
        headers["Location"] = {"description": "Path of the record.", "schema": {"type": "string"}}
    if headers:
        success["headers"] = headers
    if operation.answer:
        success["content"] = {JSON: {"schema": _answer_schema(operation, schemas)}}
    errors = [400, 401, 403, 404, 405, 409, 429, 500, 503]
    if operation.conditional:
        errors.append(412)
    if operation.body:
        errors += [413, 422]
    elif operation.method == "POST":
        errors.append(422)  # an Idempotency-Key that came with another request
    return {
        str(operation.status.value): success,
        **{str(status): {"$ref": f"#/components/responses/{status}"} for status in sorted(errors)},
    }


def _answer_schema(operation: Operation, schemas: _Schemas) -> dict[str, Any]:
    assert operation.answer is not None
    one = schemas.answered(operation.answer)
    if not operation.listing:
        return one
    return {
        "type": "object",
        "required": ["items", "cursor"],
        "additionalProperties": False,
        "properties": {
            "items": {"type": "array", "items": one},
            "cursor": {
                "type": ["string", "null"],
                "description": "Pass it on, with the same filters, until it is null.",
            },
        },
    }


def _problem_response(status: int) -> dict[str, Any]:
    content = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    if status in _BY_GATEWAY:
        content[JSON] = {"schema": {"$ref": "#/components/schemas/GatewayMessage"}}
    response: dict[str, Any] = {"description": _MEANINGS[status], "content": content}
    if status in (429, 503):
        response["headers"] = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        response["headers"] = {"Allow": {"schema": {"type": "string"}}}
    return response
