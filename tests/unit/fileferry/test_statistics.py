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
from fileferry.statistics import (
    Counts,
    Grain,
    PartialCounts,
    bucket_of,
    by_period,
    end_of,
    in_total,
    percentile,
    total,
)
from tests.unit.control_plane.world import job

_LATENCIES = st.lists(st.floats(1, 30 * 86_400_000), min_size=1, max_size=200)


@given(_LATENCIES, st.sampled_from([0.01, 0.5, 0.95, 0.99, 1]))
def test_a_percentile_is_off_by_five_percent_at_most(latencies: list[float], share: float) -> None:
    exact = sorted(latencies)[max(0, math.ceil(share * len(latencies)) - 1)] / 1000
    found = percentile(Counter(bucket_of(latency) for latency in latencies), share)
    assert found == pytest.approx(exact, rel=0.05, abs=0.0001)


@given(_LATENCIES, _LATENCIES)
def test_histograms_added_up_are_the_histogram_of_all(one: list[float], other: list[float]) -> None:
    parts = [Counts(latencies=Counter(map(bucket_of, latencies))) for latencies in (one, other)]
    assert total(parts).percentiles == Counts(latencies=Counter(map(bucket_of, one + other))).percentiles


def test_latency_is_counted_of_what_went_through_in_its_first_run() -> None:
    at = datetime(2026, 1, 1, 12, 30, tzinfo=UTC)
    record = job("j1", created_at=timestamp(at - timedelta(seconds=1)))
    end = end_of(record, 10, JobStatus.SUCCEEDED, at)
    assert (end.at, end.size, end.bucket) == (at, 10, bucket_of(1000))
    assert [timestamp(grain.begin(at))[:16] for grain in Grain] == ["2026-01-01T12:00", "2026-01-01T00:00"]
    assert end_of(record, 10, JobStatus.FAILED, at).bucket is None
    assert end_of(record.model_copy(update={"run": 2}), 10, JobStatus.SUCCEEDED, at).bucket is None


def test_a_clock_that_runs_behind_counts_as_no_time_at_all() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    assert end_of(job("j1", created_at=timestamp(at + timedelta(seconds=5))), 0, JobStatus.SUCCEEDED, at).bucket == 0


def _counted(since: str, route: str, number: int) -> PartialCounts:
    return PartialCounts(since, route, Counts({JobStatus.FAILED: number}, {JobStatus.FAILED: 10 * number}))


_FOUND = (_counted("22", "a", 1), _counted("22", "a", 2), _counted("22", "b", 4), _counted("23", "a", 8))


@pytest.mark.parametrize(
    ("by_route", "expected"),
    [(True, [("22", "a", 3), ("22", "b", 4), ("23", "a", 8)]), (False, [("22", None, 7), ("23", None, 8)])],
)
def test_counts_are_added_up_by_period_and_route(by_route: bool, expected: list[tuple[str, str | None, int]]) -> None:
    periods = list(by_period(_FOUND, by_route=by_route))
    assert [(p.since, p.route, p.counts.jobs[JobStatus.FAILED]) for p in periods] == expected
    assert sum(period.counts.bytes[JobStatus.FAILED] for period in periods) == 150


@pytest.mark.parametrize(("by_route", "expected"), [(True, [("a", 11), ("b", 4)]), (False, [(None, 15)])])
def test_counts_are_added_up_in_total(by_route: bool, expected: list[tuple[str | None, int]]) -> None:
    periods = list(in_total(_FOUND, "21", by_route=by_route))
    assert [(p.route, p.counts.jobs[JobStatus.FAILED]) for p in periods] == expected
    assert {period.since for period in periods} == {"21"}


def test_no_more_is_read_than_is_asked_for() -> None:
    read = iter(_FOUND)
    assert next(by_period(read, by_route=True)).counts.jobs[JobStatus.FAILED] == 3
    assert list(read) == [_FOUND[3]]
