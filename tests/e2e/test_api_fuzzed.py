"""Every operation of the API's description, called on the running system with what a fuzzer makes of its schemas."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import requests
import schemathesis
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import HealthCheck, Phase, settings
from requests.auth import AuthBase
from schemathesis.checks import CHECKS as KNOWN_CHECKS
from schemathesis.checks import load_all_checks

from fileferry.model.route import IDENTIFIER
from local.api import Api
from local.temporary import System
from scripts.openapi import PLACE

TENANT = "fuzzed"
# Requests are signed whatever the fuzzer says: who may do what is tested elsewhere.
_unsecured = {name: value for name, value in json.loads(PLACE.read_text()).items() if name != "security"}
schema = schemathesis.openapi.from_dict(_unsecured)
load_all_checks()
CHECKS = KNOWN_CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_schema_conformance",
        "response_headers_conformance",
        "negative_data_rejection",
        "unsupported_method",
        "allow_header_conformance",
    ]
)


class Signed(AuthBase):
    """SigV4 as IAM's API demands it."""

    def __init__(self, system: System) -> None:
        environment = system.stack.emulator.environment()
        self._credentials = Credentials(environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"])
        self._region = system.stack.emulator.region

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        url, method = request.url or "", request.method or ""
        signed = AWSRequest(method, url, {"content-type": "application/json"}, request.body or b"")
        SigV4Auth(self._credentials, "execute-api", self._region).add_auth(signed)
        request.headers.update(
            {name: value for name, value in signed.headers.items() if name.lower() != "content-type"}
        )
        return request


@pytest.fixture(scope="module")
def base(system: System) -> str:
    """The API's address, and behind it a tenant of the fuzzer's own."""
    api = Api(system.stack)
    api.put_or_create("/v1/tenants", TENANT, {"name": "Whatever a fuzzer makes of it"})
    return api.url


@schema.parametrize()
@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_no_request_ends_in_a_fault_or_outside_of_the_description(case: Any, base: str, system: System) -> None:
    if re.fullmatch(IDENTIFIER, str((case.path_parameters or {}).get("tenant", ""))):
        case.path_parameters["tenant"] = TENANT
    response = case.call(base_url=base, auth=Signed(system))
    case.validate_response(response, checks=CHECKS)
