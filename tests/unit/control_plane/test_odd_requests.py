"""Requests that no client should send, and that are no error of ours all the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from fileferry.clock import timestamp
from fileferry.model.bulk_action import BulkAction, BulkFilter, BulkStatus
from fileferry.model.job import Action, Executor, HistorySummary, JobStatus, ObjectRef
from fileferry.repositories.pages import encode_cursor
from fileferry.services import services
from tests.unit.control_plane.world import Api, job, store_job, store_run
from tests.unit.router.world import client_error


@pytest.fixture(autouse=True)
def _refusing_as_dynamodb() -> Iterator[None]:
    """DynamoDB refuses a BETWEEN whose bounds are the wrong way round, and a start outside of a key condition."""

    def check(params: Any, **_: Any) -> None:
        values = {name: next(iter(value.values())) for name, value in params["ExpressionAttributeValues"].items()}
        condition = params["KeyConditionExpression"]
        if " BETWEEN " in condition:
            low, high = condition.rpartition(" BETWEEN ")[2].split(" AND ")
            assert values[low] <= values[high], "the BETWEEN operator requires the upper bound to be the greater one"
        start = params.get("ExclusiveStartKey", {}).get("sk", {}).get("S", "")
        if " sk <= :last" in condition and start > values[":last"]:
            raise client_error("ValidationException", "Query")

    events = services().dynamodb.meta.events
    events.register("provide-client-params.dynamodb.Query", check)
    yield
    events.unregister("provide-client-params.dynamodb.Query", check)


@pytest.mark.parametrize(
    "times",
    [
        {"until": "0001-01-01T00:00:00Z"},
        {"since": "0300-01-01T00:00:00Z", "until": "2026-01-01T00:00:00Z"},
        {"since": "9999-12-31T23:59:59.999999Z"},
    ],
)
@pytest.mark.parametrize("path", ["/v1/tenants/acme/jobs", "/v1/tenants/acme/audit"])
def test_times_of_all_centuries_are_times(acme: Api, status: Api, path: str, times: dict[str, str]) -> None:
    api = status if path.endswith("jobs") else acme
    assert api.get(path, **times).value["items"] == []


def test_statistics_are_of_all_centuries(acme: Api, status: Api) -> None:
    times = {"since": "0999-12-31T00:00:00Z", "until": "1000-01-02T00:00:00Z"}
    assert status.get("/v1/tenants/acme/statistics", **times).value["items"] == []


def test_an_audit_logs_times_are_in_order_and_its_cursor_may_lie_before_them(acme: Api) -> None:
    refused = acme.get("/v1/tenants/acme/audit", since="2026-01-02", until="2026-01-02")
    assert (refused.status, refused.value["errors"][0]["detail"]) == (400, "`since` must be before `until`")
    cursor = acme.get("/v1/tenants/acme/audit", limit="1").value["cursor"]
    page = acme.get("/v1/tenants/acme/audit", since="2999-01-01", cursor=cursor).value
    assert (page["items"], page["cursor"]) == ([], None)


@pytest.mark.parametrize("after", ["x", "-1", "٣"])
def test_a_forged_cursor_of_a_history_is_none(acme: Api, status: Api, after: str) -> None:
    record = job("j1", executor=Executor.WORKER)
    store_job(record)
    store_run(record)
    kept = ObjectRef(bucket="archive", key="history/a", version_id="v", size=1, sha256="0" * 64)
    history = HistorySummary(object=kept, events=2, states=[])
    services().runs.keep_history(record.ref(), history)
    cursor = encode_cursor("history|j1|1|50", {"after": after})
    assert status.get("/v1/tenants/acme/jobs/j1/runs/1/history", cursor=cursor).status == 400


def test_a_forged_cursor_of_a_plan_is_none(acme: Api, status: Api) -> None:
    bulk = BulkAction(
        id="b1",
        tenant="acme",
        action=Action.RETRY,
        filter=BulkFilter(status=JobStatus.FAILED),
        requested_by="ann",
        status=BulkStatus.PLANNED,
        total=2,
        created_at=timestamp(),
    )
    services().bulk_actions.create(bulk)
    for place in ("999999", "x"):
        cursor = encode_cursor("bulk-jobs|acme|b1", {"sk": place})
        assert status.get("/v1/tenants/acme/bulk-actions/b1/jobs", cursor=cursor).status == 400
    cursor = encode_cursor("bulk-jobs|acme|b1", {"sk": "000000"})
    assert status.get("/v1/tenants/acme/bulk-actions/b1/jobs", cursor=cursor).status == 200


class TestExplain:
    """S3 is asked only for what it can have and what the function may see."""

    @pytest.fixture(autouse=True)
    def _no_s3(self, acme: Api) -> Iterator[None]:
        def refuse(**_: Any) -> None:
            raise AssertionError("S3 answers 403 for another region's keys, and 400 for keys that are too long")

        events = services().s3.meta.events
        events.register("provide-client-params.s3.*", refuse)
        yield
        events.unregister("provide-client-params.s3.*", refuse)

    def test_a_file_of_another_region_is_not_looked_at(self, status: Api) -> None:
        found = status.post("/v1/tenants/acme/explain", {"key": "in/eu-west-1/00/acme/bob/a.csv"})
        assert (found.status, found.value["outcome"]) == (200, "ignored")

    @pytest.mark.parametrize(
        ("asked", "pointer"),
        [
            ({"user": "bob", "path": "ü" * 600}, "/path"),
            ({"key": "in/eu-central-1/00/acme/bob/" + "ü" * 600}, "/key"),
        ],
    )
    def test_a_key_that_s3_does_not_take_is_a_mistake(self, status: Api, asked: dict[str, str], pointer: str) -> None:
        reply = status.post("/v1/tenants/acme/explain", asked)
        assert (reply.status, reply.pointers) == (422, [pointer])


@pytest.mark.parametrize("until", [-469, 1.5, True, ["2026-01-01T00:00:00Z"]])
def test_a_time_that_is_no_text_is_refused_where_it_stands(acme: Api, status: Api, until: object) -> None:
    reply = status.post("/v1/tenants/acme/bulk-actions", {"action": "retry", "filter": {"until": until}})
    assert reply.status == 422, reply
    assert reply.value["errors"][0]["pointer"] == "/filter/until"
