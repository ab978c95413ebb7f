"""Requests at the same time, within their bounds."""

from __future__ import annotations

import contextlib
import threading

import pytest

from fileferry.objects.lanes import Lanes

SOON = 20.0
"""Seconds after which a test fails instead of hanging."""


class Calls:
    """Calls that are under way until they are let go."""

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self._lock = threading.Lock()
        self._under_way: list[int] = []
        self.most: tuple[int, int] = (0, 0)

    def call(self, length: int) -> None:
        with self._lock:
            self._under_way.append(length)
            self.most = max(self.most, (len(self._under_way), sum(self._under_way)))
        assert self.let_go.wait(SOON)
        with self._lock:
            self._under_way.remove(length)


def test_as_many_run_at_once_as_there_are_lanes() -> None:
    together = threading.Barrier(3)
    with contextlib.closing(Lanes(3, 100)) as lanes:
        for _ in range(6):
            lanes.submit(10, lambda: together.wait(SOON) and None)
        lanes.drain()


@pytest.mark.parametrize(("lanes", "limit", "most"), [(4, 30, (3, 30)), (2, 100, (2, 20)), (4, 5, (1, 10))])
def test_no_more_than_the_bounds_is_under_way(lanes: int, limit: int, most: tuple[int, int]) -> None:
    calls = Calls()
    with contextlib.closing(Lanes(lanes, limit)) as under_test:
        for number in range(12):
            if number == most[0]:
                calls.let_go.set()
            under_test.submit(10, lambda: calls.call(10))
        under_test.drain()
    assert calls.most <= most


def test_what_a_call_raises_is_raised_to_the_transfer() -> None:
    def fail() -> None:
        raise ValueError("oh")

    with contextlib.closing(Lanes(2, 100)) as lanes:
        lanes.submit(10, fail)
        with pytest.raises(ValueError, match="oh"):
            lanes.drain()


def test_closing_waits_for_what_is_under_way_and_ends_the_threads() -> None:
    done = []
    lanes = Lanes(2, 100)
    for number in range(2):
        lanes.submit(10, lambda number=number: done.append(number))  # type: ignore[misc]
    lanes.close()
    assert sorted(done) == [0, 1]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("lane")]
