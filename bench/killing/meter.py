"""Counts the bytes that reach a far side, and which of them had reached it before."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum


class Way(StrEnum):
    """How bytes move: sent over a connection, copied by S3 itself, or read back from the partner."""

    SFTP = "sftp"
    S3 = "s3"
    COPY = "copy"
    READ_BACK = "read back"

    @property
    def is_sent(self) -> bool:
        return self in (Way.SFTP, Way.S3)


@dataclass(frozen=True)
class Moved:
    """Bytes `start` to `stop` of a place: of a file, an object, or one part of an upload."""

    way: Way
    place: str
    start: int
    stop: int


@dataclass
class Meter:
    """What has moved so far; any thread may report.

    `progress` grows with bytes that are new at their place, so that it comes to the same total however often a
    transfer is broken off. `watch` is called with each move that is new in whole or in part.
    """

    progress: int = 0
    received: Counter[tuple[Way, str]] = field(default_factory=Counter)
    again: Counter[tuple[Way, str]] = field(default_factory=Counter)
    watch: Callable[[Moved], None] | None = None
    _covered: dict[tuple[Way, str], list[tuple[int, int]]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def moved(self, moved: Moved) -> None:
        """Count a move."""
        length, key = moved.stop - moved.start, (moved.way, moved.place)
        with self._lock:
            covered = self._covered.get(key, [])
            self._covered[key] = merged([*covered, (moved.start, moved.stop)])
            fresh = total(self._covered[key]) - total(covered)
            self.received[key] += length
            self.again[key] += length - fresh
            self.progress += fresh
            watch = self.watch if fresh else None
        if watch:
            watch(moved)

    def reset(self) -> None:
        """Forget all; another file comes."""
        with self._lock:
            self.progress = 0
            for counted in (self.received, self.again, self._covered):
                counted.clear()

    def sent_again(self) -> int:
        """Bytes that were sent to a place that had them."""
        with self._lock:
            return sum(count for (way, _), count in self.again.items() if way.is_sent)

    def by_way(self) -> dict[Way, tuple[int, int]]:
        """Way → bytes received, and how many of them again."""
        with self._lock:
            return {
                way: (
                    sum(count for (of, _), count in self.received.items() if of is way),
                    sum(count for (of, _), count in self.again.items() if of is way),
                )
                for way in Way
            }


def merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same bytes as spans in order that neither touch nor overlap."""
    joined: list[tuple[int, int]] = []
    for start, stop in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(stop, joined[-1][1])
        else:
            joined.append((start, stop))
    return joined


def total(spans: list[tuple[int, int]]) -> int:
    """Bytes in spans that do not overlap."""
    return sum(stop - start for start, stop in spans)
