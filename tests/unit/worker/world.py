"""The worker's world for tests: a job on moto that goes to a bucket, and workers that take it from the queue."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from fileferry.home import Home
from fileferry.model.destination import Destination
from fileferry.model.job import JobRef
from fileferry.repositories.config_keys import destination_key
from fileferry.repositories.items import to_item
from fileferry.repositories.leases import LeaseRepository
from fileferry.services import Services
from fileferry.work_queue import send_work
from tests.unit.world import REGION, JobWorld
from worker.handlers import FUNCTIONS, Function
from worker.metrics import Metrics, MetricUnit
from worker.queue import Message, WorkQueue
from worker.runner import Runner
from worker.settings import WorkerSettings

CONTENT = b"id,amount\n1,2\n"
LEASE_SECONDS = 60


class CountedMetrics(Metrics):
    """Keeps the counts instead of writing them."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: dict[str, float] = {}

    def add(self, name: str, unit: MetricUnit, value: float) -> None:
        self.counts[name] = self.counts.get(name, 0) + value


@dataclass
class WorkerWorld:
    """What a test arranges, lets workers do, and looks at. `job` is on the queue once it was sent."""

    data: JobWorld
    settings: WorkerSettings
    functions: dict[str, Function] = field(default_factory=lambda: dict(FUNCTIONS))
    metrics: CountedMetrics = field(default_factory=CountedMetrics)
    taken: list[Message] = field(default_factory=list)

    @classmethod
    def create(cls, scratch: Path) -> WorkerWorld:
        data = JobWorld.create(scratch)
        sqs = data.services.session.client("sqs")
        dead = sqs.create_queue(QueueName="work-dlq.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
        data.raw_s3.create_bucket(Bucket="partner", CreateBucketConfiguration={"LocationConstraint": REGION})
        data.raw_s3.put_bucket_versioning(Bucket="partner", VersioningConfiguration={"Status": "Enabled"})
        target = {"kind": "s3", "bucket": "partner"}
        document = Destination(target=target, tenant="acme", id="bank").model_dump_json()
        data.raw_dynamodb.put_item(
            TableName="config", Item=to_item({**destination_key("acme", "bank"), "doc": document})
        )
        settings = WorkerSettings(
            dead_letter_queue_url=dead,
            scratch=scratch,
            lease_seconds=LEASE_SECONDS,
            part_size=5 * 1024**2,
            tries=3,
            health_port=0,
        )
        return cls(data, settings)

    # ---- arranging ------------------------------------------------------------------------------

    @property
    def services(self) -> Services:
        return self.data.services

    @property
    def job(self) -> JobRef:
        return self.data.job

    def receive(self, content: bytes = CONTENT, **route: Any) -> None:
        """A job whose file lies in ingest, and its message on the queue."""
        route = {"validation": {"checksum": "none"}, "confirm": {"mode": "none"}, **route}
        self.data.receive(content, **route)
        self.send("start")

    def send(self, reason: str) -> None:
        send_work(self.services, self.job, reason=reason)

    def set_run(self, **values: Any) -> None:
        """Change the run's record behind everybody's back."""
        self.data.raw_dynamodb.update_item(
            TableName="runs",
            Key=to_item({"job_id": self.job.job_id, "run": self.job.run}),
            UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in values),
            ExpressionAttributeNames={f"#{name}": name for name in values},
            ExpressionAttributeValues=to_item({f":{name}": value for name, value in values.items()}),
        )

    def around(self, task: str, act: Callable[[], None], *, after: bool = False) -> None:
        """Have something happen before or after each call of a task."""
        real = self.functions[task]

        def call(event: Mapping[str, Any], home: Home, world: Services) -> Mapping[str, Any]:
            if not after:
                act()
            result = real(event, home, world)
            if after:
                act()
            return result

        self.functions[task] = call

    # ---- working --------------------------------------------------------------------------------

    @property
    def leases(self) -> LeaseRepository:
        return LeaseRepository(self.services.dynamodb, "runs")

    def worker(self, owner: str = "one", **settings: Any) -> Runner:
        """A worker's runner; it has no threads of its own."""
        queue = WorkQueue(self.services.sqs, self.services.settings.work_queue_url, self.settings.dead_letter_queue_url)
        return Runner(
            self.services,
            self.leases,
            queue,
            replace(self.settings, **settings),
            owner,
            self.metrics,
            functions=self.functions,
        )

    def take(self, runner: Runner) -> Message:
        """The next message, of which there must be one."""
        (message,) = runner.queue.receive(1, 30, wait=0)
        self.taken.append(message)
        return message

    def work(self, owner: str = "one", **settings: Any) -> Runner:
        """A worker takes the next message and handles it."""
        runner = self.worker(owner, **settings)
        runner.handle(self.take(runner))
        return runner

    def end(self, most: int = 20) -> None:
        """Let workers take messages until none is left."""
        for number in range(most):
            if not self.left():
                return
            self.work(f"worker-{number}")
        raise AssertionError(f"{most} takes did not end the job")

    def die(self) -> None:
        """The lease and the message's time run out, as they do after a worker was killed."""
        self.set_run(lease_until=0)
        self.show_all()

    def show_all(self) -> None:
        """Every message that a worker has is visible again."""
        client = self.services.session.client("sqs")
        for message in self.taken:
            with suppress(ClientError):  # it is deleted
                client.change_message_visibility(
                    QueueUrl=self.services.settings.work_queue_url, ReceiptHandle=message.receipt, VisibilityTimeout=0
                )
        self.taken.clear()

    # ---- looking --------------------------------------------------------------------------------

    def run(self) -> Any:
        return self.data.run()

    def left(self) -> int:
        """Messages on the queue, those that somebody has too."""
        names: Any = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        url = self.services.settings.work_queue_url
        found = self.services.session.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)
        return sum(int(found["Attributes"][name]) for name in names)

    def buried(self) -> list[dict[str, str]]:
        """The attributes of the messages in the dead-letter queue."""
        answer = self.services.session.client("sqs").receive_message(
            QueueUrl=self.settings.dead_letter_queue_url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        )
        return [
            {name: value["StringValue"] for name, value in message.get("MessageAttributes", {}).items()}
            for message in answer.get("Messages", [])
        ]

    def events(self) -> list[dict[str, Any]]:
        """The history as it is stored."""
        summary = self.run().history
        packed = self.data.raw_s3.get_object(Bucket=summary.object.bucket, Key=summary.object.key)["Body"].read()
        events: list[dict[str, Any]] = json.loads(gzip.decompress(packed))["events"]
        assert len(events) == summary.events
        return events

    def delivered(self) -> list[str]:
        return [key for key, _ in self.data.versions("partner")]

    def checkpoints(self) -> list[str]:
        return [key for key, _ in self.data.versions("staging") if key.endswith("checkpoint")]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WorkerWorld]:
    """For `conftest.py` to import."""
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield WorkerWorld.create(tmp_path)


@contextmanager
def fresh_world(scratch: Path) -> Iterator[WorkerWorld]:
    """A world of its own."""
    with mock_aws():
        yield WorkerWorld.create(scratch)


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Any]:
    """Makes worlds, one after the other."""
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    return lambda: fresh_world(tmp_path)
