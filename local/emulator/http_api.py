"""An HTTP API has the routes that its OpenAPI `Body` describes.

AWS: `AWS::ApiGatewayV2::Api` with a `Body` (SAM writes all events of an HttpApi into it) makes integrations,
authorizers and routes of it. MiniStack 1.5.33 makes an API without any route.

AWS: "a greedy path variable catches all child resources of a route" (Developer Guide, "Create routes for HTTP APIs").
MiniStack's does not catch a path with a line break in it, which is then answered by the gateway.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ministack.services import apigateway
from ministack.services.cloudformation import provisioners

from .answers import parsed

ANY = "x-amazon-apigateway-any-method"
METHODS = {"get", "put", "post", "delete", "patch", "head", "options", ANY}
AUTHORIZER_FIELDS = (
    "authorizerUri",
    "authorizerPayloadFormatVersion",
    "authorizerResultTtlInSeconds",
    "enableSimpleResponses",
)
_VARIABLE = re.compile(r"\{([^}+]+)(\+?)\}")

OpenApi = dict[str, Any]


def load(api_id: str, body: OpenApi) -> None:
    """Replace what the API has by what the description says."""
    for store in (apigateway._routes, apigateway._integrations, apigateway._authorizers):
        store[api_id] = {}
    authorizers = dict(_created_authorizers(api_id, body))
    for path, operations in (body.get("paths") or {}).items():
        for method, operation in operations.items():
            if method in METHODS:
                _create_route(api_id, _route_key(method, path), operation, body, authorizers)


def _route_key(method: str, path: str) -> str:
    if path == "/$default":
        return "$default"
    return f"{'ANY' if method == ANY else method.upper()} {path}"


def _created_authorizers(api_id: str, body: OpenApi) -> Iterator[tuple[str, dict[str, Any]]]:
    """For each security scheme with an authorizer: its name, and what a route that requires it says."""
    for name, scheme in ((body.get("components") or {}).get("securitySchemes") or {}).items():
        settings = scheme.get("x-amazon-apigateway-authorizer")
        if not settings:
            continue
        kind = settings["type"].upper()
        source = settings.get("identitySource") or ["$request.header.Authorization"]
        request = {
            "name": name,
            "authorizerType": kind,
            "jwtConfiguration": settings.get("jwtConfiguration") or {},
            "identitySource": source if isinstance(source, list) else [part.strip() for part in source.split(",")],
            **{field: settings[field] for field in AUTHORIZER_FIELDS if field in settings},
        }
        answer = parsed(apigateway._create_authorizer(api_id, request), f"authorizer {name} of the HTTP API")
        yield (
            name,
            {"authorizationType": "JWT" if kind == "JWT" else "CUSTOM", "authorizerId": answer["authorizerId"]},
        )


def _create_route(api_id: str, key: str, operation: OpenApi, body: OpenApi, authorizers: dict[str, Any]) -> None:
    route: dict[str, Any] = {"routeKey": key, **_authorization(operation, body, authorizers)}
    if integration := operation.get("x-amazon-apigateway-integration"):
        request = {
            "integrationType": integration["type"].upper(),
            "integrationUri": integration.get("uri", ""),
            "integrationMethod": integration.get("httpMethod", "POST"),
            "payloadFormatVersion": integration.get("payloadFormatVersion", "1.0"),
            "timeoutInMillis": integration.get("timeoutInMillis", 30000),
            "requestParameters": integration.get("requestParameters"),
        }
        answer = parsed(apigateway._create_integration(api_id, request), f"integration of {key}")
        route["target"] = f"integrations/{answer['integrationId']}"
    parsed(apigateway._create_route(api_id, route), f"route {key}")


def _authorization(operation: OpenApi, body: OpenApi, authorizers: dict[str, Any]) -> dict[str, Any]:
    if (operation.get("x-amazon-apigateway-auth") or {}).get("type", "").upper() == "AWS_IAM":
        return {"authorizationType": "AWS_IAM"}
    for requirement in operation.get("security", body.get("security")) or []:
        for name, scopes in requirement.items():
            if name in authorizers:
                return {**authorizers[name], "authorizationScopes": scopes or None}
            if name == "AWS_IAM":
                return {"authorizationType": "AWS_IAM"}
    return {}


def path_parameters(route_path: str, path: str) -> dict[str, str] | None:
    """`_extract_path_params`: what the variables of a route's path stand for; None where the path is another's."""
    first, *rest = _VARIABLE.split(route_path)
    names, greedy, texts = rest[::3], rest[1::3], rest[2::3]
    variables = (f"({'.+' if more else '[^/]+'}){re.escape(text)}" for more, text in zip(greedy, texts, strict=True))
    found = re.fullmatch(re.escape(first) + "".join(variables), path, re.DOTALL)
    return dict(zip(names, found.groups(), strict=True)) if found else None


def close_gap() -> None:
    """Load the Body when CloudFormation creates the API, and when the Body changes; match paths as AWS does."""
    apigateway._extract_path_params = path_parameters
    handler = provisioners._RESOURCE_HANDLERS["AWS::ApiGatewayV2::Api"]
    create, update = handler["create"], handler["update"]

    def create_api(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
        made = create(logical_id, properties, stack)
        if body := properties.get("Body"):
            load(made[0], body)
        return made

    def update_api(api_id: str, old: dict[str, Any], new: dict[str, Any], stack: str, logical_id: Any = None) -> Any:
        made = update(api_id, old, new, stack, logical_id)
        body = new.get("Body")
        if body and (body != old.get("Body") or made[0] != api_id):
            load(made[0], body)
        return made

    handler.update(create=create_api, update=update_api)
