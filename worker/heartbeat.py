"""One thread that keeps leases and messages of all running jobs, three times within a lease."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from botocore.exceptions import BotoCoreError, ClientError

from fileferry.repositories.leases import FencedOut
from fileferry.steps import logger

from .hold import Hold, Holds
from .metrics import Metrics, MetricUnit
from .protection import Protection
from .queue import WorkQueue
from .settings import PATIENCE_SECONDS

_METRICS_SECONDS = 60

GiveAway = Callable[[Hold, str], None]


class Heartbeat(threading.Thread):
    """Beats until it is stopped; `late` says whether it has missed its time."""

    def __init__(
        self,
        holds: Holds,
        queue: WorkQueue,
        protection: Protection,
        metrics: Metrics,
        give_away: GiveAway,
        *,
        lease_seconds: int,
        hold_seconds: int,
    ) -> None:
        super().__init__(name="heartbeat", daemon=True)
        self._holds = holds
        self._queue = queue
        self._protection = protection
        self._metrics = metrics
        self._give_away = give_away
        self._lease_seconds = lease_seconds
        self._hold_seconds = hold_seconds
        self._stopped = threading.Event()
        self._last = self._flushed = time.monotonic()

    @property
    def late(self) -> bool:
        """Whether it has not come round within a lease."""
        return time.monotonic() - self._last > self._lease_seconds

    def stop(self) -> None:
        self._stopped.set()

    def run(self) -> None:
        while not self._stopped.wait(self._lease_seconds / 3):
            try:
                self.beat()
            except Exception:
                logger.exception("the heartbeat failed")

    def beat(self) -> None:
        """Keep what is ours once more: all leases, then messages as long as SQS answers in time.

        What fails in one job, or was not come to, is tried again at the next beat.
        """
        holds, until = self._holds.all(), time.monotonic() + self._lease_seconds / 3
        renewed = [hold for hold in holds if self._tried(hold, self._keep_lease)]
        for hold in renewed:
            if time.monotonic() < until:
                self._tried(hold, self._keep_message)
        self._last = time.monotonic()
        self._protection.keep(bool(holds))
        if self._last - self._flushed >= _METRICS_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Write the metrics."""
        self._flushed = time.monotonic()
        moved = sum(hold.take_moved() for hold in self._holds.all())
        if moved:
            self._metrics.add("BytesMoved", MetricUnit.Bytes, moved)
        self._metrics.flush(len(self._holds))

    def _tried(self, hold: Hold, keep: Callable[[Hold], None]) -> bool:
        """Whether it was done; what goes wrong in one job is no other's concern."""
        try:
            keep(hold)
        except (BotoCoreError, ClientError) as error:
            logger.warning("a lease or message could not be kept: %s", error, job_id=hold.job.job_id)
            return False
        except Exception:
            logger.exception("a lease or message could not be kept", job_id=hold.job.job_id)
            return False
        return True

    def _keep_lease(self, hold: Hold) -> None:
        if hold.message.age > self._hold_seconds:
            hold.interrupt("SQS would show the message to others soon")
        hold.renew()

    def _keep_message(self, hold: Hold) -> None:
        if hold.lost:
            return
        if hold.message.age > self._hold_seconds + PATIENCE_SECONDS:
            self._give_away(hold, "its thread did not stop")
            hold.refuse(FencedOut(hold.job, None))
        else:
            self._queue.show_in(hold.message, self._lease_seconds)
