"""Which paths a route of an HTTP API catches."""

from __future__ import annotations

import pytest

from local.emulator.http_api import path_parameters


@pytest.mark.parametrize(
    ("route", "path", "parameters"),
    [
        ("/v1/things", "/v1/things", {}),
        ("/v1/things/{thing}", "/v1/things/one", {"thing": "one"}),
        ("/v1/things/{thing}", "/v1/things/o\nne", {"thing": "o\nne"}),
        ("/v1/things/{thing}/parts/{part-id}", "/v1/things/one/parts/2", {"thing": "one", "part-id": "2"}),
        ("/v1/things/{proxy+}", "/v1/things/one/parts", {"proxy": "one/parts"}),
        ("/v1/things/{proxy+}", "/v1/things/one\n/parts", {"proxy": "one\n/parts"}),
        ("/v1/things/{thing}", "/v1/things/one/parts", None),
        ("/v1/things/{thing}", "/v1/things/", None),
        ("/v1/things/{proxy+}", "/v1/things", None),
        ("/v1/t.ings", "/v1/things", None),
        ("/v1/things", "/v1/things\n", None),
    ],
)
def test_a_path_gives_the_variables_of_its_route(route: str, path: str, parameters: dict[str, str] | None) -> None:
    assert path_parameters(route, path) == parameters
