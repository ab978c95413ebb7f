"""The router's world for tests: real repositories and streams on moto, and fakes that keep what they are sent."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import boto3
from botocore.exceptions import ClientError

from fileferry.intake.messages import ObjectCreated
from fileferry.intake.outcome import Taken
from fileferry.intake.receive import receive, resume
from fileferry.model.job import Job, JobStatus
from fileferry.model.route import Route
from fileferry.model.tenant import Tenant
from fileferry.repositories.config import revision_key, route_key, tenant_key
from fileferry.repositories.items import to_item
from fileferry.repositories.jobs import job_from
from fileferry.services import Services
from tests.event_schemas import check_event
from tests.unit.control_plane.world import TABLES
from tests.unit.tasks.deliver.world import SETTINGS as DELIVER_SETTINGS

MACHINE = "arn:aws:states:eu-central-1:123456789012:stateMachine:fileferry-transfer-v1"
SETTINGS = replace(DELIVER_SETTINGS, workflows={"transfer/v1": f"{MACHINE}:live"}, bulk_queue_url="https://queue/bulk")
_KEYS = {
    "config": (("pk", "S"), ("sk", "S")),
    "jobs": (("job_id", "S"),),
    "runs": (("job_id", "S"), ("run", "N")),
    "keys": (("pk", "S"), ("sk", "S")),
    "statistics": (("tenant", "S"), ("counter", "S")),
}
_INDEXES = {"open": ("open_region", "created_at"), **TABLES["jobs"][1]}
"""Of the jobs: partition and sort key by name."""


def _index(name: str, parts: tuple[str, str]) -> dict[str, Any]:
    schema = [{"AttributeName": part, "KeyType": kind} for part, kind in zip(parts, ("HASH", "RANGE"), strict=True)]
    return {"IndexName": name, "KeySchema": schema, "Projection": {"ProjectionType": "ALL"}}


def client_error(code: str, operation: str, status: int = 400) -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": "injected"}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]
        operation,
    )


class Killed(BaseException):
    """The process dies here."""


class Faults:
    """Errors that AWS calls raise, once: before the call acts or, with `after`, once it has acted."""

    def __init__(self) -> None:
        self._planned: dict[tuple[str, bool], BaseException] = {}
        self._countdown = 0
        self._kill_after = False

    def fail(self, call: str, error: BaseException, *, after: bool = False) -> None:
        """The next call of this name raises `error`."""
        self._planned[call, after] = error

    def kill_at(self, number: int, *, after: bool) -> None:
        """The process dies at the call of this number from now on; 0: never."""
        self._countdown, self._kill_after = number, after

    def clear(self) -> None:
        """Nothing fails any more."""
        self._planned.clear()
        self._countdown = 0

    def before(self, call: str) -> None:
        if error := self._planned.pop((call, False), None):
            raise error
        self._countdown -= 1
        if self._countdown == 0 and not self._kill_after:
            raise Killed

    def after(self, call: str) -> None:
        if error := self._planned.pop((call, True), None):
            raise error
        if self._countdown == 0 and self._kill_after:
            self._countdown = -1
            raise Killed

    def watch(self, session: boto3.Session) -> None:
        """Count the calls of clients that the session makes from now on, too."""
        events = session.events
        events.register("before-call", lambda model, **_: self.before(model.name))
        events.register("after-call", lambda model, **_: self.after(model.name))


class FakeStates:
    """Step Functions as the router calls it; StartExecution is idempotent as AWS's is (API reference)."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self.executions: dict[str, dict[str, Any]] = {}
        self.completed: list[tuple[str, str]] = []
        self.starts = 0
        self.definitions = {f"{MACHINE}:{number}": json.dumps({"StartAt": str(number)}) for number in (1, 2)}
        """Published versions; what the tests' executions do is not played."""
        self.live = f"{MACHINE}:1"

    def start_execution(self, *, stateMachineArn: str, name: str, input: str) -> dict[str, Any]:  # noqa: N803
        self.faults.before("start_execution")
        self.starts += 1
        found = self.executions.get(name)
        if found and (found["status"] != "RUNNING" or found["input"] != input):
            raise client_error("ExecutionAlreadyExists", "StartExecution")
        self.executions[name] = {"machine": stateMachineArn, "input": input, "status": "RUNNING"}
        self.faults.after("start_execution")
        return {}

    def stop_execution(self, *, executionArn: str, error: str, cause: str) -> dict[str, Any]:  # noqa: N803
        self.faults.before("stop_execution")
        found = self.executions.get(executionArn.rsplit(":", 1)[-1])
        if found is None:
            raise client_error("ExecutionDoesNotExist", "StopExecution")
        found.update(status="ABORTED", error=error, cause=cause)
        self.faults.after("stop_execution")
        return {}

    def describe_execution(self, *, executionArn: str) -> dict[str, Any]:  # noqa: N803
        self.faults.before("describe_execution")
        found = self.executions.get(executionArn.rsplit(":", 1)[-1])
        if found is None:
            raise client_error("ExecutionDoesNotExist", "DescribeExecution")
        self.faults.after("describe_execution")
        return found

    def describe_state_machine_alias(self, *, stateMachineAliasArn: str) -> dict[str, Any]:  # noqa: N803
        self.faults.before("describe_state_machine_alias")
        if stateMachineAliasArn != f"{MACHINE}:live":
            raise client_error("ResourceNotFound", "DescribeStateMachineAlias")
        self.faults.after("describe_state_machine_alias")
        return {"routingConfiguration": [{"stateMachineVersionArn": self.live, "weight": 100}]}

    def describe_state_machine(self, *, stateMachineArn: str) -> dict[str, Any]:  # noqa: N803
        self.faults.before("describe_state_machine")
        if stateMachineArn not in self.definitions:
            raise client_error("StateMachineDoesNotExist", "DescribeStateMachine")
        self.faults.after("describe_state_machine")
        return {"definition": self.definitions[stateMachineArn]}

    def send_task_success(self, *, taskToken: str, output: str) -> dict[str, Any]:  # noqa: N803
        self.faults.before("send_task")
        self.completed.append((taskToken, output))
        self.faults.after("send_task")
        return {}

    def send_task_failure(self, *, taskToken: str, error: str, cause: str) -> dict[str, Any]:  # noqa: N803
        self.faults.before("send_task")
        self.completed.append((taskToken, error))
        self.faults.after("send_task")
        return {}


class FakeQueues:
    """SQS as the router calls it: keeps the messages, and drops repeats of a deduplication id."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self.messages: list[dict[str, Any]] = []
        self._seen: set[tuple[str, str]] = set()

    def send_message_batch(self, *, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        """Of a standard queue."""
        self.faults.before("send_message_batch")
        self.messages += [{"QueueUrl": QueueUrl, "MessageBody": entry["MessageBody"]} for entry in Entries]
        self.faults.after("send_message_batch")
        return {}

    def send_message(self, **message: Any) -> dict[str, Any]:
        self.faults.before("send_message")
        identity = (message["QueueUrl"], message["MessageDeduplicationId"])
        if identity not in self._seen:
            self.messages.append(message)
        self._seen.add(identity)
        self.faults.after("send_message")
        return {}

    def bodies(self, queue: str) -> list[dict[str, Any]]:
        return [json.loads(message["MessageBody"]) for message in self.messages if message["QueueUrl"] == queue]


class FakeTopics:
    """SNS as the notifier calls it; every event is checked against its schema."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self.events: list[tuple[str, dict[str, Any]]] = []

    def publish(self, *, TopicArn: str, Message: str, MessageAttributes: Any) -> dict[str, Any]:  # noqa: N803
        self.faults.before("publish")
        event = json.loads(Message)
        check_event(event)
        self.events.append((TopicArn.rsplit(":", 1)[-1], event))
        self.faults.after("publish")
        return {}

    def publish_batch(self, *, TopicArn: str, PublishBatchRequestEntries: Any) -> dict[str, Any]:  # noqa: N803
        for entry in PublishBatchRequestEntries:
            self.publish(TopicArn=TopicArn, Message=entry["Message"], MessageAttributes=None)
        return {}

    def types(self, topic: str = "events") -> list[str]:
        """Types of the distinct events of a topic, in the order of their first publication."""
        seen = {event["id"]: event["type"].removeprefix("fileferry.") for name, event in self.events if name == topic}
        return list(seen.values())


@dataclass
class RouterWorld:
    """What a test arranges, does and looks at."""

    services: Services
    faults: Faults = field(default_factory=Faults)
    sequence: int = 0

    def create(self) -> None:
        self.services.sfn = self.states = FakeStates(self.faults)  # type: ignore[assignment, misc]
        self.services.sqs = self.queues = FakeQueues(self.faults)  # type: ignore[assignment, misc]
        self.services.sns = self.topics = FakeTopics(self.faults)  # type: ignore[assignment, misc]
        for table, keys in _KEYS.items():
            self._create_table(table, keys)
        for bucket in ("ingest", "archive"):
            self.bucket(bucket)
        self.tenant()

    def bucket(self, name: str) -> None:
        """A versioned bucket."""
        location: Any = {"LocationConstraint": "eu-central-1"}
        self.services.s3.create_bucket(Bucket=name, CreateBucketConfiguration=location)
        self.services.s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})

    def _create_table(self, table: str, keys: tuple[tuple[str, str], ...]) -> None:
        schema = [{"AttributeName": n, "KeyType": k} for (n, _), k in zip(keys, ("HASH", "RANGE"), strict=False)]
        more: dict[str, Any] = {}
        if table == "jobs":
            keys = (*keys, *((name, "S") for name in sorted({name for parts in _INDEXES.values() for name in parts})))
            more["GlobalSecondaryIndexes"] = [_index(name, parts) for name, parts in _INDEXES.items()]
        self.services.dynamodb.create_table(
            TableName=table,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": n, "AttributeType": t} for n, t in keys],  # type: ignore[misc]
            KeySchema=schema,  # type: ignore[arg-type]
            **more,
        )

    # Configuration

    def tenant(self, *, enabled: bool = True) -> None:
        record = Tenant(id="acme", name="Acme", enabled=enabled)
        self.put("config", {**tenant_key("acme"), "doc": record.model_dump_json()})

    def route(self, name: str = "orders", *, revision: int = 1, **spec: Any) -> Route:
        fields = {"match": {"glob": "**"}, "deliver": {"destinations": ["bank"]}, **spec}
        fields.setdefault("validation", {"checksum": "none"})
        route = Route.model_validate({"tenant": "acme", "id": name, "revision": revision, **fields})
        doc = route.model_dump_json(by_alias=True)
        self.put("config", {**route_key("acme", name), "doc": doc})
        self.put("config", {**revision_key("acme", name, revision), "doc": doc})
        return route

    def put(self, table: str, item: dict[str, Any]) -> None:
        self.services.dynamodb.put_item(TableName=table, Item=to_item(item))

    def update_run(self, job_id: str, run: int = 1, **values: Any) -> None:
        """Change a run as whoever owns it does."""
        self.services.dynamodb.update_item(
            TableName="runs",
            Key=to_item({"job_id": job_id, "run": run}),
            UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in values),
            ExpressionAttributeNames={f"#{name}": name for name in values},
            ExpressionAttributeValues=to_item({f":{name}": value for name, value in values.items()}),
        )

    # What happens

    def upload(
        self, path: str = "orders.csv", content: bytes = b"id\n1\n", *, user: str = "bob", **metadata: str
    ) -> ObjectCreated:
        """Put a file into ingest; its event as the rule sends it."""
        key = f"in/eu-central-1/00/acme/{user}/{path}"
        named = {name.replace("_", "-"): value for name, value in metadata.items()}
        answer = self.services.s3.put_object(Bucket="ingest", Key=key, Body=content, Metadata=named)
        return ObjectCreated("ingest", key, answer["VersionId"], len(content), answer["ETag"].strip('"'), "00")

    def receive(self, event: ObjectCreated) -> Taken:
        self.sequence += 1
        return receive(self.services, event, f"{self.sequence:020d}")

    def resume_all(self) -> list[Taken]:
        """Take the start messages that were sent since the last call."""
        sent = [m for m in self.queues.messages if m["QueueUrl"] == SETTINGS.ingest_queue_url]
        self.queues.messages = [m for m in self.queues.messages if m not in sent]
        return [resume(self.services, json.loads(message["MessageBody"])["start"]) for message in sent]

    # What is there

    def jobs(self) -> list[Job]:
        items = self.services.dynamodb.scan(TableName="jobs")["Items"]
        return sorted((job_from(item) for item in items), key=lambda job: job.created_at)

    def job(self) -> Job:
        (job,) = self.jobs()
        return job

    def statuses(self) -> Counter[JobStatus]:
        return Counter(job.status for job in self.jobs())

    def ingested(self) -> list[str]:
        """Paths of all versions in ingest."""
        versions = self.services.s3.list_object_versions(Bucket="ingest").get("Versions", [])
        return [version["Key"].split("/", 5)[5] for version in versions]

    def archived(self) -> list[str]:
        """Keys of all versions in archive."""
        versions = self.services.s3.list_object_versions(Bucket="archive").get("Versions", [])
        return [version["Key"] for version in versions]

    def executions(self) -> list[str]:
        return list(self.states.executions)


def context(milliseconds: int = 60_000) -> Any:
    return SimpleNamespace(
        memory_limit_in_mb="512",
        function_name="router",
        get_remaining_time_in_millis=lambda: milliseconds,
    )
