"""Listings of jobs: each combination of filters has its index, names are found by their beginning, work is bounded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from fileferry.clock import timestamp
from fileferry.model.job import Job, JobStatus
from fileferry.repositories.job_listing import JobFilter, JobListing
from fileferry.repositories.jobs import job_item
from fileferry.repositories.pages import BadCursor
from tests.unit.control_plane.world import empty_tables, job

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_STATUSES = (JobStatus.FAILED, JobStatus.SUCCEEDED, JobStatus.RUNNING)
_NAMES = ("orders-1.csv", "orders-2.csv", "ordinary.csv", "ä b.csv")


def _day(number: int) -> datetime:
    return datetime(2026, 1, number, tzinfo=UTC)


_JOBS = tuple(
    job(
        f"j{number:02d}",
        tenant,
        created_at=timestamp(_day(1 + number)),
        status=_STATUSES[number % 3],
        route="orders" if number % 2 else "invoices",
        filename=_NAMES[number % 4],
    )
    for tenant, numbers in (("acme", range(24)), ("other", range(24, 28)))
    for number in numbers
)


class _Counted:
    """DynamoDB that counts what is asked of it, and what its queries look at."""

    def __init__(self, client: DynamoDBClient) -> None:
        self.client = client
        self.looked_at = 0
        self.calls: list[str] = []

    def query(self, **request: Any) -> Any:
        self.calls.append("Query")
        answer = self.client.query(**request)
        self.looked_at += answer["ScannedCount"]
        return answer

    def batch_get_item(self, **request: Any) -> Any:
        self.calls.append("BatchGetItem")
        return self.client.batch_get_item(**request)


@pytest.fixture(scope="module")
def stored() -> Iterator[DynamoDBClient]:
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-central-1", aws_access_key_id="x", aws_secret_access_key="x")
        empty_tables(client)
        for record in _JOBS:
            client.put_item(TableName="jobs", Item=job_item(record))
        yield client


@pytest.fixture
def counted(stored: DynamoDBClient) -> _Counted:
    return _Counted(stored)


@pytest.fixture
def listing(counted: _Counted) -> JobListing:
    return JobListing(counted, "jobs")  # type: ignore[arg-type]  # the two calls that a listing makes


def _all(listing: JobListing, wanted: JobFilter, limit: int) -> list[str]:
    found: list[str] = []
    cursor = None
    for _ in range(100):
        page = listing.page(wanted, limit, cursor)
        assert len(page.items) <= limit
        found += [item.job_id for item in page.items]
        cursor = page.cursor
        if cursor is None:
            return found
    raise AssertionError("the listing has no end")


def _expected(wanted: JobFilter) -> list[str]:
    def fits(record: Job) -> bool:
        return (
            record.tenant == wanted.tenant
            and wanted.status in (None, record.status)
            and wanted.route in (None, record.route)
            and (wanted.since is None or record.created_at >= timestamp(wanted.since))
            and (wanted.until is None or record.created_at < timestamp(wanted.until))
            and record.filename.startswith(wanted.filename or "")
        )

    found = [record for record in _JOBS if fits(record)]
    if wanted.filename:
        return [record.job_id for record in sorted(found, key=lambda record: (record.filename.encode(), record.job_id))]
    return [record.job_id for record in sorted(found, key=lambda record: record.created_at, reverse=True)]


_FILTERS = tuple(
    JobFilter("acme", *filters)
    for filters in product(
        (None, JobStatus.FAILED),
        (None, "orders"),
        (None, _day(5)),
        (None, _day(20)),
        (None, "ord", "orders-1", "ä", "x"),
    )
)


@pytest.mark.parametrize("wanted", _FILTERS, ids=lambda wanted: wanted.listing)
@pytest.mark.parametrize("limit", [1, 3, 50])
def test_each_combination_of_filters_lists_just_what_fits(listing: JobListing, wanted: JobFilter, limit: int) -> None:
    found = _all(listing, wanted, limit)
    expected = _expected(wanted)
    if wanted.filename:  # among jobs of one name the order is the index's own
        names = {record.job_id: record.filename for record in _JOBS}
        assert [names[job_id] for job_id in found] == [names[job_id] for job_id in expected]
        found, expected = sorted(found), sorted(expected)
    assert found == expected


@pytest.mark.parametrize(
    "wanted", [wanted for wanted in _FILTERS if not (wanted.filename and (wanted.since or wanted.until))]
)
def test_a_page_looks_at_no_more_than_it_shows(listing: JobListing, counted: _Counted, wanted: JobFilter) -> None:
    listing.page(wanted, 2)
    assert counted.calls in (["Query"], ["Query", "BatchGetItem"])
    assert counted.looked_at <= 3


def test_names_with_a_time_are_looked_through_a_part_at_a_time(
    listing: JobListing, counted: _Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fileferry.repositories.job_listing._LOOKED_THROUGH", 2)
    wanted = JobFilter("acme", since=_day(20), until=_day(21), filename="ord")
    page = listing.page(wanted, 50)
    assert counted.looked_at == 2
    assert page.cursor
    assert _all(listing, wanted, 50) == _expected(wanted)


def test_a_job_that_has_gone_further_than_its_index_is_left_out(listing: JobListing, stored: DynamoDBClient) -> None:
    """An index is written a moment after its table; the test reverses what moto does at once."""
    wanted = JobFilter("acme", JobStatus.FAILED, filename="orders-1")
    ahead = next(record for record in _JOBS if record.job_id == _expected(wanted)[0])
    item = job_item(ahead) | {"status": {"S": "RECEIVED"}}
    stored.put_item(TableName="jobs", Item=item)
    try:
        assert ahead.job_id not in [found.job_id for found in listing.page(wanted, 50).items]
    finally:
        stored.put_item(TableName="jobs", Item=job_item(ahead))


def test_a_cursor_by_name_is_none_by_time(listing: JobListing) -> None:
    cursor = listing.page(JobFilter("acme", filename="ord"), 1).cursor
    for other in (JobFilter("acme"), JobFilter("acme", filename="orders"), JobFilter("other", filename="ord")):
        with pytest.raises(BadCursor):
            listing.page(other, 1, cursor)


def test_the_longest_name_fits_a_cursor(listing: JobListing, stored: DynamoDBClient) -> None:
    name = "\x01" * 30 + "日" * 300
    for number in (1, 2):
        stored.put_item(TableName="jobs", Item=job_item(job(f"jlong{number}", "long", filename=name)))
    assert _all(listing, JobFilter("long", filename=name), 1) == ["jlong1", "jlong2"]
