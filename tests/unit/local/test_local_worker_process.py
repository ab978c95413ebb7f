"""The worker's process: started with its task's environment, anew when something changed, stopped as ECS stops it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.emulator.process import Emulator
from local.processes import recorded
from local.stack import Stack
from local.worker_process import WORKER, WorkerDown, log_file, start_worker, stop_worker, worker_state
from local.workspace import Workspace

ANSWERS = """
import json, os, signal, sys
from http.server import BaseHTTPRequestHandler, HTTPServer
class Health(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(STATUS if self.path == "/health" else 404)
        self.end_headers()
        self.wfile.write(b"two jobs")
    def log_message(self, *_):
        pass
def end(*_):
    print("handed on", flush=True)
    sys.exit()
signal.signal(signal.SIGTERM, end)
print(json.dumps({name: value for name, value in os.environ.items()}), flush=True)
HTTPServer(("127.0.0.1", int(os.environ["HEALTH_PORT"])), Health).serve_forever()
"""
VARIABLES = [{"Name": "WORK_QUEUE_URL", "Value": {"Ref": "WorkQueue"}}, {"Name": "TMPDIR", "Value": "/scratch"}]


class CloudFormation:
    """A deployed stack with a task definition."""

    def __init__(self, variables: list[dict[str, Any]]) -> None:
        self.variables = variables

    def client(self, _service: str, **_: Any) -> CloudFormation:
        return self

    def get_template(self, **_: Any) -> dict[str, Any]:
        container = {"Environment": self.variables}
        task = {"Properties": {"Memory": "512", "ContainerDefinitions": [container]}}
        return {"TemplateBody": {"Resources": {"WorkerTaskDefinition": task}}}

    def describe_stacks(self, **_: Any) -> dict[str, Any]:
        return {"Stacks": [{}]}

    def describe_stack_resources(self, **_: Any) -> dict[str, Any]:
        return {"StackResources": [{"LogicalResourceId": "WorkQueue", "PhysicalResourceId": "http://queue"}]}


def stack_with(home: Path, variables: list[dict[str, Any]], emulator_pid: int = 1) -> Stack:
    emulator = Emulator("http://localhost:4566", 4566, 2222, emulator_pid, "eu-central-1", "0" * 12, home)
    stack = Stack(emulator, {"WorkerRoleArn": "arn:aws:iam::000000000000:role/the-worker"})
    stack.__dict__["session"] = CloudFormation(variables)
    return stack


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """A repository whose worker only answers for its health."""
    workspace = Workspace(root=tmp_path / "root", home=tmp_path / "home")
    write_worker(workspace, ANSWERS.replace("STATUS", "200"))
    yield workspace
    stop_worker(workspace)


def write_worker(workspace: Workspace, text: str) -> None:
    module = workspace.root / "worker" / "__main__.py"
    module.parent.mkdir(parents=True, exist_ok=True)
    module.with_name("__init__.py").touch()
    module.write_text(text)
    (workspace.root / "uv.lock").touch()


def pid(workspace: Workspace) -> int | None:
    process = worker_state(workspace).process
    return process.pid if process else None


def test_the_worker_gets_what_its_task_definition_says_and_asks_for_its_roles_credentials(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "of whoever runs ferry")
    monkeypatch.setenv("AWS_PROFILE", "theirs")

    assert start_worker(workspace, stack_with(workspace.home, VARIABLES))

    given = json.loads(log_file(workspace).read_text().splitlines()[0])
    assert given["WORK_QUEUE_URL"] == "http://queue"
    assert given["MEMORY_BYTES"] == str(512 * 1024**2)
    assert Path(given["TMPDIR"]).is_dir()
    assert given["AWS_CONTAINER_CREDENTIALS_FULL_URI"] == "http://127.0.0.1:4566/v2/credentials/the-worker"
    assert given["AWS_SHARED_CREDENTIALS_FILE"] == given["AWS_CONFIG_FILE"] == os.devnull
    assert not {"AWS_ACCESS_KEY_ID", "AWS_PROFILE"} & set(given)


def test_a_worker_that_runs_as_it_should_is_left_alone(workspace: Workspace) -> None:
    stack = stack_with(workspace.home, VARIABLES)
    start_worker(workspace, stack)
    before = pid(workspace)

    assert not start_worker(workspace, stack)
    assert pid(workspace) == before is not None


def test_a_worker_whose_code_changed_is_started_anew(workspace: Workspace) -> None:
    stack = stack_with(workspace.home, VARIABLES)
    start_worker(workspace, stack)
    before = pid(workspace)
    write_worker(workspace, ANSWERS.replace("STATUS", "200") + "# changed")

    assert start_worker(workspace, stack)
    assert pid(workspace) != before
    assert "handed on" in log_file(workspace).read_text().splitlines()


@pytest.mark.parametrize(
    ("variables", "emulator"), [([*VARIABLES, {"Name": "LEASE_SECONDS", "Value": "30"}], 1), (VARIABLES, 2)]
)
def test_a_worker_whose_configuration_or_emulator_changed_is_started_anew(
    workspace: Workspace, variables: list[dict[str, Any]], emulator: int
) -> None:
    start_worker(workspace, stack_with(workspace.home, VARIABLES))
    before = pid(workspace)

    assert start_worker(workspace, stack_with(workspace.home, variables, emulator))
    assert pid(workspace) != before


def test_the_status_tells_health_and_that_a_worker_died(workspace: Workspace) -> None:
    assert worker_state(workspace).text == "not running"
    start_worker(workspace, stack_with(workspace.home, VARIABLES))
    process = recorded(workspace.home, WORKER)
    assert process is not None
    assert worker_state(workspace).text == f"process {process.pid}, healthy: two jobs"

    handle = process.handle()
    assert handle is not None
    handle.kill()
    handle.wait(10)
    assert worker_state(workspace).text.startswith("died")
    assert start_worker(workspace, stack_with(workspace.home, VARIABLES))


def test_a_worker_that_is_not_well_says_so(workspace: Workspace) -> None:
    write_worker(workspace, ANSWERS.replace("STATUS", "503"))
    start_worker(workspace, stack_with(workspace.home, VARIABLES))

    assert worker_state(workspace).text.endswith("NOT healthy: two jobs")


def test_a_worker_that_does_not_come_up_is_told_with_its_log(workspace: Workspace) -> None:
    write_worker(workspace, "raise SystemExit('no queue')")

    with pytest.raises(WorkerDown, match="no queue"):
        start_worker(workspace, stack_with(workspace.home, VARIABLES))


def test_a_stopped_worker_has_handed_its_jobs_on(workspace: Workspace) -> None:
    start_worker(workspace, stack_with(workspace.home, VARIABLES))

    assert stop_worker(workspace)
    assert log_file(workspace).read_text().splitlines()[-1] == "handed on"
    assert worker_state(workspace).text == "not running"
    assert not stop_worker(workspace)
