"""Step Functions and the worker enter the same states, call the functions alike and come to the same end."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from asl.testing import Case
from tests.workflows.case_files import case_paths, definition_of, load, workflow_of
from tests.workflows.engine import Engine, Outcome
from tests.workflows.executions import Executions
from tests.workflows.task_stub import TaskStub
from tests.workflows.worker_engine import worker_engine

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


@pytest.mark.parametrize("path", case_paths(), ids=lambda path: path.stem)
def test_the_worker_goes_the_way_of_step_functions(
    path: Path, sfn: SFNClient, functions: TaskStub, tmp_path: Path
) -> None:
    case = load(path)

    on_step_functions = _seen(Executions(sfn, functions), case)
    with worker_engine(tmp_path) as worker:
        in_the_worker = _seen(worker, case)

    assert in_the_worker == on_step_functions


_EMULATORS_OWN = re.compile(r"No callback within \d+ seconds")
"""What MiniStack gives as the cause of a task token's time-out; AWS gives none."""


def _seen(engine: Engine, case: Case) -> dict[str, Any]:
    outcome = engine.run(definition_of(workflow_of(case)), case.input, case.answers)
    return {
        "states": outcome.path,
        "status": outcome.status,
        "output": _plain(outcome.output),
        "error": outcome.error,
        "cause": _plain(outcome.cause),
        "calls": _plain(_calls(outcome)),
    }


def _plain(value: Any) -> Any:
    return json.loads(_EMULATORS_OWN.sub("", json.dumps(value)))


def _calls(outcome: Outcome) -> list[tuple[str, dict[str, Any]]]:
    """Without the task tokens, which are never the same."""
    return [
        (call.state, {name: value for name, value in call.payload.items() if name != "task_token"})
        for call in outcome.calls
    ]
