"""Requests that run at the same time, within bounds."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait


class Lanes:
    """Threads for a transfer's requests: at most `count` at once, and together at most `limit` bytes under way.

    One request may be larger than the limit; it then runs alone. All methods are for one thread, the transfer's.
    """

    def __init__(self, count: int, limit: int) -> None:
        self._count = count
        self._limit = limit
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="lane")
        self._running: dict[Future[None], int] = {}

    def submit(self, length: int, call: Callable[[], None]) -> None:
        """Start `call`, with `length` bytes under way, as soon as there is room. Raises what an earlier one did."""
        self._collect()
        while self._running and not self._has_room(length):
            wait(self._running, return_when=FIRST_COMPLETED)
            self._collect()
        self._running[self._pool.submit(call)] = length

    def drain(self) -> None:
        """Wait until nothing is under way. Raises what one of the calls did."""
        wait(self._running)
        self._collect()

    def close(self) -> None:
        """Wait until nothing is under way, whatever becomes of it, and end the threads."""
        self._pool.shutdown(wait=True)

    def _has_room(self, length: int) -> bool:
        return len(self._running) < self._count and sum(self._running.values()) + length <= self._limit

    def _collect(self) -> None:
        done = [future for future in self._running if future.done()]
        for future in done:
            del self._running[future]
        for future in done:
            future.result()
