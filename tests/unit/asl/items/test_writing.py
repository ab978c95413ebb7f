"""A Map Run's results."""

from __future__ import annotations

import json
from typing import Any

import pytest

from asl.items.writing import Child, ResultFiles, WriterConfig, preview

RUN = "arn:aws:states:us-east-1:111111111111:mapRun:csvProcess/Map:ad9b5f27-090b-3ac6-9beb-243cd77144a7"
FOLDER = "ad9b5f27-090b-3ac6-9beb-243cd77144a7"


class Store:
    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def put(self, bucket: str, key: str, content: bytes, /) -> None:
        assert bucket == "results"
        assert key not in self.objects
        self.objects[key] = content

    def parsed(self, key: str) -> Any:
        return json.loads(self.objects[key])


GOOD = Child(
    input={"n": 1},
    output=[{"ü": 1}, 2],
    name="0dbce792",
    execution_arn="arn:aws:states:us-east-1:111111111111:execution:csvProcess/Map:0dbce792",
    state_machine_arn="arn:aws:states:us-east-1:111111111111:stateMachine:csvProcess/Map",
    start_date="2025-02-04T01:49:50.099Z",
    stop_date="2025-02-04T01:49:50.163Z",
)
PLAIN = Child(input=2, output={"b": 2})
BAD = Child(input=3, status="FAILED", error="Oops", cause="It broke.", name="x")
NEVER = Child(input=4, status="PENDING")
GOOD_RECORD = {
    "ExecutionArn": GOOD.execution_arn,
    "Input": '{"n":1}',
    "InputDetails": {"Included": True},
    "Name": "0dbce792",
    "Output": '[{"ü":1},2]',
    "OutputDetails": {"Included": True},
    "RedriveCount": 0,
    "RedriveStatus": "NOT_REDRIVABLE",
    "RedriveStatusReason": "Execution is SUCCEEDED and cannot be redriven",
    "StartDate": "2025-02-04T01:49:50.099Z",
    "StateMachineArn": GOOD.state_machine_arn,
    "Status": "SUCCEEDED",
    "StopDate": "2025-02-04T01:49:50.163Z",
}
BAD_RECORD = {
    "Cause": "It broke.",
    "Error": "Oops",
    "Input": "3",
    "InputDetails": {"Included": True},
    "Name": "x",
    "RedriveCount": 0,
    "RedriveStatus": "REDRIVABLE",
    "Status": "FAILED",
}
NEVER_RECORD = {"Input": "4", "InputDetails": {"Included": True}, "Status": "PENDING"}


def written(config: dict[str, Any] | None, *children: Child, prefix: str | None = "csvJobs", **more: Any) -> Store:
    store = Store()
    files = ResultFiles(store, "results", prefix, RUN, WriterConfig.of(config, exported=True), **more)
    for child in children:
        files.add(child)
    details = files.close()
    key = details["ResultWriterDetails"]["Key"]
    assert details == {"MapRunArn": RUN, "ResultWriterDetails": {"Bucket": "results", "Key": key}}
    manifest = store.parsed(key)
    assert (manifest["DestinationBucket"], manifest["MapRunArn"]) == ("results", RUN)
    listed = [file for status in ("FAILED", "PENDING", "SUCCEEDED") for file in manifest["ResultFiles"][status]]
    assert {file["Key"]: file["Size"] for file in listed} == {
        name: len(content) for name, content in store.objects.items() if name != key
    }
    return store


def test_the_children_are_written_by_status_with_their_metadata() -> None:
    store = written(None, GOOD, BAD, NEVER)
    assert store.parsed(f"csvJobs/{FOLDER}/SUCCEEDED_0.json") == [GOOD_RECORD]
    assert store.parsed(f"csvJobs/{FOLDER}/FAILED_0.json") == [BAD_RECORD]
    assert store.parsed(f"csvJobs/{FOLDER}/PENDING_0.json") == [NEVER_RECORD]


@pytest.mark.parametrize(("prefix", "folder"), [("a/b/", f"a/b/{FOLDER}"), ("", FOLDER), (None, FOLDER)])
def test_the_prefix_is_a_folder_however_it_ends(prefix: str | None, folder: str) -> None:
    assert set(written(None, prefix=prefix).objects) == {f"{folder}/manifest.json"}


@pytest.mark.parametrize(
    ("transformation", "results"),
    [
        ("NONE", [GOOD_RECORD, PLAIN.record()]),
        ("COMPACT", [[{"ü": 1}, 2], {"b": 2}]),
        ("FLATTEN", [{"ü": 1}, 2, {"b": 2}]),
    ],
)
def test_a_transformation_forms_the_successful_results_and_leaves_failures_as_they_are(
    transformation: str, results: list[Any]
) -> None:
    config = {"Transformation": transformation}
    store = written(config, GOOD, BAD, PLAIN)
    assert store.parsed(f"csvJobs/{FOLDER}/SUCCEEDED_0.json") == results
    assert store.parsed(f"csvJobs/{FOLDER}/FAILED_0.json") == [BAD_RECORD]
    lines = preview([GOOD, PLAIN], WriterConfig.of({**config, "OutputType": "JSONL"}, exported=False))
    assert [json.loads(line) for line in lines.split("\n")] == results
    assert preview([GOOD, PLAIN], WriterConfig.of(config, exported=False)) == results


def test_json_lines_are_written_one_result_a_line() -> None:
    store = written({"Transformation": "FLATTEN", "OutputType": "JSONL"}, GOOD, PLAIN)
    assert store.objects[f"csvJobs/{FOLDER}/SUCCEEDED_0.jsonl"] == '{"ü":1}\n2\n{"b":2}'.encode()


def test_without_an_export_the_outputs_are_the_result() -> None:
    assert preview([GOOD, PLAIN], WriterConfig.of(None, exported=False)) == [[{"ü": 1}, 2], {"b": 2}]


def test_a_full_file_is_followed_by_the_next() -> None:
    children = [Child(input=None, output="x" * 10) for _ in range(5)]
    store = written({"Transformation": "COMPACT"}, *children, max_file_bytes=26)
    assert [store.parsed(f"csvJobs/{FOLDER}/SUCCEEDED_{number}.json") for number in range(3)] == [
        ["x" * 10] * 2,
        ["x" * 10] * 2,
        ["x" * 10],
    ]


def test_a_child_that_timed_out_or_was_aborted_is_among_the_failed() -> None:
    store = written(None, Child(input=1, status="TIMED_OUT"), Child(input=2, status="ABORTED"))
    assert [record["Status"] for record in store.parsed(f"csvJobs/{FOLDER}/FAILED_0.json")] == ["TIMED_OUT", "ABORTED"]
