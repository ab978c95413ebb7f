"""Counts can be added up, and percentiles are right within the buckets' width."""

from __future__ import annotations

import math
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fileferry.clock import timestamp
from fileferry.model.job import JobStatus
from fileferry.statistics import Counts, Grain, HourCounts, bucket_of, by_period, end_of, percentile
from tests.unit.control_plane.world import job

_SINCE = datetime(2026, 1, 1, 22, tzinfo=UTC)
_LATENCIES = st.lists(st.floats(1, 30 * 86_400_000), min_size=1, max_size=200)


@given(_LATENCIES, st.sampled_from([0.01, 0.5, 0.95, 0.99, 1]))
def test_a_percentile_is_off_by_five_percent_at_most(latencies: list[float], share: float) -> None:
    exact = sorted(latencies)[max(0, math.ceil(share * len(latencies)) - 1)] / 1000
    found = percentile(Counter(bucket_of(latency) for latency in latencies), share)
    assert found == pytest.approx(exact, rel=0.05, abs=0.0001)


@given(_LATENCIES, _LATENCIES)
def test_histograms_added_up_are_the_histogram_of_all(one: list[float], other: list[float]) -> None:
    parts = [Counts(latencies=Counter(map(bucket_of, latencies))) for latencies in (one, other)]
    assert (parts[0] + parts[1]).percentiles == Counts(latencies=Counter(map(bucket_of, one + other))).percentiles


def test_latency_is_counted_of_what_went_through_in_its_first_run() -> None:
    at = datetime(2026, 1, 1, 12, 30, tzinfo=UTC)
    record = job("j1", created_at=timestamp(at - timedelta(seconds=1)))
    end = end_of(record, 10, JobStatus.SUCCEEDED, at)
    assert (end.hour, end.size, end.bucket) == ("2026-01-01T12", 10, bucket_of(1000))
    assert end_of(record, 10, JobStatus.FAILED, at).bucket is None
    assert end_of(record.model_copy(update={"run": 2}), 10, JobStatus.SUCCEEDED, at).bucket is None


def test_a_clock_that_runs_behind_counts_as_no_time_at_all() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    assert end_of(job("j1", created_at=timestamp(at + timedelta(seconds=5))), 0, JobStatus.SUCCEEDED, at).bucket == 0


def _counted(hour: str, route: str, number: int) -> HourCounts:
    return HourCounts(hour, route, Counts({JobStatus.FAILED: number}, {JobStatus.FAILED: 10 * number}))


@pytest.mark.parametrize(
    ("grain", "by_route", "expected"),
    [
        (Grain.HOUR, True, [("01T22", "a", 3), ("01T22", "b", 4), ("02T00", "a", 8)]),
        (Grain.HOUR, False, [("01T22", None, 7), ("02T00", None, 8)]),
        (Grain.DAY, True, [("01T00", "a", 3), ("01T00", "b", 4), ("02T00", "a", 8)]),
        (Grain.TOTAL, True, [("01T22", "a", 11), ("01T22", "b", 4)]),
        (Grain.TOTAL, False, [("01T22", None, 15)]),
    ],
)
def test_counts_are_added_up_by_period_and_route(
    grain: Grain, by_route: bool, expected: list[tuple[str, str | None, int]]
) -> None:
    found = [_counted("2026-01-02T00", "a", 8), _counted("2026-01-01T22", "b", 4)]
    found += [_counted("2026-01-01T22", "a", 1), _counted("2026-01-01T22", "a", 2)]
    periods = list(by_period(found, grain, _SINCE, by_route=by_route))
    assert [(p.since, p.route, p.counts.jobs[JobStatus.FAILED]) for p in periods] == [
        (f"2026-01-{since}:00:00Z", route, number) for since, route, number in expected
    ]
    assert sum(period.counts.bytes[JobStatus.FAILED] for period in periods) == 150
