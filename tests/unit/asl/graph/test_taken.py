from __future__ import annotations

from asl.graph import Passage, path_taken
from tests.unit.asl.graph.definitions import NESTED, STRAIGHT
from tests.unit.asl.histories import history

FETCH, BIG, DONE, GIVE_UP = (f"/States/{name}" for name in ("Fetch", "Big?", "Done", "Give up"))
CHECK, KEEP = (f"/States/Each/ItemProcessor/States/{name}" for name in ("Check", "Keep"))
LEFT, RIGHT = "/States/Both/Branches/0/States/Left", "/States/Both/Branches/1/States/Right"


def test_a_run_to_the_end_has_its_states_and_its_transitions() -> None:
    taken = path_taken(
        STRAIGHT,
        history(
            "ExecutionStarted",
            "TaskStateEntered Fetch",
            "TaskScheduled",
            "TaskStarted",
            "TaskSucceeded",
            "TaskStateExited Fetch",
            "ChoiceStateEntered Big?",
            "ChoiceStateExited Big?",
            "PassStateEntered Done",
            "PassStateExited Done",
            "ExecutionSucceeded",
        ),
    )
    assert taken.status == "SUCCEEDED"
    assert list(taken.states) == [FETCH, BIG, DONE]
    assert taken.edges == {(FETCH, BIG, "next"): 1, (BIG, DONE, "default"): 1}
    assert (taken.current, taken.stopped) == ((), ())


def test_retries_are_counted_and_an_error_that_was_caught_leads_over_its_catcher() -> None:
    taken = path_taken(
        STRAIGHT,
        history(
            "ExecutionStarted",
            "TaskStateEntered Fetch",
            "TaskScheduled",
            "TaskFailed Busy",
            "TaskScheduled",
            "TaskFailed Refused",
            "TaskStateExited Fetch",
            "FailStateEntered Give up",
            "ExecutionFailed Refused",
        ),
    )
    assert taken.status == "FAILED"
    assert taken.states[FETCH] == Passage(entered=1, left=1, caught=1, retried=1)
    assert taken.states[GIVE_UP] == Passage(entered=1, failed=1)
    assert taken.edges == {(FETCH, GIVE_UP, "catch"): 1}


def test_a_retry_that_succeeds_is_no_caught_error() -> None:
    taken = path_taken(
        STRAIGHT,
        history(
            "ExecutionStarted",
            "TaskStateEntered Fetch",
            "TaskScheduled",
            "TaskFailed Busy",
            "TaskScheduled",
            "TaskSucceeded",
            "TaskStateExited Fetch",
            "ChoiceStateEntered Big?",
        ),
    )
    assert taken.states[FETCH] == Passage(entered=1, left=1, retried=1)
    assert taken.edges == {(FETCH, BIG, "next"): 1}
    assert (taken.status, taken.current) == ("RUNNING", (BIG,))


def test_an_error_that_nobody_catches_fails_its_state() -> None:
    taken = path_taken(
        STRAIGHT,
        history(
            "ExecutionStarted",
            "TaskStateEntered Fetch",
            "TaskScheduled",
            "TaskTimedOut States.Timeout",
            "ExecutionFailed",
        ),
    )
    assert taken.states[FETCH].failed == 1


def test_iterations_are_counted_although_an_iteration_starts_after_another_ones_last_state() -> None:
    taken = path_taken(
        NESTED,
        history(
            "ExecutionStarted",
            "MapStateEntered Each",
            "MapStateStarted",
            "MapIterationStarted Each",
            "TaskStateEntered Check",
            "TaskStateExited Check",
            "PassStateEntered Keep",
            "PassStateExited Keep",
            "MapIterationSucceeded Each",
            "MapIterationStarted Each <8",
            "TaskStateEntered Check",
            "LambdaFunctionScheduled",
        ),
    )
    assert (taken.states[CHECK].entered, taken.states[KEEP].entered, taken.states["/States/Each"].entered) == (2, 1, 1)
    assert taken.edges == {(CHECK, KEEP, "next"): 1}
    assert taken.current == (CHECK,)


def test_a_failing_branch_is_failed_its_sibling_stopped_and_the_parallel_caught() -> None:
    taken = path_taken(
        NESTED,
        history(
            "ExecutionStarted",
            "ParallelStateEntered Both",
            "ParallelStateStarted",
            "WaitStateEntered Left <3",
            "FailStateEntered Right <3",
            "ParallelStateFailed Broken",
            "ParallelStateExited Both",
            "SucceedStateEntered Mend",
        ),
    )
    both = "/States/Both"
    assert (taken.states[RIGHT].failed, taken.states[LEFT].failed, taken.states[both].failed) == (1, 0, 0)
    assert taken.states[both].caught == 1
    assert taken.edges == {(both, "/States/Mend", "catch"): 1}
    assert taken.current == ("/States/Mend",), "what waited in the other branch is over"


def test_every_state_around_an_uncaught_error_has_failed() -> None:
    taken = path_taken(
        NESTED,
        history(
            "ExecutionStarted",
            "MapStateEntered Each",
            "MapStateStarted",
            "MapIterationStarted Each",
            "TaskStateEntered Check",
            "LambdaFunctionFailed Boom",
            "MapIterationFailed Each",
            "MapStateFailed <6",
            "ExecutionFailed Boom",
        ),
    )
    assert [name for name, passage in taken.states.items() if passage.failed] == ["/States/Each", CHECK]


def test_a_stopped_execution_tells_where_it_stood() -> None:
    taken = path_taken(
        STRAIGHT, history("ExecutionStarted", "TaskStateEntered Fetch", "TaskScheduled", "ExecutionAborted <0")
    )
    assert (taken.status, taken.stopped, taken.current) == ("ABORTED", (FETCH,), ())


def test_a_failed_expression_finds_its_state_by_name() -> None:
    taken = path_taken(
        STRAIGHT,
        history(
            "ExecutionStarted",
            "TaskStateEntered Fetch",
            "EvaluationFailed Fetch <0",
            "TaskStateExited Fetch",
            "FailStateEntered Give up",
        ),
    )
    assert taken.edges == {(FETCH, GIVE_UP, "catch"): 1}


def test_the_newest_events_first_give_the_same_way() -> None:
    events = history("ExecutionStarted", "TaskStateEntered Fetch", "TaskStateExited Fetch", "ChoiceStateEntered Big?")
    assert path_taken(STRAIGHT, list(reversed(events))) == path_taken(STRAIGHT, events)


def test_states_of_another_version_are_passed_over() -> None:
    taken = path_taken(
        STRAIGHT, history("ExecutionStarted", "PassStateEntered Gone", "PassStateExited Gone", "WaitStateEntered Pause")
    )
    assert list(taken.states) == ["/States/Pause"]


def test_a_name_that_stands_twice_is_found_where_the_way_leads() -> None:
    branch = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
    machine = {
        "StartAt": "P",
        "States": {"P": {"Type": "Parallel", "Branches": [branch], "Next": "A"}, "A": {"Type": "Pass", "End": True}},
    }
    taken = path_taken(
        machine,
        history(
            "ExecutionStarted",
            "ParallelStateEntered P",
            "ParallelStateStarted",
            "PassStateEntered A",
            "PassStateExited A",
            "ParallelStateSucceeded",
            "ParallelStateExited P <5",
            "PassStateEntered A",
        ),
    )
    assert list(taken.states) == ["/States/P", "/States/P/Branches/0/States/A", "/States/A"]
