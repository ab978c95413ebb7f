"""The process: a poller, a thread for each running job, a heartbeat, the health server, and an end in good order."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
import uuid
from collections.abc import Mapping
from typing import Any

import boto3
import botocore.session
from botocore.config import Config

from fileferry.repositories.leases import LeaseRepository
from fileferry.services import Services
from fileferry.settings import Settings
from fileferry.steps import logger

from .handlers import FUNCTIONS, Function
from .health import HealthServer
from .heartbeat import Heartbeat
from .metrics import Metrics
from .poller import Poller
from .protection import Protection
from .queue import Message, WorkQueue
from .runner import Runner
from .settings import WorkerSettings

STOP_SECONDS = 100.0
"""For the running jobs to come to the end of a part; ECS kills the process 120 s after SIGTERM."""
_LAST_CALLS_SECONDS = 12.0
"""For giving away what did not stop by itself."""
_CLIENTS = ("s3", "dynamodb", "sns", "sqs", "sfn", "secrets", "workflows", "config", "jobs", "runs", "keys", "objects")


class Worker:
    """One worker process. `start` returns, `stop` ends all in good order."""

    def __init__(
        self, world: Services, settings: WorkerSettings, functions: Mapping[str, Function] = FUNCTIONS
    ) -> None:
        self._settings = settings
        self._metrics = Metrics()
        urls = world.settings.work_queue_url, settings.dead_letter_queue_url
        queue = WorkQueue(world.sqs, *urls)
        leases = LeaseRepository(prompt_client(world, settings, "dynamodb"), world.settings.runs_table)
        self._runner = Runner(world, leases, queue, settings, new_owner(), self._metrics, functions=functions)
        self._holds = self._runner.holds
        self._protection = Protection(settings.agent_uri)
        self._poller = Poller(queue, self._handle, settings.jobs, settings.lease_seconds)
        self._heartbeat = Heartbeat(
            self._holds,
            WorkQueue(prompt_client(world, settings, "sqs"), *urls),
            self._protection,
            self._metrics,
            self._runner.hand_on,
            lease_seconds=settings.lease_seconds,
            hold_seconds=settings.hold_seconds,
        )
        self._health = HealthServer(settings.health_port, self.health)
        self._stopping = False

    @property
    def health_port(self) -> int:
        return self._health.port

    def start(self) -> None:
        self._health.start()
        self._heartbeat.start()
        self._poller.start()
        logger.info("the worker takes jobs", owner=self._runner.owner, places=self._settings.jobs)

    def health(self) -> dict[str, Any]:
        """What `/health` answers."""
        polling, in_time = not self._poller.silent, not self._heartbeat.late and self._heartbeat.is_alive()
        return {
            "healthy": self._stopping or (polling and in_time),
            "polling": polling,
            "heartbeat_in_time": in_time,
            "stopping": self._stopping,
            "jobs": [hold.job.execution_name for hold in self._holds.all()],
        }

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """Take no more jobs; have the running ones stop at their next part and give them away.

        A job that does not stop in `seconds` is given away as it stands: whatever its thread still does is refused
        once another worker has taken it.
        """
        self._stopping = True
        logger.info("the worker stops", jobs=len(self._holds))
        self._poller.stop()
        until = time.monotonic() + seconds
        while self._poller.busy and time.monotonic() < until:
            for hold in self._holds.all():
                hold.interrupt("the worker stops")
            self._poller.await_change(min(1.0, until - time.monotonic()))
        self._heartbeat.stop()
        self._give_away_the_rest()
        self._protection.keep(False)
        self._heartbeat.flush()
        self._health.stop()

    def _handle(self, message: Message) -> None:
        self._protection.keep(True)
        self._runner.handle(message)

    def _give_away_the_rest(self) -> None:
        """In threads, since AWS may hang as well."""
        rest = [
            threading.Thread(target=self._runner.hand_on, args=(hold, "its thread did not stop"), daemon=True)
            for hold in self._holds.all()
        ]
        for thread in rest:
            thread.start()
        until = time.monotonic() + _LAST_CALLS_SECONDS
        for thread in rest:
            thread.join(max(0.0, until - time.monotonic()))


def serve(worker: Worker) -> None:
    """Work until SIGTERM or SIGINT, and end in good order; a second signal ends at once. Does not return."""
    asked = threading.Event()

    def ask(_number: int, _frame: object) -> None:
        if asked.is_set():
            os._exit(1)
        asked.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask)
    worker.start()
    asked.wait()
    try:
        worker.stop()
    except Exception:
        logger.exception("the worker did not end in good order: what it had is taken when its leases end")
    finally:
        # Not sys.exit, which would wait for threads that hang in a library.
        os._exit(0)


def new_owner() -> str:
    """A name for this process in the leases, which no other process ever has."""
    return f"{socket.gethostname()}/{os.getpid()}/{uuid.uuid4().hex[:8]}"


def connected(settings: Settings, jobs: int, lanes: int) -> Services:
    """The services of this process, whose clients many threads share: all made now.

    A job has connections for the lanes that it reads and writes with, and two more.
    """
    session = botocore.session.get_session()
    session.set_default_client_config(Config(max_pool_connections=max(10, jobs * (2 * lanes + 2))))
    world = Services(settings, boto3.Session(botocore_session=session, region_name=settings.region))
    for name in _CLIENTS:
        getattr(world, name)
    return world


def prompt_client(world: Services, settings: WorkerSettings, service: str) -> Any:
    """A client for what keeps leases: an answer that does not come is asked for anew well within a lease."""
    patience = max(1.0, settings.lease_seconds / 9)
    config = Config(connect_timeout=patience, read_timeout=patience, retries={"mode": "standard", "max_attempts": 2})
    session: Any = world.session
    return session.client(service, config=config)
