"""Every case of every workflow version, on every engine."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from asl.testing import Case, Coverage, read_definition, run_case
from fileferry.model.job import JobRef
from tests.workflows.case_files import WORKFLOWS, case_paths, definition_of, load, workflow_of
from tests.workflows.engine import Call, Engine, Outcome

PATHS = case_paths()
TASKS = ("Validate", "Stage", "Transform", "Deliver", "Confirm", "Archive")


@pytest.fixture(params=PATHS, ids=lambda path: f"{path.parents[2].name}/{path.parent.name}/{path.stem}")
def case(request: pytest.FixtureRequest) -> Case:
    return load(request.param)


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    plain: dict[str, Any] = json.loads((WORKFLOWS / "cases.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(plain)
    return plain


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_case_file_follows_the_schema(path: Any, schema: dict[str, Any]) -> None:
    problems = [
        f"{error.json_path}: {error.message}"
        for error in Draft202012Validator(schema).iter_errors(json.loads(path.read_text("utf-8")))
    ]

    assert problems == []


@pytest.mark.parametrize(
    "broken",
    [
        {"tasks": {"Validate": [{"result": {}, "error": "TransientError"}]}},
        {"tasks": {"Validate": []}},
        {"expected": {"path": ["Validate"], "status": "FAILED", "output": {}}},
        {"expected": {"path": ["Validate"], "status": "ABORTED", "error": "x"}},
        {"description": "no full stop at the end of this"},
        {"inputs": {}},
    ],
)
def test_the_schema_refuses_a_case_that_means_nothing(broken: dict[str, Any], schema: dict[str, Any]) -> None:
    good = json.loads(PATHS[0].read_text("utf-8"))

    assert not Draft202012Validator(schema).is_valid({**good, **broken})


def test_a_case_starts_from_a_real_job(case: Case) -> None:
    job = JobRef.model_validate(case.input["job"])

    assert job.model_dump(mode="json") == case.input["job"]


def test_a_case_goes_as_expected(case: Case, engine: Engine) -> None:
    outcome = engine.run(definition_of(workflow_of(case)), case.input, case.answers)

    assert outcome.path == case.expected.path
    assert (outcome.status, outcome.error) == (case.expected.status, case.expected.error)
    assert outcome.output == case.expected.output
    if case.expected.cause is not None:
        assert outcome.cause == case.expected.cause
    _check_calls(case, outcome)


def _check_calls(case: Case, outcome: Outcome) -> None:
    """Each task gets the job and counts its attempts from 0; CloseRun gets the error and where it happened."""
    attempts = dict.fromkeys(TASKS, 0)
    for call in outcome.calls:
        payload = dict(call.payload)
        assert payload.pop("job") == case.input["job"]
        if call.state == "CloseRun":
            _check_close(call, [earlier.state for earlier in outcome.calls if earlier.state != "CloseRun"][-1])
            continue
        assert bool(payload.pop("task_token", "")) is (call.state == "Confirm")
        assert payload == {"attempt": attempts[call.state]}
        attempts[call.state] += 1


def _check_close(call: Call, failed: str) -> None:
    assert set(call.payload) == {"job", "error", "state"}
    assert call.payload["state"] == failed
    assert call.payload["error"]["Error"]


def test_every_workflow_version_has_cases() -> None:
    versions = {f"{path.parent.name}/{path.name.removesuffix('.asl.json')}" for path in WORKFLOWS.glob("*/*.asl.json")}

    assert versions == {workflow_of(load(path)) for path in PATHS}


@pytest.mark.parametrize("workflow", ["transfer/v1"])
def test_the_cases_take_every_way_and_meet_every_group_of_repeated_errors(workflow: str) -> None:
    coverage = Coverage(read_definition(WORKFLOWS / f"{workflow}.asl.json"))
    for case in (case for case in map(load, PATHS) if workflow_of(case) == workflow):
        run_case(coverage, case)
    met = {way.label for way in coverage.entered if way.kind == "retry"}

    assert [way for way in coverage.never if way.kind != "retry"] == []
    assert [way for way in coverage.never if way.label not in met] == []
