"""What a Map goes over; the rest stands in tests/conformance."""

from __future__ import annotations

import asl


def test_items_given_as_an_object_fail_the_state() -> None:
    processor = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
    state = {"Type": "Map", "Items": {"a": "{% 1 %}"}, "ItemProcessor": processor, "End": True}

    execution = asl.load({"QueryLanguage": "JSONata", "StartAt": "M", "States": {"M": state}}).run()

    assert execution.error == "States.QueryEvaluationError"
    assert execution.cause is not None
    assert execution.cause.endswith('Map state input must be an array but was: {"a":1}')
