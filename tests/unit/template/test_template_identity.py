"""Who reaches the API's functions: by which route, with which token or signature, and what is logged about it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import control_plane.config_service.app
import control_plane.status_service.app
from control_plane.config_service.service import api as config_api
from control_plane.status_service.service import api as status_api
from fileferry.api import Api

SERVICES: dict[str, Api] = {"ConfigService": config_api, "StatusService": status_api}
ROOMS = (control_plane.config_service.app, control_plane.status_service.app)
"""Imported, so that every room has declared its operations."""
Resources = dict[str, dict[str, Any]]
APIS: dict[str, dict[str, list[str]]] = {"TokenApi": {"Token": []}, "IamApi": {"AWS_IAM": []}}
STATUS = "/v1/tenants/{tenant}/jobs", "/v1/tenants/{tenant}/explain", "/v1/workflows", "/v1/dead-letters/{proxy+}"


def _routes(resources: Resources, api: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and operation of each route."""
    for path, methods in resources[api]["Properties"]["Body"]["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def _authorizer(resources: Resources) -> dict[str, Any]:
    schemes = resources["TokenApi"]["Properties"]["Body"]["components"]["securitySchemes"]
    authorizer: dict[str, Any] = schemes["Token"]["x-amazon-apigateway-authorizer"]
    return authorizer


@pytest.mark.parametrize("api", APIS)
def test_every_route_of_an_api_demands_its_one_kind_of_authorization(
    translate: Callable[..., Resources], api: str
) -> None:
    for path, method, operation in _routes(translate(), api):
        assert operation["security"] == [APIS[api]], (path, method)


def test_both_apis_have_the_same_routes_to_the_same_functions(translate: Callable[..., Resources]) -> None:
    def targets(api: str) -> dict[tuple[str, str], str]:
        return {
            (path, method): json.dumps(operation["x-amazon-apigateway-integration"]["uri"])
            for path, method, operation in _routes(translate(), api)
        }

    assert targets("TokenApi") == targets("IamApi")
    of_status = {path for (path, _), target in targets("IamApi").items() if "StatusServiceFunction" in target}
    assert {*STATUS} < of_status
    assert {path for path, *_ in _routes(translate(), "IamApi")} - of_status == {"/v1/{proxy+}"}


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_leads_to_the_function_that_performs_it(
    translate: Callable[..., Resources], service: str
) -> None:
    targets = {
        path: json.dumps(operation["x-amazon-apigateway-integration"]["uri"])
        for path, _, operation in _routes(translate(), "TokenApi")
    }
    assert len(SERVICES[service].operations) > 5

    for operation in SERVICES[service].operations:
        taken = max((path for path in targets if _takes(path, operation.path)), key=_rank)
        assert f"{service}Function" in targets[taken], f"{operation.path} goes to {taken}"


def _takes(route: str, path: str) -> bool:
    """Whether a route takes a path, whose variables stand for themselves."""
    pattern = re.escape(route).replace(r"\{proxy\+\}", ".+")
    return re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", pattern), path) is not None


def _rank(route: str) -> tuple[bool, int]:
    """API Gateway takes a full match before a greedy one, and of these the longer (Developer Guide)."""
    return ("+}" not in route, len(route.split("/")))


def test_the_greedy_variable_is_the_one_that_the_emulator_ranks_too(translate: Callable[..., Resources]) -> None:
    for path, *_ in _routes(translate(), "TokenApi"):
        assert "+}" not in path or path.endswith("/{proxy+}"), path


@pytest.mark.parametrize("api", APIS)
def test_both_apis_are_throttled_and_log_every_request_with_its_caller(
    translate: Callable[..., Resources], api: str
) -> None:
    [stage] = [
        resource["Properties"]
        for resource in translate().values()
        if resource["Type"] == "AWS::ApiGatewayV2::Stage" and resource["Properties"]["ApiId"] == {"Ref": api}
    ]
    line = json.loads(stage["AccessLogSettings"]["Format"])

    assert stage["DefaultRouteSettings"]["ThrottlingRateLimit"] == {"Ref": "ApiRate"}
    assert (
        line["caller"]
        == {
            "TokenApi": "$context.authorizer.claims.sub",
            "IamApi": "$context.identity.userArn",
        }[api]
    )


def test_tokens_come_from_the_stacks_user_pool_or_from_the_given_issuer(translate: Callable[..., Resources]) -> None:
    configuration = _authorizer(translate())["jwtConfiguration"]

    condition, pool, given = configuration["issuer"]["Fn::If"]
    assert (condition, given) == ("WithUserPool", {"Ref": "OidcIssuer"})
    assert pool == {"Fn::Sub": "https://cognito-idp.${AWS::Region}.${AWS::URLSuffix}/${UserPool}"}
    assert configuration["audience"]["Fn::If"][2] == {"Fn::Split": [",", {"Ref": "OidcAudience"}]}


def test_an_issuer_needs_an_audience(template: dict[str, Any]) -> None:
    rule = template["Rules"]["IssuerWithAudience"]

    assert rule["RuleCondition"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "OidcIssuer"}, ""]}]}
    assert rule["Assertions"][0]["Assert"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "OidcAudience"}, ""]}]}


def test_nobody_is_a_platform_admin_by_a_default(template: dict[str, Any]) -> None:
    assert template["Parameters"]["ApiAdmins"]["Default"] == ""


def test_the_user_pool_goes_with_its_condition_and_lets_nobody_sign_up(resources: Resources) -> None:
    cognito = {name: value for name, value in resources.items() if value["Type"].startswith("AWS::Cognito::")}

    assert {value.get("Condition") for value in cognito.values()} == {"WithUserPool"}
    pool = cognito["UserPool"]["Properties"]
    assert pool["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}
    assert pool["Policies"]["PasswordPolicy"]["MinimumLength"] >= 14


def test_people_get_a_code_with_pkce_and_machines_their_own_credentials(resources: Resources) -> None:
    console, machine = (resources[name]["Properties"] for name in ("ConsoleClient", "MachineClient"))

    assert (console["GenerateSecret"], console["AllowedOAuthFlows"]) == (False, ["code"])
    assert (machine["GenerateSecret"], machine["AllowedOAuthFlows"]) == (True, ["client_credentials"])
    assert "fileferry/administer" not in machine["AllowedOAuthScopes"]
    assert not [flow for flow in console["ExplicitAuthFlows"] if "PASSWORD" in flow]
