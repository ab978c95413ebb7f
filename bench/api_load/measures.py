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

import psutil

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
    """Milliseconds of the handler; calls with their milliseconds and items of each request on average.

    `busy`: milliseconds of processors, the emulator's included. On a machine with nothing else to do a handler takes
    about as long; where others compete, only this figure can be compared.
    """

    title: str
    status: int
    p50: float
    p95: float
    busy: float
    called: float
    calls: Mapping[str, float]
    looked_at: float

    @property
    def scans(self) -> float:
        return self.calls.get("Scan", 0)


def measure(asked: Asked, handler: Handler, client: Any, emulator: psutil.Process, repeats: int) -> Measured:
    """The request made `repeats` times, after some that do not count."""
    times: list[float] = []
    for number in range(3):
        handler(asked.event(number), _CONTEXT)
    before = _processor_seconds(emulator)
    with _counted(client) as calls:
        for number in range(repeats):
            event = asked.event(number)
            began = time.perf_counter()
            answer = handler(event, _CONTEXT)
            times.append((time.perf_counter() - began) * 1000)
    busy = _processor_seconds(emulator) - before
    cuts = statistics.quantiles(times, n=20, method="inclusive")
    return Measured(
        asked.title,
        answer["statusCode"],
        statistics.median(times),
        cuts[-1],
        busy * 1000 / repeats,
        calls.seconds * 1000 / repeats,
        {name: count / repeats for name, count in calls.names.items()},
        calls.looked_at / repeats,
    )


def _processor_seconds(emulator: psutil.Process) -> float:
    times = emulator.cpu_times()
    return time.process_time() + times.user + times.system


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
