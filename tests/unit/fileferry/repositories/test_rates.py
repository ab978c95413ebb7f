"""Rates: the mean follows what destinations do lately, and no sample is lost to a single race."""

from __future__ import annotations

import pytest

from fileferry.repositories.rates import NEWEST, Rate, RateRepository
from tests.unit.world import JobWorld

MIB = 1024**2


@pytest.fixture
def rates(world: JobWorld) -> RateRepository:
    return world.services.rates


def test_a_destination_without_deliveries_has_no_rate(rates: RateRepository) -> None:
    rates.record("acme", "bank", 10 * MIB, 2)
    assert set(rates.of("acme", ["bank", "tax", "bank"])) == {"bank"}
    assert rates.of("other", ["bank"]) == {}
    assert rates.of("acme", []) == {}


def test_the_first_delivery_is_the_rate(rates: RateRepository) -> None:
    rates.record("acme", "bank", 10 * MIB, 2)
    rate = rates.of("acme", ["bank"])["bank"]
    assert (rate.bytes_per_second, rate.samples) == (5 * MIB, 1)
    assert rate.at


def test_the_first_samples_weigh_alike_and_later_ones_more_than_old_ones() -> None:
    rate = Rate(0, 0, "").with_sample(100, "t1").with_sample(200, "t2")
    assert rate == Rate(150, 2, "t2")
    old = Rate(100, 50, "t3")
    assert old.with_sample(200, "t4").bytes_per_second == pytest.approx(100 + NEWEST * 100)


def test_the_mean_comes_to_a_rate_that_stays(rates: RateRepository) -> None:
    rates.record("acme", "bank", 100 * MIB, 1)
    for _ in range(20):
        rates.record("acme", "bank", 10 * MIB, 1)
    rate = rates.of("acme", ["bank"])["bank"]
    assert rate.samples == 21
    assert rate.bytes_per_second == pytest.approx(10 * MIB, rel=0.01)


def test_no_time_at_all_is_no_error(rates: RateRepository) -> None:
    rates.record("acme", "bank", 10 * MIB, 0)
    assert rates.of("acme", ["bank"])["bank"].bytes_per_second > MIB


def test_a_sample_that_meets_another_is_taken_after_it(
    rates: RateRepository, world: JobWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    rates.record("acme", "bank", 10 * MIB, 1)
    stale = rates._get("acme", "bank")
    rates.record("acme", "bank", 10 * MIB, 1)
    answers = [stale]
    get = rates._get
    monkeypatch.setattr(rates, "_get", lambda *key: answers.pop() if answers else get(*key))
    rates.record("acme", "bank", 10 * MIB, 1)
    assert rates.of("acme", ["bank"])["bank"].samples == 3


def test_many_destinations_are_asked_for_at_once(rates: RateRepository) -> None:
    rates.record("acme", "d149", 10 * MIB, 1)
    assert set(rates.of("acme", [f"d{number}" for number in range(150)])) == {"d149"}
