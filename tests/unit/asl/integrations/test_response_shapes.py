"""Results against what the APIs answer."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from asl.integrations.resource import split_resource
from asl.integrations.response_shapes import response_trouble

CASES = json.loads((Path(__file__).parent / "response_shapes.json").read_text())
SCRIPT = Path(__file__).parents[4] / "scripts/asl_response_shapes.py"


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['arn'].rpartition(':::')[2]} {case['result']}")
def test_a_result_is_checked_against_the_response_of_the_api(case: dict[str, Any]) -> None:
    resource = split_resource(case["arn"])
    assert response_trouble(resource, case["result"], complete=case.get("complete", True)) == case["trouble"]


def test_the_packaged_shapes_are_those_of_the_installed_botocore() -> None:
    done = subprocess.run([sys.executable, SCRIPT, "--check"], check=False)
    assert done.returncode == 0, "run scripts/asl_response_shapes.py"
