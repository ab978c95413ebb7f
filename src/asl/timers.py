"""When waits, delays, time-outs and heartbeats are due.

An alarm that no longer matters (the task has reported, the frame has ended) is passed over when its time comes.
"""

from __future__ import annotations

import heapq

from asl.frame import TASK, Frame

Alarm = tuple[float, int, Frame, str]


class Timers:
    """The alarms of an execution, by time and, at one time, in the order in which they were set."""

    __slots__ = ("_alarms", "_number")

    def __init__(self) -> None:
        self._alarms: list[Alarm] = []
        self._number = 0

    def __bool__(self) -> bool:
        return bool(self._alarms)

    def add(self, moment: float, frame: Frame, phase: str) -> None:
        """Look at the frame again at `moment`, if it then still waits as `phase` says."""
        self._number += 1
        heapq.heappush(self._alarms, (moment, self._number, frame, phase))

    def next(self) -> float | None:
        """When the next alarm that matters is due; None: there is none."""
        alarms = self._alarms
        while alarms and not _matters(alarms[0]):
            heapq.heappop(alarms)
        return alarms[0][0] if alarms else None

    def take_due(self, now: float) -> Frame | None:
        """The next frame whose alarm is due; None: there is none now."""
        moment = self.next()
        if moment is None or moment > now:
            return None
        return heapq.heappop(self._alarms)[2]

    def all(self) -> list[tuple[float, Frame, str]]:
        """Every alarm that matters, in order."""
        ordered = sorted(self._alarms, key=lambda alarm: alarm[:2])
        return [(moment, frame, phase) for moment, _, frame, phase in ordered if _matters((moment, 0, frame, phase))]

    def clear(self) -> None:
        """Forget all alarms."""
        self._alarms.clear()


def earlier(moment: float | None, other: float | None) -> float | None:
    """The earlier of two moments that there may be."""
    if moment is None or other is None:
        return other if moment is None else moment
    return min(moment, other)


def _matters(alarm: Alarm) -> bool:
    moment, _, frame, phase = alarm
    if frame.phase != phase:
        return False
    return frame.until == moment or (phase == TASK and frame.heartbeat_until == moment)
