"""Each end of a job counts exactly once, whoever is in its way and whenever its closer is killed."""

from __future__ import annotations

from datetime import timedelta
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
from fileferry.statistics import Counts
from tests.unit.faults import Killed
from tests.unit.world import JobWorld

ERROR = {"error": "DestinationRefused", "message": "no"}


def counted(world: JobWorld, tenant: str = "acme") -> Counts:
    """All that is counted of this hour, or of the one before where a test meets the full one."""
    found = world.services.statistics.of_tenant(tenant, now() - timedelta(hours=1), now() + timedelta(hours=1))
    return sum((entry.counts for entry in found), Counts())


class _Busy:
    """DynamoDB whose transactions meet another one `times` times, at the job or at its counter."""

    def __init__(self, client: Any, times: int, place: int) -> None:
        self._client = client
        self.times = times
        self.place = place
        self.tried: list[str] = []

    def transact_write_items(self, **request: Any) -> Any:
        self.tried.append(request["TransactItems"][1]["Update"]["Key"]["counter"]["S"].rsplit("#", 1)[1])
        if len(self.tried) <= self.times:
            reasons = [{"Code": "None"}, {"Code": "None"}]
            reasons[self.place] = {"Code": "TransactionConflict"}
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


@pytest.mark.parametrize("place", [0, 1])
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
    assert {counters.shard() for _ in range(100)} == {0}
    for _ in range(10):
        counters.spread()
    assert {counters.shard() for _ in range(2000)} == set(range(MOST_SHARDS))


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(-30, 30), st.integers(1, 48))
def test_hours_are_read_from_the_first_to_before_the_last(world: JobWorld, offset: int, length: int) -> None:
    counters = world.services.statistics
    base = now().replace(minute=0, second=0, microsecond=0)
    for number in range(-3, 4):
        hour = base + timedelta(hours=number)
        item = {"tenant": {"S": "acme"}, "counter": {"S": f"{hour:%Y-%m-%dT%H}#orders#eu-central-1#00"}}
        world.raw_dynamodb.put_item(TableName="statistics", Item={**item, "jobs_FAILED": {"N": "1"}})
    since, until = base + timedelta(minutes=10 * offset), base + timedelta(minutes=10 * (offset + length))
    found = [entry.hour for entry in counters.of_tenant("acme", since, until)]
    hours = [base + timedelta(hours=number) for number in range(-3, 4)]
    expected = [hour for hour in hours if hour > since - timedelta(hours=1) and hour < until]
    assert found == [f"{hour:%Y-%m-%dT%H}" for hour in expected]
    assert all(entry.counts.jobs == {JobStatus.FAILED: 1} for entry in counters.of_tenant("acme", since, until))


def test_counters_go_after_their_days(world: JobWorld) -> None:
    world.services.jobs.close(world.receive(b"x"), JobStatus.FAILED)
    (item,) = world.raw_dynamodb.scan(TableName="statistics")["Items"]
    ahead = int(item["expires_at"]["N"]) - now().timestamp()
    assert 92 * 86_400 - 3700 < ahead <= 92 * 86_400
