"""The API's description: current in the repository, complete, and what OpenAPI 3.1 demands."""

from __future__ import annotations

import json

from fileferry.api import Role
from scripts.openapi import PLACE, text
from tests.unit.control_plane.described import OPERATIONS, description


def test_the_description_in_the_repository_is_current() -> None:
    assert PLACE.read_text() == text(), "write it anew: make openapi"


def test_every_operation_is_described_with_its_role() -> None:
    described = {
        operation["operationId"]: operation["x-fileferry-role"]
        for path in description()["paths"].values()
        for operation in path.values()
    }
    assert described == {operation.id: operation.access.value for operation in OPERATIONS}
    assert set(described.values()) <= {role.value for role in Role}


def test_every_operation_says_what_it_does_and_what_comes_out() -> None:
    for operation in OPERATIONS:
        assert operation.summary.endswith("."), operation.id
        assert operation.answer or operation.status.value == 204, operation.id


def test_every_reference_leads_somewhere() -> None:
    references = {word.split('"')[0] for word in json.dumps(description()).split('"$ref": "')[1:]}
    assert len(references) > 10
    for reference in references:
        here = description()
        for part in reference.removeprefix("#/").split("/"):
            here = here[part]
