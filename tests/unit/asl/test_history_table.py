from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import asl
from asl.history_table import columns_of, history_table
from tests.unit.asl.histories import history


def _rows(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


def test_every_event_is_a_row_with_its_time_and_its_state() -> None:
    machine = asl.load(
        {
            "StartAt": "Sleep",
            "States": {
                "Sleep": {"Type": "Wait", "Seconds": 90, "Next": "Call"},
                "Call": {
                    "Type": "Task",
                    "Resource": "arn:aws:states:::lambda:invoke",
                    "Parameters": {"FunctionName": "f"},
                    "End": True,
                },
            },
        }
    )
    execution = machine.run({"a": 1}, lambda request: {"Payload": 2})
    assert history_table(execution.history(), 90) == (
        "id    time  type                state  detail\n"
        ' 1   0.000  ExecutionStarted           {"a":1}\n'
        ' 2   0.000  WaitStateEntered    Sleep  {"a":1}\n'
        ' 3  90.000  WaitStateExited     Sleep  {"a":1}\n'
        ' 4  90.000  TaskStateEntered    Call   {"a":1}\n'
        ' 5  90.000  TaskScheduled       Call   lambda:invoke {"FunctionName":"f"}\n'
        " 6  90.000  TaskStarted         Call   lambda:invoke\n"
        ' 7  90.000  TaskSucceeded       Call   lambda:invoke {"Payload":2}\n'
        ' 8  90.000  TaskStateExited     Call   {"Payload":2}\n'
        ' 9  90.000  ExecutionSucceeded         {"Payload":2}\n'
    )


def test_events_of_iterations_and_branches_are_with_their_states_and_indented() -> None:
    text = history_table(
        history(
            "ExecutionStarted",
            "MapStateEntered Each",
            "MapStateStarted",
            "MapIterationStarted Each",
            "TaskStateEntered Check",
            "TaskScheduled",
            "TaskStateExited Check",
            "MapIterationSucceeded Each",
            "MapIterationStarted Each <7",
            "TaskStateEntered Check",
            "MapStateSucceeded <7",
            "MapStateExited Each <7",
            "ParallelStateEntered Both",
            "ParallelStateStarted",
            "TaskStateEntered Left <14",
            "TaskStateEntered Right <14",
            "TaskFailed Boom <15",
            "ParallelStateFailed Boom",
        )
    )
    column = text.index("state")
    states = [line[column:].split("  Boom")[0].rstrip() for line in text.splitlines()[1:]]
    assert states == [
        "", "Each", "Each", "Each", "  Check", "  Check", "  Check", "Each", "Each", "  Check", "Each", "Each",
        "Both", "Both", "  Left", "  Right", "  Left", "Both",
    ]  # fmt: skip


def test_errors_are_shown_with_their_cause_and_place() -> None:
    event = {"error": "States.QueryEvaluationError", "cause": "no\nsuch thing", "location": "Output", "state": "A"}
    text = history_table([{"id": 1, "type": "EvaluationFailed", "evaluationFailedEventDetails": event}])
    assert _rows(text)[1] == [
        "1",
        "EvaluationFailed",
        "A",
        "States.QueryEvaluationError",
        "in",
        "Output:",
        "no",
        "such",
        "thing",
    ]


@pytest.mark.parametrize("width", [40, 80, 100])
def test_rows_are_cut_to_the_width_also_with_wide_signs(width: int) -> None:
    events = history("ExecutionStarted", "PassStateEntered 日本")
    events[1]["stateEnteredEventDetails"]["input"] = '"' + "日本" * 100 + '"'
    assert all(columns_of(line) <= max(width, 60) for line in history_table(events, width).splitlines())


START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("first", "second", "shown"),
    [
        (START, START + timedelta(seconds=1.5), "1.500"),
        ("2026-01-01T00:00:00Z", "2026-01-01T01:02:03.400+00:00", "1:02:03"),
        (1767225600, 1767225600.25, "0.250"),
        ("yesterday", "today", ""),
    ],
)
def test_times_may_be_datetimes_texts_or_seconds(first: Any, second: Any, shown: str) -> None:
    events = [{"id": 1, "type": "A", "timestamp": first}, {"id": 2, "type": "B", "timestamp": second}]
    assert _rows(history_table(events))[2] == ["2", *([shown] if shown else []), "B"]


def test_an_empty_history_is_a_header() -> None:
    assert history_table([]) == "id  time  type  state  detail\n"
