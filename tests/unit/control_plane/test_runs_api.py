"""status_service: histories and workflows of runs by either executor, published versions, links to kept files."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.exceptions import ClientError

from fileferry.model.job import Executor, HistorySummary, Job, JobStatus, ObjectRef, PinnedWorkflow, Step
from fileferry.services import services
from fileferry.workflows import workflow_digest
from tests.unit.control_plane.test_operations import called
from tests.unit.control_plane.world import Api, job, store_job, store_run

ACCOUNT = "arn:aws:states:eu-central-1:123456789012"
MACHINE = f"{ACCOUNT}:stateMachine:ferry-transfer-v1"
FUNCTION = "arn:aws:lambda:eu-central-1:123456789012:function:fileferry-stage:7"
AT = datetime(2026, 11, 25, 4, 0, 0, 250_000, tzinfo=UTC)
TOKEN = "AQBsecrettoken+/="
GROUPS = "[acme:tenant-viewer]"


def _definition(function: str, comment: str = "") -> str:
    task = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Arguments": {"FunctionName": function}}
    return json.dumps({"Comment": comment, "StartAt": "Stage", "States": {"Stage": {**task, "End": True}}})


def _events(count: int) -> list[dict[str, Any]]:
    payload = json.dumps({"Payload": {"attempt": 0, "task_token": TOKEN}})
    details = {"input": json.dumps({"nested": payload}), "parameters": payload}
    return [
        {"id": n, "previousEventId": n - 1, "type": "TaskScheduled", "taskScheduledEventDetails": details}
        for n in range(1, count + 1)
    ]


class States:
    """Step Functions with one state machine of three versions, of which the first was deleted, and one execution."""

    def __init__(self) -> None:
        self.execution = f"{ACCOUNT}:execution:ferry-transfer-v1:j1-1"
        self.versions = {f"{MACHINE}:{n}": _definition(FUNCTION, f"version {n}") for n in (2, 3)}
        self.started_on = f"{MACHINE}:2"

    def describe_state_machine_alias(self, **_: str) -> Any:
        return {"routingConfiguration": [{"stateMachineVersionArn": f"{MACHINE}:3", "weight": 100}]}

    def list_state_machine_versions(self, *, stateMachineArn: str, maxResults: int, nextToken: str = "0") -> Any:  # noqa: N803
        assert stateMachineArn == MACHINE
        if not nextToken.isdigit():
            raise _error("InvalidToken")
        found = sorted(self.versions, reverse=True)[int(nextToken) :]
        answer: Any = {
            "stateMachineVersions": [{"stateMachineVersionArn": arn, "creationDate": AT} for arn in found[:maxResults]]
        }
        return {**answer, "nextToken": str(int(nextToken) + maxResults)} if len(found) > maxResults else answer

    def describe_state_machine(self, *, stateMachineArn: str) -> Any:  # noqa: N803
        if stateMachineArn not in self.versions:
            raise _error("StateMachineDoesNotExist")
        return {"definition": self.versions[stateMachineArn], "creationDate": AT}

    def _known(self, arn: str) -> None:
        if arn != self.execution:
            raise _error("ExecutionDoesNotExist")

    def describe_execution(self, *, executionArn: str) -> Any:  # noqa: N803
        self._known(executionArn)
        return {"stateMachineVersionArn": self.started_on} if self.started_on else {}

    def describe_state_machine_for_execution(self, *, executionArn: str) -> Any:  # noqa: N803
        self._known(executionArn)
        return {"definition": _definition(FUNCTION, "of the execution")}

    def get_execution_history(self, *, executionArn: str, maxResults: int, nextToken: str = "0") -> Any:  # noqa: N803
        self._known(executionArn)
        if not nextToken.isdigit():
            raise _error("InvalidToken")
        start = int(nextToken)
        page = [{**event, "timestamp": AT} for event in _events(5)[start : start + maxResults]]
        return {"events": page, **({"nextToken": str(start + maxResults)} if start + maxResults < 5 else {})}


def _error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, "Operation")


@pytest.fixture
def states(monkeypatch: pytest.MonkeyPatch) -> Iterator[States]:
    world, fake = services(), States()
    monkeypatch.setitem(world.__dict__, "sfn", fake)
    world.__dict__.pop("workflows", None)
    object.__setattr__(world.settings, "workflows", {"transfer/v1": f"{MACHINE}:live"})
    yield fake
    object.__setattr__(world.settings, "workflows", {})
    world.__dict__.pop("workflows", None)


@pytest.fixture
def executed(acme: Api, states: States) -> Job:
    record = job("j1", execution_arn=states.execution)
    store_job(record)
    store_run(record)
    return record


def _archived(content: bytes, key: str) -> ObjectRef:
    s3 = services().s3
    if "archive" not in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]:
        s3.create_bucket(Bucket="archive", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        s3.put_bucket_versioning(Bucket="archive", VersioningConfiguration={"Status": "Enabled"})
    version = s3.put_object(Bucket="archive", Key=key, Body=content)["VersionId"]
    return ObjectRef(bucket="archive", key=key, version_id=version, size=len(content), sha256="0" * 64)


@pytest.fixture
def worked(acme: Api, states: States) -> Job:
    record = job("j2", executor=Executor.WORKER)
    store_job(record)
    store_run(record)
    digest = workflow_digest(states.versions[f"{MACHINE}:2"])
    pinned = PinnedWorkflow(name="transfer/v1", version_arn=f"{MACHINE}:2", digest=digest)
    services().runs.assign("j2", 1, Executor.WORKER, pinned)
    return record


def _store_history(record: Job) -> None:
    events = [{**event, "timestamp": AT.timestamp()} for event in _events(5)]
    stored = _archived(gzip.compress(json.dumps({"events": events}).encode()), "history/acme/j2/1.json.gz")
    services().runs.keep_history(record.ref(), HistorySummary(object=stored, events=5, states=["Stage"]))


@pytest.mark.parametrize("limit", ["1", "2", "5", "200"])
def test_both_executors_histories_are_paged_alike_and_hold_no_token(
    status: Api, executed: Job, worked: Job, limit: str
) -> None:
    _store_history(worked)
    histories = [status.all(f"/v1/tenants/acme/jobs/{name}/runs/1/history", limit=limit) for name in ("j1", "j2")]
    assert histories[0] == histories[1]
    assert [event["id"] for event in histories[0]] == [1, 2, 3, 4, 5]
    assert histories[0][0]["timestamp"] == "2026-11-25T04:00:00.250000Z"
    assert "secrettoken" not in json.dumps(histories)
    assert json.loads(histories[0][0]["taskScheduledEventDetails"]["parameters"])["Payload"]["task_token"] == "…"


def test_a_historys_cursor_is_of_its_run_and_page_size(status: Api, executed: Job, worked: Job) -> None:
    _store_history(worked)
    for name, other in (("j1", "j2"), ("j2", "j1")):
        cursor = status.get(f"/v1/tenants/acme/jobs/{name}/runs/1/history", limit="2").value["cursor"]
        assert status.get(f"/v1/tenants/acme/jobs/{name}/runs/1/history", limit="2", cursor=cursor).status == 200
        assert status.get(f"/v1/tenants/acme/jobs/{name}/runs/1/history", limit="3", cursor=cursor).status == 400
        assert status.get(f"/v1/tenants/acme/jobs/{other}/runs/1/history", limit="2", cursor=cursor).status == 400


def test_a_run_without_a_history_says_why(status: Api, executed: Job, worked: Job, states: States) -> None:
    address = "/v1/tenants/acme/jobs/{}/runs/{}/{}"
    assert "when the run ends" in status.get(address.format("j2", 1, "history")).value["detail"]
    assert status.get(address.format("j2", 2, "history")).status == 404
    assert status.get(address.format("j1", "0", "history")).status == 404
    states.execution = "forgotten"
    for what in ("history", "workflow"):
        assert "any more" in status.get(address.format("j1", 1, what)).value["detail"]


def test_a_run_shows_the_version_that_it_runs_whoever_runs_it(
    status: Api, acme: Api, executed: Job, worked: Job
) -> None:
    services().config.route_revision("acme", "orders", 1)
    shown = [status.get(f"/v1/tenants/acme/jobs/{name}/runs/1/workflow").value for name in ("j1", "j2")]
    assert shown[0] == shown[1]
    assert (shown[0]["name"], shown[0]["version"], shown[0]["version_arn"]) == ("transfer/v1", 2, f"{MACHINE}:2")
    assert shown[0]["definition"]["Comment"] == "version 2"
    assert shown[0]["definition"]["States"]["Stage"]["Arguments"]["FunctionName"] == "${StageFunction}"
    assert shown[0]["digest"] == workflow_digest(_definition("${StageFunction}", "version 2"))


@pytest.mark.parametrize(("started_on", "version"), [(f"{MACHINE}:1", 1), ("", None)])
def test_an_execution_of_a_deleted_version_or_of_none_still_tells_what_it_runs(
    status: Api, executed: Job, states: States, started_on: str, version: int | None
) -> None:
    states.started_on = started_on
    shown = status.get("/v1/tenants/acme/jobs/j1/runs/1/workflow").value
    assert (shown["version"], shown["definition"]["Comment"]) == (version, "of the execution")


def test_a_run_that_was_not_started_or_whose_version_is_gone_has_no_workflow(
    status: Api, worked: Job, states: States
) -> None:
    held = job("j3", status=JobStatus.RECEIVED)
    store_job(held)
    store_run(held)
    assert "not been started" in status.get("/v1/tenants/acme/jobs/j3/runs/1/workflow").value["detail"]
    states.versions.clear()
    assert "any more" in status.get("/v1/tenants/acme/jobs/j2/runs/1/workflow").value["detail"]


@pytest.mark.parametrize("limit", ["1", "50"])
def test_every_caller_with_a_role_lists_and_reads_published_versions(status: Api, states: States, limit: str) -> None:
    listed = called(status, GROUPS, "GET", "/v1/workflows").value["items"]
    assert listed == [{"name": "transfer/v1", "live_version": 3}]
    versions = status.all("/v1/workflows/transfer/v1/versions", limit=limit)
    at = "2026-11-25T04:00:00.250000Z"
    assert versions == [
        {"name": "transfer/v1", "version": number, "created_at": at, "live": number == 3} for number in (3, 2)
    ]
    one = called(status, GROUPS, "GET", "/v1/workflows/transfer/v1/versions/2").value
    assert (one["version"], one["live"], one["definition"]["Comment"]) == (2, False, "version 2")
    assert "arn:aws:lambda" not in json.dumps(one)
    assert called(status, "", "GET", "/v1/workflows").status == 403


@pytest.mark.parametrize(
    "path", ["transfer/v2/versions", "transfer/v1/versions/1", "transfer/v1/versions/x", "transfer"]
)
def test_a_workflow_or_version_that_is_none_is_not_found(status: Api, states: States, path: str) -> None:
    assert status.get(f"/v1/workflows/{path}").status == 404


def _finished(record: Job, outcome: dict[str, Any], result: dict[str, Any] | None = None) -> None:
    runs = services().runs
    if result:
        runs.begin_step(record.ref(), Step.ARCHIVE, 0)
        runs.finish_step(record.ref(), Step.ARCHIVE, result)
    runs.close(record.ref(), JobStatus.QUARANTINED, None, outcome)


@pytest.mark.parametrize(
    ("what", "key"),
    [
        ("quarantined", 'quarantine/acme/j1/a "b" %41 ü.csv'),
        ("duplicate", "duplicate/acme/j1/a.csv"),
        ("archived-original", "archive/acme/2026/01/01/j1/original/a.csv"),
        ("archived-delivered", "archive/acme/2026/01/01/j1/delivered/a.parquet"),
    ],
)
def test_a_link_is_for_minutes_for_one_version_and_has_the_files_name(
    status: Api, executed: Job, what: str, key: str
) -> None:
    kept = _archived(b"content", key)
    newer = _archived(b"newer", key)
    name = {"quarantined": "quarantined", "duplicate": "stored"}.get(what)
    part = what.removeprefix("archived-")
    _finished(executed, {name: kept.model_dump()} if name else {}, None if name else {part: kept.model_dump()})
    reply = status.post("/v1/tenants/acme/jobs/j1/download", {"what": what})
    assert reply.status == 200, reply
    assert (reply.value["filename"], reply.value["size"], reply.value["run"]) == (key.rsplit("/", 1)[-1], 7, 1)
    query = {name: values[0] for name, values in parse_qs(urlsplit(reply.value["url"]).query).items()}
    assert query["versionId"] == kept.version_id != newer.version_id
    assert query["X-Amz-Algorithm"] == "AWS4-HMAC-SHA256"
    assert query["X-Amz-Expires"] == "300"
    assert query["response-content-disposition"].startswith("attachment; filename=")
    assert query["response-content-type"] == "application/octet-stream"
    if what == "quarantined":
        assert query["response-content-disposition"] == (
            "attachment; filename=\"a _b_ _41 _.csv\"; filename*=UTF-8''a%20%22b%22%20%2541%20%C3%BC.csv"
        )


def test_what_is_not_kept_or_not_any_more_is_not_found(status: Api, executed: Job) -> None:
    assert status.post("/v1/tenants/acme/jobs/j1/download", {"what": "quarantined"}).status == 404
    kept = _archived(b"content", "quarantine/acme/j1/a.csv")
    _finished(executed, {"quarantined": kept.model_dump()})
    body = {"what": "quarantined"}
    assert status.post("/v1/tenants/acme/jobs/j1/download", {**body, "run": 2}).status == 404
    assert status.post("/v1/tenants/acme/jobs/j1/download", {**body, "run": 1}).status == 200
    services().s3.delete_object(Bucket="archive", Key=kept.key, VersionId=kept.version_id)
    assert status.post("/v1/tenants/acme/jobs/j1/download", body).status == 404
    assert status.post("/v1/tenants/acme/jobs/j1/download", {"what": "all"}).status == 422


def test_a_link_needs_an_operator_is_audited_and_given_once(acme: Api, status: Api, executed: Job) -> None:
    kept = _archived(b"content", "quarantine/acme/j1/a.csv")
    _finished(executed, {"quarantined": kept.model_dump()})
    address, body = "/v1/tenants/acme/jobs/j1/download", {"what": "quarantined"}
    assert called(status, GROUPS, "POST", address, body).status == 403
    headers = {"idempotency-key": "once"}
    replies = [called(status, "[acme:tenant-operator]", "POST", address, body, headers=headers) for _ in range(2)]
    assert [reply.status for reply in replies] == [200, 409]
    entry = next(e for e in acme.all("/v1/tenants/acme/audit") if e["operation"] == "downloadFile")
    assert entry["details"] == {"what": "quarantined", "run": 1, "key": kept.key, "version_id": kept.version_id}
    assert "X-Amz-Signature" not in json.dumps(acme.all("/v1/tenants/acme/audit"))
