"""The worker's part of the system in this process, with the credentials of its role: its tasks, and its messages."""

from __future__ import annotations

import io
import json
import logging
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import boto3
import botocore.session
from botocore.credentials import ContainerProvider

from fileferry.errors import FerryError, StepInterrupted
from fileferry.home import MIB, Home
from fileferry.model.job import JobRef, Run
from fileferry.repositories.leases import LeaseRepository
from fileferry.services import Services
from fileferry.settings import read_settings
from fileferry.steps import logger
from fileferry.work_queue import send_work
from local.worker_process import scratch, worker_environment
from worker.handlers import FUNCTIONS
from worker.hold import Holds
from worker.metrics import Metrics
from worker.progress import RunProgress
from worker.queue import Message, WorkQueue
from worker.runner import Runner
from worker.settings import read_worker_settings

from .world import LATEST, SETTINGS, Seen, World

PART = 5 * MIB
"""The smallest part of a multipart upload, so that small files have several."""
_SECONDS = 600.0
_WAITING: tuple[Literal["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"], ...] = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
)


class WorkerWorld(World):
    """The same system; what is called runs here, with the worker's role."""

    @cached_property
    def environment(self) -> dict[str, str]:
        """What the worker's process has, and what the functions' unpublished code has here beside."""
        return {**worker_environment(self.system.workspace, self.stack), **SETTINGS["stage"]}

    def as_worker(self) -> Services:
        """Services with fresh credentials of the role, which remember nothing."""
        provider = ContainerProvider(environ=self.environment)
        session = botocore.session.get_session()
        session.get_component("credential_provider").providers[:] = [provider]
        region = self.stack.emulator.region
        return Services(read_settings(self.environment), boto3.Session(botocore_session=session, region_name=region))

    def call(self, function: str, event: Mapping[str, Any], qualifier: str = "live") -> Seen:
        """A task as the worker calls it, whose code is the repository's: there is no other version of it."""
        assert qualifier in ("live", LATEST)
        return self.step(function, event)

    def step(self, function: str, event: Mapping[str, Any], *, parts: int | None = None) -> Seen:
        """A task in small parts, without copies by one call; interrupted when `parts` of them are safe."""
        world = self.as_worker()
        job = JobRef.model_validate(event["job"])

        def pulse(safe: int) -> None:
            if parts is not None and safe >= parts * PART:
                raise StepInterrupted("the bench interrupts it")

        home = Home(
            deadline=time.time() + _SECONDS,
            scratch=_made(scratch(self.system.workspace)),
            part_size=PART,
            lanes=1,
            copy_limit=0,
            progress=RunProgress(world.runs, job),
            pulse=pulse,
            complete_task=lambda _token, _result: None,
        )
        with _logged() as log:
            try:
                answer = json.dumps(FUNCTIONS[function](event, home, world))
            except StepInterrupted as error:
                return Seen(parts is not None, str(error), log.getvalue())
            except FerryError as error:
                answer = json.dumps({"errorType": type(error).__name__, "errorMessage": str(error)})
                return Seen(False, answer, log.getvalue())
        return Seen(parts is None, answer, log.getvalue())

    def handle(self, job: JobRef, *, stopped_in: str = "") -> Seen:
        """A message about the job, sent by the account and handled by the worker; ok when nothing was raised.

        The worker is told to stop while it does the task `stopped_in`.
        """
        self.stack.sqs.purge_queue(QueueUrl=self.services.settings.work_queue_url)  # of what earlier probes left
        send_work(self.services, job, reason=secrets.token_hex(4))
        return self.handle_next(job, stopped_in=stopped_in)

    def handle_next(self, job: JobRef, *, stopped_in: str = "") -> Seen:
        """The message about the job that waits already."""
        world, settings = self.as_worker(), read_worker_settings(self.environment)
        queue = WorkQueue(world.sqs, world.settings.work_queue_url, settings.dead_letter_queue_url)
        leases = LeaseRepository(world.dynamodb, world.settings.runs_table)
        holds = Holds()

        def stop(_event: Mapping[str, Any], home: Home, _world: Services) -> Mapping[str, Any]:
            for hold in holds.all():
                hold.interrupt("the bench stops the worker")
            home.pulse(0)
            raise AssertionError("the worker was told to stop, and goes on")

        tasks = {**FUNCTIONS, **({stopped_in: stop} if stopped_in else {})}
        runner = Runner(world, leases, queue, settings, "the bench", Metrics(), holds, tasks)
        with _logged() as log:
            runner.handle(self._received(queue, job))
            return Seen(True, f"run {self.run(job).status}", log.getvalue())

    def _received(self, queue: WorkQueue, job: JobRef) -> Message:
        for message in queue.receive(1, 60, wait=10):
            if message.group == job.job_id:
                return message
        raise TimeoutError(f"no message of job {job.job_id} came")

    def run(self, job: JobRef) -> Run:
        return self.services.runs.get(job.job_id, job.run)

    def waits(self) -> bool:
        """Whether a message is still in the queue, in whoever's hands."""
        url = self.services.settings.work_queue_url
        told = self.stack.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return any(int(told[name]) for name in _WAITING)


def worker_world(world: World) -> WorkerWorld:
    """The worker's world of the same system, made once."""
    made: WorkerWorld = vars(world).setdefault("worker", WorkerWorld(world.system))
    return made


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def _logged() -> Iterator[io.StringIO]:
    """What is logged meanwhile, instead of on the terminal."""
    text = io.StringIO()
    handler = logger.registered_handler
    assert isinstance(handler, logging.StreamHandler)
    before = handler.setStream(text)
    try:
        yield text
    finally:
        handler.setStream(before)
