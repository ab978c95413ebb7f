"""When failed items make a Map fail, and the limits that may be given."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from asl.errors import ExceedToleratedFailureThreshold, RuntimeFailure
from asl.items import tolerance
from asl.items.tolerance import Tolerance

HERE = Path(__file__).parent


@pytest.mark.parametrize("case", json.loads((HERE / "tolerances.json").read_text()), ids=str)
def test_a_run_fails_once_more_items_failed_than_either_limit_allows(case: dict[str, Any]) -> None:
    limits = Tolerance(case["count"], case["percentage"])
    assert limits.exceeded(case["failed"], case["total"]) is case["exceeded"]
    if case["exceeded"]:
        with pytest.raises(ExceedToleratedFailureThreshold) as failure:
            limits.check(case["failed"], case["total"])
        assert failure.value.error == "States.ExceedToleratedFailureThreshold"
        assert failure.value.cause == "The specified tolerated failure threshold was exceeded"
    else:
        limits.check(case["failed"], case["total"])


@pytest.mark.parametrize("case", json.loads((HERE / "limits.json").read_text()), ids=str)
def test_a_limit_is_taken_or_refused_in_the_words_of_aws(case: dict[str, Any]) -> None:
    function, *arguments = case["given"]
    if "error" in case:
        with pytest.raises(RuntimeFailure) as failure:
            getattr(tolerance, function)(*arguments, case["value"])
        assert failure.value.cause == case["error"]
    else:
        result = getattr(tolerance, function)(*arguments, case["value"])
        assert result == case["result"]
        assert type(result) is type(case["result"])
