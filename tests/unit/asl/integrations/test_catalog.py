"""Which integrations exist."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from asl.integrations.catalog import exists, supported_by_express, unknown_resource
from asl.integrations.resource import split_resource

CASES = json.loads((Path(__file__).parent / "catalog.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["arn"])
def test_a_resource_exists_only_with_the_patterns_of_its_service(case: dict[str, Any]) -> None:
    resource = split_resource(case["arn"])
    assert exists(resource) is case["exists"]
    assert supported_by_express(resource) is case["express"]


def test_an_unknown_resource_is_refused_in_the_words_of_aws() -> None:
    assert unknown_resource("arn:aws:states:::dynamodb:query") == (
        "The resource provided arn:aws:states:::dynamodb:query is not recognized. "
        "The value is not a valid resource ARN, or the resource is not available in this region."
    )
