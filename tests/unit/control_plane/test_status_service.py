"""status_service: listings by each index, one job with its runs, and the wall between tenants."""

from __future__ import annotations

from typing import Any

import pytest

from fileferry.model.job import Delivery, Executor, JobStatus, PinnedWorkflow, Step
from fileferry.repositories.items import to_item
from fileferry.services import services
from tests.unit.control_plane.world import TENANT, Api, job, store_job, store_run


def _at(day: int) -> str:
    return f"2026-01-{day:02d}T00:00:00.000000Z"


@pytest.fixture
def jobs(acme: Api) -> None:
    """Ten of acme, of which every third failed and every second went by `invoices`; one of another tenant."""
    acme.post("/v1/tenants", {"id": "other", **TENANT})
    for day in range(1, 11):
        status = JobStatus.FAILED if day % 3 == 0 else JobStatus.SUCCEEDED
        route = "invoices" if day % 2 == 0 else "orders"
        store_job(job(f"j{day:02d}", created_at=_at(day), status=status, route=route))
    store_job(job("jother", "other", created_at=_at(5), reason="no route", reasons=[{"route": "a", "reason": "b"}]))


@pytest.mark.usefixtures("jobs")
@pytest.mark.parametrize(
    ("query", "days"),
    [
        ({}, range(10, 0, -1)),
        ({"status": "FAILED"}, (9, 6, 3)),
        ({"route": "invoices"}, (10, 8, 6, 4, 2)),
        ({"status": "FAILED", "route": "invoices"}, (6,)),
        ({"since": "2026-01-09"}, (10, 9)),
        ({"until": "2026-01-03T00:00:00Z"}, (2, 1)),
        ({"since": "2026-01-03T01:00:00+01:00", "until": "2026-01-06"}, (5, 4, 3)),
        ({"status": "SUCCEEDED", "route": "orders", "since": "2026-01-02"}, (7, 5)),
        ({"status": "CANCELLED"}, ()),
        ({"filename": "j0", "status": "FAILED"}, (3, 6, 9)),
        ({"filename": "j1"}, (10,)),
        ({"filename": "j0", "route": "orders", "since": "2026-01-04"}, (5, 7, 9)),
        ({"filename": "J"}, ()),
    ],
)
@pytest.mark.parametrize("limit", ["1", "2", "50"])
def test_jobs_are_listed_by_filter_the_newest_first_or_by_name(
    status: Api, query: dict[str, str], days: Any, limit: str
) -> None:
    found = status.all("/v1/tenants/acme/jobs", limit=limit, **query)
    assert [item["job_id"] for item in found] == [f"j{day:02d}" for day in days]


@pytest.mark.usefixtures("jobs")
@pytest.mark.parametrize(
    "query",
    [
        {"status": "BROKEN"},
        {"route": "Not An Id"},
        {"since": "yesterday"},
        {"since": "2026-01-02", "until": "2026-01-02"},
        {"stat": "FAILED"},
        {"cursor": "x"},
        {"filename": ""},
    ],
)
def test_a_query_that_cannot_be_understood_is_a_bad_request(status: Api, query: dict[str, str]) -> None:
    assert status.get("/v1/tenants/acme/jobs", **query).status == 400


@pytest.mark.usefixtures("jobs")
def test_a_cursor_leads_into_its_own_listing_only(status: Api) -> None:
    cursor = status.get("/v1/tenants/acme/jobs", limit="1").value["cursor"]
    assert status.get("/v1/tenants/acme/jobs", cursor=cursor).status == 200
    assert status.get("/v1/tenants/other/jobs", cursor=cursor).status == 400
    assert status.get("/v1/tenants/acme/jobs", cursor=cursor, status="FAILED").status == 400


@pytest.mark.usefixtures("jobs")
def test_a_job_of_another_tenant_is_not_found_and_looks_like_one_that_does_not_exist(status: Api) -> None:
    assert status.get("/v1/tenants/other/jobs/jother").status == 200
    foreign, absent = (status.get(f"/v1/tenants/acme/jobs/{job_id}") for job_id in ("jother", "jabsent"))
    assert foreign.status == absent.status == 404
    assert foreign.value["detail"].replace("jother", "jabsent") == absent.value["detail"]


@pytest.mark.usefixtures("jobs")
def test_the_reasons_why_no_route_took_a_file_are_shown(status: Api) -> None:
    value = status.get("/v1/tenants/other/jobs/jother").value
    assert value["reasons"] == [{"route": "a", "revision": None, "reason": "b"}]


def test_a_job_is_read_with_all_runs_their_steps_in_order_and_deliveries(acme: Api, status: Api) -> None:
    record = job("j1", run=2)
    store_job(record)
    runs = services().runs
    for number in (1, 2):
        store_run(record, number)
    ref = record.ref()
    for step in Step:
        runs.begin_step(ref, step, 0)
        runs.finish_step(ref, step, {"of": step.value})
    runs.record_delivery(ref, "bucket", Delivery(status="DELIVERED", kind="s3", name="a.csv", location="s3://b/a.csv"))
    first = record.model_copy(update={"run": 1}).ref()
    runs.begin_step(first, Step.VALIDATE, 0)
    runs.fail_step(first, Step.VALIDATE, {"error": "ContentRefused", "message": "bad", "violations": [{"line": 2}]})
    shown = status.get("/v1/tenants/acme/jobs/j1").value["runs"]
    assert [run["run"] for run in shown] == [1, 2]
    assert shown[0]["steps"]["validate"]["error"]["violations"] == [{"line": 2}]
    assert list(shown[1]["steps"]) == [step.value for step in Step]
    assert shown[1]["steps"]["stage"]["result"] == {"of": "stage"}
    assert shown[1]["deliveries"]["bucket"]["location"] == "s3://b/a.csv"


def test_a_run_shows_its_execution_or_its_pinned_version_and_not_what_the_worker_keeps(acme: Api, status: Api) -> None:
    machine = "arn:aws:states:eu-central-1:123456789012"
    executed = job("j1", run=2, execution_arn=f"{machine}:execution:transfer-v1:j1-2")
    worked = job("j2", executor=Executor.WORKER)
    pinned = PinnedWorkflow(name="transfer/v1", version_arn=f"{machine}:stateMachine:transfer-v1:3", digest="d" * 64)
    for record, number in ((executed, 1), (executed, 2), (worked, 1)):
        store_job(record)
        store_run(record, number)
    services().dynamodb.update_item(
        TableName="runs",
        Key=to_item({"job_id": "j1", "run": 1}),
        UpdateExpression="SET execution_arn = :arn",
        ExpressionAttributeValues=to_item({":arn": f"{machine}:execution:transfer-v1:j1-1"}),
    )
    services().runs.assign("j2", 1, Executor.WORKER, pinned)
    arns = [run["execution_arn"] for run in status.get("/v1/tenants/acme/jobs/j1").value["runs"]]
    assert arns == [f"{machine}:execution:transfer-v1:j1-{number}" for number in (1, 2)]
    (run,) = status.get("/v1/tenants/acme/jobs/j2").value["runs"]
    assert (run["execution_arn"], run["workflow"]) == (None, pinned.model_dump())
    assert not {"progress", "checkpoint", "mark", "woken_at", "lease_owner", "fence"} & set(run)


def test_jobs_of_a_tenant_that_does_not_exist_are_not_found(status: Api) -> None:
    assert status.get("/v1/tenants/none/jobs").status == 404
    assert status.get("/v1/tenants/none/jobs/j1").status == 404
    assert status.get("/v1/tenants/none").status == 404
