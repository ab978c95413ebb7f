"""What belongs to whom: nobody outside can change a machine or what an execution holds."""

from __future__ import annotations

from typing import Any

import pytest

import asl

FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:work"


def one(**state: Any) -> asl.Machine:
    return asl.load({"StartAt": "S", "States": {"S": {"End": True, **state}}})


def task(**fields: Any) -> asl.Machine:
    return one(Type="Task", Resource=FUNCTION, **fields)


def distributed() -> asl.Machine:
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "P",
        "States": {"P": {"Type": "Pass", "End": True}},
    }
    reader = {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "b", "Key": "k"}}
    return one(Type="Map", ItemReader=reader, ItemProcessor=processor)


def test_a_changed_output_does_not_change_the_machine() -> None:
    machine = one(Type="Pass", Result={"x": [1]})

    machine.run().output["x"].append(2)

    assert machine.run().output == {"x": [1]}


def test_a_reader_can_change_neither_the_definition_nor_what_was_read() -> None:
    seen, rows = [], [{"a": 1}]

    def read(_resource: str, parameters: Any, _config: Any) -> Any:
        seen.append(dict(parameters))
        parameters["Bucket"] = "other"
        return rows

    machine = distributed()
    machine.run({}, reader=read).output[0]["a"] = 2
    machine.run({}, reader=read)

    assert seen == [{"Bucket": "b", "Key": "k"}] * 2
    assert rows == [{"a": 1}]


def test_what_a_reader_gives_must_be_json() -> None:
    execution = distributed().run({}, reader=lambda *_: [{1, 2}])

    assert execution.error == "States.ItemReaderFailed"


def test_an_execution_without_an_input_has_an_empty_object() -> None:
    assert one(Type="Pass").run().output == {}
    assert one(Type="Pass").run(None).output is None


def test_functions_may_be_given_by_their_resources() -> None:
    assert task().run({"n": 2}, {FUNCTION: lambda event: event["n"] + 1}).output == 3


def test_any_asl_error_that_a_task_raises_fails_it() -> None:
    def perform(_request: asl.TaskRequest) -> Any:
        raise asl.StateError("Busy", "later")

    execution = task().run({}, perform)

    assert (execution.error, execution.cause) == ("Busy", "later")
    assert [event["type"] for event in execution.history()][-2:] == ["LambdaFunctionFailed", "ExecutionFailed"]


def test_a_result_that_is_no_json_is_the_callers_to_mend() -> None:
    execution = task().start({}, clock=asl.VirtualClock())

    with pytest.raises(asl.BadTaskResult):
        asl.drive(execution, lambda _request: {1})
    asl.drive(execution, lambda _request: "mended")

    assert execution.output == "mended"


def test_a_task_that_takes_too_long_times_out_by_whatever_clock() -> None:
    clock = asl.VirtualClock()

    def slow(_request: asl.TaskRequest) -> str:
        clock.pass_until(clock.now() + 2)
        return "too late"

    assert task(TimeoutSeconds=1).run({}, slow, clock=clock).error == "States.Timeout"


def test_a_number_beyond_all_measure_is_an_asl_error() -> None:
    execution = one(Type="Wait", SecondsPath="$.s").run({"s": 10**400})

    assert execution.error == "States.Runtime"


def test_an_answer_over_the_quota_fails_the_state() -> None:
    message = {"QueueUrl": "q", "MessageBody": "m"}
    machine = one(Type="Task", Resource="arn:aws:states:::sqs:sendMessage.waitForTaskToken", Parameters=message)

    execution = machine.run({}, lambda _request: asl.Submitted("x" * 300_000, "done"))

    assert execution.error == "States.DataLimitExceeded"
