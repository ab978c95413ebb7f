"""Taking a Resource ARN apart."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from asl.errors import BadResource
from asl.integrations.resource import split_resource

CASES = json.loads((Path(__file__).parent / "resources.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["arn"])
def test_a_resource_tells_whom_it_calls_and_how_its_end_is_awaited(case: dict[str, Any]) -> None:
    if case.get("error"):
        with pytest.raises(BadResource, match="give arn:aws:lambda"):
            split_resource(case["arn"])
        return
    resource = split_resource(case["arn"])
    assert (resource.kind, resource.resource_type, resource.resource) == (case["kind"], case["type"], case["resource"])
    assert (resource.action, resource.pattern, resource.version) == (case["action"], case["pattern"], case["version"])
    assert resource.sdk == case["type"].startswith("aws-sdk:")
