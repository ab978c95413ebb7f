from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from asl.graph.labels import rule_label, state_detail

CASES = json.loads(Path(__file__).with_name("labels.json").read_text(encoding="utf-8"))["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["result"])
def test_a_rule_is_labelled_with_its_condition_or_its_short_comment(case: dict[str, Any]) -> None:
    assert rule_label(case["expression"]) == case["result"]


@pytest.mark.parametrize(
    ("state", "detail"),
    [
        ({"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:1:function:pick:3"}, "lambda pick"),
        ({"Type": "Task", "Resource": "arn:aws:states:us-east-1:1:activity:print"}, "activity print"),
        ({"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:getObject"}, "s3:getObject"),
        ({"Type": "Task", "Resource": "{% $states.input.arn %}"}, "arn"),
        ({"Type": "Wait", "SecondsPath": "$.pause"}, "pause s"),
        ({"Type": "Wait", "Timestamp": "2026-01-01T00:00:00Z"}, "until 2026-01-01T00:00:00Z"),
        ({"Type": "Wait", "TimestampPath": "$.at"}, "until at"),
        ({"Type": "Fail", "Error": "Broken"}, "Broken"),
        ({"Type": "Fail", "Error": "{% $e %}"}, ""),
        ({"Type": "Parallel", "Branches": [{}]}, "1 branch"),
        ({"Type": "Map", "MaxConcurrency": 4, "Iterator": {}}, "inline, 4 at once"),
        ({"Type": "Map", "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED"}}}, "distributed"),
        ({"Type": "Pass"}, ""),
    ],
)
def test_a_state_is_described_in_a_few_words(state: dict[str, Any], detail: str) -> None:
    assert state_detail(state) == detail
