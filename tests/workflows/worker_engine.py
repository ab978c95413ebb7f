"""Whole executions as the worker drives them: by its runner, with leases, checkpoints and histories on moto.

Only the workflow's functions are mocked. Nobody waits: the time before a repeat, and until a run that waits for an
acknowledgement is woken, is skipped.
"""

from __future__ import annotations

import gzip
import itertools
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

import asl
from asl.testing import Outcome
from fileferry.clock import parse_time
from fileferry.home import Home
from fileferry.model.job import Executor, Job, JobRef, JobStatus, Run
from fileferry.model.route import Route
from fileferry.repositories.config import revision_key
from fileferry.repositories.items import to_item
from fileferry.repositories.jobs import job_item
from fileferry.repositories.leases import LeaseRepository
from fileferry.repositories.runs import run_item
from fileferry.services import Services
from fileferry.steps import WAITING
from fileferry.work_queue import send_work
from fileferry.workflows import task_of
from tests.unit.world import CREATED_AT, REGION, JobWorld
from tests.workflows.engine import Completion, Mocks, Script
from tests.workflows.executions import path_of
from worker import driving, handlers
from worker.handlers import Function
from worker.hold import Hold
from worker.metrics import Metrics
from worker.queue import WorkQueue
from worker.runner import Runner
from worker.settings import WorkerSettings

_WORKFLOW = "transfer/v1"
_MOST_MESSAGES = 20
_ROUTE = {"match": {"glob": "**"}, "deliver": {"destinations": ["bank"]}}


@dataclass
class SkippedTime:
    """Stands for the module `time` where the worker lets time pass."""

    skipped: float = 0.0

    def time(self) -> float:
        return time.time() + self.skipped

    def skip(self, seconds: float) -> None:
        self.skipped += max(0.0, seconds)


@contextmanager
def skipping_time() -> Iterator[SkippedTime]:
    """The worker and the engine do not wait inside the block."""
    clock = SkippedTime()
    with pytest.MonkeyPatch.context() as patch:
        for module in (driving, handlers, asl.clock):
            patch.setattr(module, "time", clock)
        patch.setattr(Hold, "rest", lambda _hold, seconds: clock.skip(seconds))
        yield clock


@dataclass
class Mocked:
    """The workflow's functions of one run: answers from a script, as each state's function would give them.

    A token is completed while its function runs, but for the one that waits for the outside: there the worker lets the
    run go, and completes the token when it asks the function again.
    """

    script: Script
    states: Mapping[str, str]
    """Task → the state that calls it."""
    fence: int
    """The job's own, where the worker's is its lease's."""
    waiting: dict[str, Completion | None] = field(default_factory=dict)
    """Token that was not completed at once → what will complete it."""

    def functions(self) -> dict[str, Function]:
        return {task: self._function(state) for task, state in self.states.items()}

    def _function(self, state: str) -> Function:
        def function(event: Mapping[str, Any], home: Home, _world: Services) -> Mapping[str, Any]:
            token = event.get("task_token", "")
            if token in self.waiting:
                _complete(home, token, self.waiting[token])
                return WAITING
            answer = self.script.call(state, {**event, "job": {**event["job"], "fence": self.fence}})
            if answer.error:
                raise asl.TaskFailed(answer.error, answer.cause or None)
            if answer.result == WAITING:
                self.waiting[token] = answer.completion
            elif token:
                _complete(home, token, answer.completion)
            result: Mapping[str, Any] = answer.result
            return result

        return function


def _complete(home: Home, token: str, completion: Completion | None) -> None:
    if completion and completion.error:
        raise asl.TaskFailed(completion.error, completion.cause or None)
    if completion:
        home.complete_task(token, completion.output)


@dataclass(frozen=True)
class WorkerEngine:
    """Runs each case through the worker's runner. `world` has its tables, buckets and queues."""

    world: JobWorld
    folder: Path
    clock: SkippedTime
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def run(self, definition: Mapping[str, Any], input: Mapping[str, Any], mocks: Mocks) -> Outcome:
        job = JobRef.model_validate(input["job"])
        self._begin(job, definition)
        script = Script(mocks)
        states = {
            task_of(fields["Arguments"]["FunctionName"]): state
            for state, fields in definition["States"].items()
            if fields["Type"] == "Task"
        }
        self._handle_all(Mocked(script, states, job.fence), job)
        assert not script.unused, f"answers that nobody asked for: {script.unused}"
        return self._outcome(job, script)

    def _handle_all(self, mocked: Mocked, job: JobRef) -> None:
        """Work on the run's messages until there is none: the first, and one for each time that it is woken."""
        runner, services = self._runner(mocked), self.world.services
        send_work(services, job, reason=f"case-{next(self._numbers)}")
        for _ in range(_MOST_MESSAGES):
            for message in runner.queue.receive(1, 30, 0):
                runner.handle(message)
            wake_at = services.runs.get(job.job_id, job.run).wake_at
            if not wake_at:
                return
            if not any(mocked.waiting.values()):  # nobody will answer: the deadline wakes it
                self.clock.skip(parse_time(wake_at).timestamp() - self.clock.time() + 1)
            send_work(services, job, reason=f"case-{next(self._numbers)}")
        raise AssertionError(f"the run was woken {_MOST_MESSAGES} times and has no end")

    def _begin(self, job: JobRef, definition: Mapping[str, Any]) -> None:
        """The job and its run as the router leaves them, and the definition in the worker's image."""
        services = self.world.services
        common = {"job_id": job.job_id, "tenant": job.tenant, "route": job.route, "revision": job.revision}
        record = Job(
            **common,
            user=job.user,
            object=job.object,
            filename=job.filename,
            status=JobStatus.RUNNING,
            executor=Executor.WORKER,
            home_region=REGION,
            created_at=job.created_at,
            updated_at=CREATED_AT,
        )
        run = Run(**common, run=job.run, fence=job.fence, status=JobStatus.RUNNING, executor=Executor.WORKER)
        services.dynamodb.put_item(TableName="jobs", Item=job_item(record))
        services.dynamodb.put_item(TableName="runs", Item=run_item(run))
        route = Route.model_validate({**_ROUTE, "tenant": job.tenant, "id": job.route, "revision": job.revision})
        document = {**revision_key(job.tenant, job.route, job.revision), "doc": route.model_dump_json(by_alias=True)}
        services.dynamodb.put_item(TableName="config", Item=to_item(document))
        file = self.folder / f"{_WORKFLOW}.asl.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(definition))

    def _runner(self, mocked: Mocked) -> Runner:
        services = self.world.services
        return Runner(
            world=services,
            leases=LeaseRepository(services.dynamodb, "runs"),
            queue=WorkQueue(services.sqs, services.settings.work_queue_url, self._dead_letters),
            settings=WorkerSettings(self._dead_letters, self.folder, workflows=self.folder),
            owner="cases",
            metrics=Metrics(),
            functions=mocked.functions(),
        )

    @property
    def _dead_letters(self) -> str:
        return self.world.services.settings.work_queue_url.replace("work.fifo", "work-dlq.fifo")

    def _outcome(self, job: JobRef, script: Script) -> Outcome:
        """What the stored history tells."""
        kept = self.world.services.runs.get(job.job_id, job.run).history
        assert kept, "the run has no history"
        events = json.loads(gzip.decompress(self.world.services.objects.read(kept.object, kept.object.size)))["events"]
        end = events[-1]
        details = next((end[name] for name in end if name.endswith("EventDetails")), {})
        status = {"ExecutionSucceeded": "SUCCEEDED", "ExecutionFailed": "FAILED"}[end["type"]]
        return Outcome(
            path=path_of(events),
            status=status,
            output=json.loads(details["output"]) if status == "SUCCEEDED" else None,
            error=details.get("error"),
            cause=details.get("cause"),
            calls=script.calls,
        )


@contextmanager
def worker_engine(folder: Path) -> Iterator[WorkerEngine]:
    """The engine for as long as the block runs; `folder` takes definitions and scratch files."""
    with mock_aws(), skipping_time() as clock:
        world = JobWorld.create(folder)
        world.services.sqs.create_queue(QueueName="work-dlq.fifo", Attributes={"FifoQueue": "true"})
        yield WorkerEngine(world, folder, clock)
