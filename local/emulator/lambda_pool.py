"""How many processes of which function run: on demand, bounded, and ended when idle.

AWS: every invocation at the same time gets an execution environment of its own, up to a thousand, and an idle one
goes after a while. MiniStack 1.5.33 has no bound, and keeps one process of every version ever invoked. On one machine
bounds are needed: a call waits for a free process instead of being throttled, and few processes start at the same
time, since a start takes a processor for a second while most calls are over in a moment.
"""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from typing import Any

from ministack.core import lambda_runtime

PER_FUNCTION = 8
IN_ALL = 24
IDLE_SECONDS = 180.0
WAIT_SECONDS = 900.0  # a function's longest time limit; after that a call is throttled
REAPER_PERIOD_SECONDS = 15.0
STARTS_AT_ONCE = max(2, os.cpu_count() or 1)
PATIENCE_SECONDS = 0.5
"""A function whose calls end more often than this gets no more processes than there are processors."""
EVICT_IDLE_SECONDS = 10.0
"""A process that was at work more recently is not ended for another function's second one: under load all functions
would start and end processes for ever instead of working."""
LOOK_AROUND_SECONDS = 0.05
"""How often a call that waits alone looks whether it may start a process: nothing wakes it for that."""
QUEUED_SECONDS = 1.0
"""How often each of several waiting calls looks; a process that became free wakes the one that waits longest."""

Worker = Any  # ministack.core.lambda_runtime.Worker


class WorkerPool:
    """Leases workers; MiniStack's own table holds them, so that it ends those of changed and deleted functions."""

    def __init__(
        self, per_function: int = PER_FUNCTION, in_all: int = IN_ALL, starts_at_once: int = STARTS_AT_ONCE
    ) -> None:
        self._starts_at_once = starts_at_once
        self._per_function = per_function
        self._in_all = in_all
        self._lock = lambda_runtime._lock
        self._freed: dict[str, threading.Condition] = {}  # by key: a worker became free
        self._queued: Counter[str] = Counter()
        self._returned: dict[str, float] = {}  # when a worker of this key was given back last

    def lease(self, name: str, config: dict[str, Any], code: bytes, wait: float = WAIT_SECONDS) -> Worker | None:
        """A worker for one invocation, to be given back; None when none became free in time."""
        key = _key(name, config)
        deadline = time.monotonic() + wait
        with self._lock:
            while True:
                worker = self._free(key) or self._created(key, name, config, code)
                if worker is not None:
                    worker.in_use = True
                    break
                if time.monotonic() >= deadline:
                    return None
                self._queue(key)
        worker.last_used = time.time()
        return worker

    def _queue(self, key: str) -> None:
        """Wait until a worker of this key may be free or started."""
        seconds = QUEUED_SECONDS if self._queued[key] else LOOK_AROUND_SECONDS
        self._queued[key] += 1
        self._freed.setdefault(key, threading.Condition(self._lock)).wait(seconds)
        self._queued[key] -= 1

    def _wake(self, key: str) -> None:
        if key in self._freed:
            self._freed[key].notify()

    def give_back(self, worker: Worker) -> None:
        """End a lease."""
        key = _key(worker.func_name, worker.config)
        with self._lock:
            worker.in_use = False
            worker.last_used = time.time()
            self._returned[key] = time.monotonic()
            self._wake(key)

    def drop(self, worker: Worker) -> None:
        """End a lease of a worker that must not serve again."""
        with self._lock:
            for key, workers in lambda_runtime._workers.items():
                if worker in workers:
                    workers.remove(worker)
                    self._wake(key)
        lambda_runtime.kill_workers([worker])

    def reap(self, idle: float = IDLE_SECONDS) -> int:
        """End the workers that have been idle for so long; how many those were."""
        oldest = time.time() - idle
        with self._lock:
            doomed = [worker for worker in self._all() if not worker.in_use and worker.last_used < oldest]
            self._remove(doomed)
        lambda_runtime.kill_workers(doomed)
        return len(doomed)

    def keep_reaping(self) -> None:
        """Reap for ever; the body of a thread."""
        while True:
            time.sleep(REAPER_PERIOD_SECONDS)
            self.reap()

    def _all(self) -> list[Worker]:
        return [worker for workers in lambda_runtime._workers.values() for worker in workers]

    def _free(self, key: str) -> Worker | None:
        """The free worker used last: the others become idle."""
        free = [worker for worker in lambda_runtime._workers.get(key, []) if not worker.in_use]
        return max(free, key=lambda worker: worker.last_used, default=None)

    def _created(self, key: str, name: str, config: dict[str, Any], code: bytes) -> Worker | None:
        """A new worker where the bounds allow it; a full house gives up its longest idle one."""
        own = len(lambda_runtime._workers.get(key, []))
        flowing = time.monotonic() - self._returned.get(key, -PATIENCE_SECONDS) < PATIENCE_SECONDS
        if own >= (min(self._starts_at_once, self._per_function) if flowing else self._per_function):
            return None
        everyone = self._all()
        if sum(worker.in_use and worker._cold for worker in everyone) >= self._starts_at_once:
            return None
        if len(everyone) >= self._in_all:
            idle = [worker for worker in everyone if not worker.in_use]
            if not idle:
                return None
            loser = min(idle, key=lambda worker: worker.last_used)
            if own and time.time() - loser.last_used < EVICT_IDLE_SECONDS:
                return None
            self._remove([loser])
            threading.Thread(target=lambda_runtime.kill_workers, args=([loser],), daemon=True).start()
        worker = lambda_runtime._worker_class_for(config)(name, config, code)
        lambda_runtime._workers.setdefault(key, []).append(worker)
        return worker

    def _remove(self, doomed: list[Worker]) -> None:
        for key, workers in list(lambda_runtime._workers.items()):
            kept = [worker for worker in workers if worker not in doomed]
            if kept:
                lambda_runtime._workers[key] = kept
            else:
                del lambda_runtime._workers[key]


def _key(name: str, config: dict[str, Any]) -> str:
    """Where MiniStack's table has the workers of the function's version."""
    return str(lambda_runtime._worker_key(name, config, config.get("Version", "$LATEST")))
