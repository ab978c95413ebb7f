"""Each end of a job counts exactly once, whoever is in its way and whenever its closer is killed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fileferry.clock import now
from fileferry.closing import close_run
from fileferry.model.job import JobStatus
from fileferry.repositories.jobs import JobRepository
from fileferry.repositories.statistics import MOST_SHARDS, StatisticsRepository
from fileferry.statistics import Counts, Grain, end_of, total
from tests.unit.faults import Killed
from tests.unit.world import JobWorld

ERROR = {"error": "DestinationRefused", "message": "no"}


def counted(world: JobWorld, tenant: str = "acme") -> Counts:
    """All that is counted of this hour, or of the one before where a test meets the full one; days say the same."""
    times = now() - timedelta(hours=1), now() + timedelta(hours=1)
    hours, days = (total(e.counts for e in world.services.statistics.of_tenant(tenant, g, *times)) for g in Grain)
    assert hours == days
    return hours


class _Busy:
    """DynamoDB whose transactions meet another one `times` times, at the job or at its counter."""

    def __init__(self, client: Any, times: int, place: int) -> None:
        self._client = client
        self.times = times
        self.place = place
        self.reason = "TransactionConflict"
        self.tried: list[str] = []

    def transact_write_items(self, **request: Any) -> Any:
        self.tried.append(request["TransactItems"][1]["Update"]["Key"]["counter"]["S"].rsplit("#", 1)[1])
        if len(self.tried) <= self.times:
            reasons = [{"Code": "None"}] * 3
            reasons[self.place] = {"Code": self.reason}
            answer: Any = {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": reasons}
            raise ClientError(answer, "TransactWriteItems")
        return self._client.transact_write_items(**request)


def busy(world: JobWorld, times: int, place: int) -> tuple[JobRepository, _Busy]:
    client: Any = _Busy(world.raw_dynamodb, times, place)
    counters = StatisticsRepository(world.raw_dynamodb, "statistics", "eu-central-1", 92)
    return JobRepository(client, "jobs", counters), client


def test_an_end_counts_by_status_with_its_bytes(world: JobWorld) -> None:
    for status, content in ((JobStatus.FAILED, b"1"), (JobStatus.SUCCEEDED, b"22"), (JobStatus.SUCCEEDED, b"333")):
        assert world.services.jobs.close(world.receive(content, f"{content.decode()}.csv"), status)
    counts = counted(world)
    assert counts.jobs == {JobStatus.FAILED: 1, JobStatus.SUCCEEDED: 2}
    assert counts.bytes == {JobStatus.FAILED: 1, JobStatus.SUCCEEDED: 5}
    assert counts.percentiles
    assert counts.percentiles.count == 2
    assert not counted(world, "other").jobs


def test_a_repeat_and_another_status_count_nothing(world: JobWorld) -> None:
    job = world.receive(b"x")
    for status, closed in ((JobStatus.FAILED, True), (JobStatus.FAILED, True), (JobStatus.SUCCEEDED, False)):
        assert world.services.jobs.close(job, status) is closed
    assert counted(world).jobs == {JobStatus.FAILED: 1}


def test_an_earlier_run_counts_nothing_and_a_later_one_once_more(world: JobWorld) -> None:
    first = world.receive(b"x")
    assert world.services.jobs.close(first, JobStatus.FAILED)
    again = world.next_run()
    assert not world.services.jobs.close(first, JobStatus.FAILED)
    assert world.services.jobs.close(again, JobStatus.SUCCEEDED)
    counts = counted(world)
    assert counts.jobs == {JobStatus.FAILED: 1, JobStatus.SUCCEEDED: 1}
    assert counts.percentiles is None


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("number", range(1, 6))
def test_a_closer_that_is_killed_anywhere_and_called_again_counts_once(
    world: JobWorld, number: int, moment: str
) -> None:
    job = world.receive(b"x")
    world.kill(number, moment)
    try:
        close_run(world.services, job, JobStatus.FAILED, error=ERROR)
    except Killed:
        assert counted(world).jobs.get(JobStatus.FAILED, 0) == int(world.record().status.is_final)
    world.kill(0, "")
    close_run(world.services, job, JobStatus.FAILED, error=ERROR)
    assert counted(world).jobs == {JobStatus.FAILED: 1}


def test_a_throttled_counter_is_tried_again(world: JobWorld) -> None:
    job = world.receive(b"x")
    jobs, client = busy(world, 3, 1)
    client.reason = "ThrottlingError"
    assert jobs.close(job, JobStatus.SUCCEEDED)
    assert counted(world).jobs == {JobStatus.SUCCEEDED: 1}


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_conflict_is_tried_again_in_more_and_more_shards(world: JobWorld, place: int) -> None:
    job = world.receive(b"x")
    jobs, client = busy(world, 9, place)
    assert jobs.close(job, JobStatus.SUCCEEDED)
    assert client.tried[0] == "00"
    assert len(client.tried) == 10
    assert all(int(shard) < MOST_SHARDS for shard in client.tried)
    assert counted(world).jobs == {JobStatus.SUCCEEDED: 1}


def test_a_conflict_without_end_is_the_callers(world: JobWorld) -> None:
    job = world.receive(b"x")
    jobs, _ = busy(world, 100, 1)
    with pytest.raises(ClientError, match="TransactionCanceled"):
        jobs.close(job, JobStatus.SUCCEEDED)
    assert not world.record().status.is_final
    assert not counted(world).jobs


def test_shards_grow_to_a_bound_only_where_somebody_is_met(world: JobWorld) -> None:
    counters = StatisticsRepository(world.raw_dynamodb, "statistics", "eu-central-1", 92)
    end = end_of(world.receive(b"x"), 1, JobStatus.FAILED, now())

    def shards(count: int) -> set[str]:
        return {each["Update"]["Key"]["counter"]["S"][-2:] for _ in range(count) for each in counters.counting(end)}

    assert shards(100) == {"00"}
    for _ in range(10):
        counters.spread()
    assert shards(2000) == {f"{number:02d}" for number in range(MOST_SHARDS)}


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(list(Grain)), st.integers(-30, 30), st.integers(1, 48), st.sampled_from([None, "orders", "b"]))
def test_periods_are_read_from_the_first_to_before_the_last(
    world: JobWorld, grain: Grain, offset: int, length: int, route: str | None
) -> None:
    counters = world.services.statistics
    base = datetime(2026, 1, 5, tzinfo=UTC)
    unit = timedelta(hours=1) if grain is Grain.HOUR else timedelta(days=1)
    begins = [base + number * unit for number in range(-3, 4)]
    for other, name, begin in product(Grain, ("a", "orders"), begins):
        at = other.begin(begin)
        key = {"tenant": {"S": "acme"}, "counter": {"S": counters.counter(other, at, name, 0)}}
        values = {"jobs_FAILED": {"N": "1"}, "route": {"S": name}}
        world.raw_dynamodb.put_item(TableName="statistics", Item={**key, **values})
    since, until = base + unit / 6 * offset, base + unit / 6 * (offset + length)
    found = list(counters.of_tenant("acme", grain, since, until, route, page=3))
    names = [name for name in ("a", "orders") if route in (None, name)]
    expected = [begin for begin in begins if begin > since - unit and begin < until]
    assert [(e.since, e.route) for e in found] == [
        (f"{b:%Y-%m-%dT%H:00:00Z}", name) for b in expected for name in names
    ]
    assert all(entry.counts.jobs == {JobStatus.FAILED: 1} for entry in found)


def test_counters_go_after_their_days(world: JobWorld) -> None:
    world.services.jobs.close(world.receive(b"x"), JobStatus.FAILED)
    items = world.raw_dynamodb.scan(TableName="statistics")["Items"]
    expiries = {item["counter"]["S"][:4]: int(item["expires_at"]["N"]) for item in items}
    begins = [grain.begin(now() - timedelta(seconds=5)).timestamp() for grain in (Grain.HOUR, Grain.DAY)]
    assert expiries == {"hour": begins[0] + 35 * 86_400, "day#": begins[1] + 400 * 86_400}
