"""The delays of Retry; what it takes stands in tests/conformance."""

from __future__ import annotations

import pytest

from asl.states.error_handling import LONGEST_DELAY, Retrier
from tests.unit.asl.reference.chance import Chance


@pytest.mark.parametrize(
    ("retrier", "attempt", "seconds"),
    [
        (Retrier(frozenset()), 0, 1),
        (Retrier(frozenset()), 2, 4),
        (Retrier(frozenset(), interval=3, backoff=1.5), 2, 6.75),
        (Retrier(frozenset(), max_delay=10), 9, 10),
        (Retrier(frozenset(), max_delay=10, jitter=True), 9, 5),
        (Retrier(frozenset(), backoff=10.0), 400, LONGEST_DELAY),
        (Retrier(frozenset(), interval=LONGEST_DELAY), 0, LONGEST_DELAY),
    ],
)
def test_a_delay_grows_with_the_attempts_up_to_its_bound(retrier: Retrier, attempt: int, seconds: float) -> None:
    assert retrier.delay(attempt, Chance()) == seconds
