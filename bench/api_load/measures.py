"""How long a handler takes, and what it asks of DynamoDB meanwhile."""

from __future__ import annotations

import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from .requests import Asked

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]
_CONTEXT = SimpleNamespace(aws_request_id="bench", function_name="bench", get_remaining_time_in_millis=lambda: 29_000)


@dataclass
class Calls:
    """Calls of DynamoDB by name, the seconds that they took, and the items that its queries and scans looked at."""

    names: Counter[str] = field(default_factory=Counter)
    seconds: float = 0
    looked_at: int = 0
    _began: float = 0

    def begin(self, **_: Any) -> None:
        self._began = time.perf_counter()

    def note(self, parsed: Mapping[str, Any], model: Any, **_: Any) -> None:
        self.seconds += time.perf_counter() - self._began
        self.names[model.name] += 1
        self.looked_at += parsed.get("ScannedCount", 0)


@dataclass(frozen=True)
class Measured:
    """Milliseconds of the handler; calls with their milliseconds and items of each request on average."""

    title: str
    status: int
    p50: float
    p95: float
    called: float
    calls: Mapping[str, float]
    looked_at: float

    @property
    def scans(self) -> float:
        return self.calls.get("Scan", 0)


def measure(asked: Asked, handler: Handler, client: Any, repeats: int) -> Measured:
    """The request made `repeats` times, after some that do not count."""
    times: list[float] = []
    for number in range(3):
        handler(asked.event(number), _CONTEXT)
    with _counted(client) as calls:
        for number in range(repeats):
            event = asked.event(number)
            began = time.perf_counter()
            answer = handler(event, _CONTEXT)
            times.append((time.perf_counter() - began) * 1000)
    cuts = statistics.quantiles(times, n=20, method="inclusive")
    return Measured(
        asked.title,
        answer["statusCode"],
        statistics.median(times),
        cuts[-1],
        calls.seconds * 1000 / repeats,
        {name: count / repeats for name, count in calls.names.items()},
        calls.looked_at / repeats,
    )


@contextmanager
def _counted(client: Any) -> Iterator[Calls]:
    calls = Calls()
    client.meta.events.register("before-call.dynamodb", calls.begin)
    client.meta.events.register("after-call.dynamodb", calls.note)
    try:
        yield calls
    finally:
        client.meta.events.unregister("before-call.dynamodb", calls.begin)
        client.meta.events.unregister("after-call.dynamodb", calls.note)
