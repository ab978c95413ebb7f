"""The resources that the control plane's functions use, on a bare emulator: made from template.yaml, and filled.

The functions are called in this process, with an environment like the deployed one.
"""

from __future__ import annotations

import gzip
import json
import os
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import boto3
import yaml

from fileferry.clock import now, timestamp
from fileferry.model.destination import DestinationSpec
from fileferry.model.job import (
    Delivery,
    Executor,
    HistorySummary,
    Job,
    JobStatus,
    ObjectRef,
    ObjectVersion,
    PinnedWorkflow,
    Run,
    Step,
    StepRecord,
    StepStatus,
)
from fileferry.model.route import RouteSpec
from fileferry.model.tenant import PublicKey, TenantSpec, UserSpec
from fileferry.repositories.config_writes import ConfigWriter
from fileferry.repositories.items import to_item
from fileferry.repositories.jobs import job_item
from fileferry.repositories.runs import run_item
from fileferry.repositories.statistics import StatisticsRepository
from fileferry.services import Services
from fileferry.statistics import Grain, bucket_of
from local.emulator.process import Emulator
from local.workspace import ROOT

TENANT, USER, DESTINATION = "bench", "bench-sender", "partner"
ROUTES = tuple(f"route-{number:02d}" for number in range(20))
DAYS = 30
"""Over which the jobs are spread, until now."""
READ = "jread"
"""Ids of jobs that are read: `jread0`… of Step Functions, and `jworked0`… of the worker."""
WORKED = "jworked"
SAMPLES = 20
_STATUSES = {
    JobStatus.SUCCEEDED: 900,
    JobStatus.FAILED: 50,
    JobStatus.QUARANTINED: 25,
    JobStatus.DUPLICATE: 5,
    JobStatus.CANCELLED: 5,
    JobStatus.RECEIVED: 10,
    JobStatus.RUNNING: 5,
}
"""Of a thousand jobs."""
_TABLES = ("ConfigTable", "JobsTable", "RunsTable", "KeysTable", "StatisticsTable")
_BUCKETS = ("INGEST_BUCKET", "STAGING_BUCKET", "ARCHIVE_BUCKET")
_EVENTS = 60
"""Of a run's history, as a route with all steps has them."""
_WRITERS = 4
_BATCH = 25
"""Items of one BatchWriteItem (DynamoDB API reference)."""
_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEu8WMrkWMXEdkeXvEoQ3O2ReM7Aq6Bqay9RWrDcTEOo partner"


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms, of which tables have only names."""


def _short_form(loader: yaml.SafeLoader, _suffix: str, node: yaml.Node) -> Any:
    return loader.construct_scalar(node) if isinstance(node, yaml.ScalarNode) else None


_Loader.add_multi_constructor("!", _short_form)


def environment(emulator: Emulator) -> dict[str, str]:
    """The functions' environment."""
    topics = {f"{name}_TOPIC_ARN": f"arn:aws:sns:{emulator.region}:000000000000:{name.lower()}" for name in _TOPICS}
    return {
        "AWS_REGION": emulator.region,
        "AWS_DEFAULT_REGION": emulator.region,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_ENDPOINT_URL": emulator.endpoint,
        **{f"{name.removesuffix('Table').upper()}_TABLE": name.lower() for name in _TABLES},
        **{name: name.lower().replace("_", "-") for name in _BUCKETS},
        **topics,
        "INGEST_QUEUE_URL": f"{emulator.endpoint}/000000000000/ingest.fifo",
        "WORK_QUEUE_URL": f"{emulator.endpoint}/000000000000/work.fifo",
        "ALLOWED_SECRET_PREFIX": "fileferry/",
        "API_ADMINS": "*",
        "TENANT_REQUESTS_PER_SECOND": "1000000",
        "POWERTOOLS_TRACE_DISABLED": "true",
        "WORKFLOWS": json.dumps(
            {"transfer/v1": f"arn:aws:states:{emulator.region}:000000000000:stateMachine:bench:live"}
        ),
    }


_TOPICS = ("EVENTS", "SUCCESS", "FAILURE")


def make_resources(session: boto3.Session) -> None:
    """Tables, buckets and the workflow's state machine with its alias."""
    resources = yaml.load((ROOT / "template.yaml").read_text(), Loader=_Loader)["Resources"]  # a SafeLoader
    dynamodb = session.client("dynamodb")
    for name in _TABLES:
        properties = resources[name]["Properties"]
        keys = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
        dynamodb.create_table(TableName=name.lower(), **{key: properties[key] for key in keys if key in properties})
    s3: Any = session.client("s3")
    for name in _BUCKETS:
        bucket = name.lower().replace("_", "-")
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": session.region_name})
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    _make_workflow(session)


def _make_workflow(session: boto3.Session) -> None:
    states: Any = session.client("stepfunctions")
    definition = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})
    trust = {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = session.client("iam").create_role(RoleName="bench", AssumeRolePolicyDocument=policy)["Role"]["Arn"]
    made = states.create_state_machine(name="bench", definition=definition, roleArn=role, publish=True)
    version = made["stateMachineVersionArn"]
    routing = [{"stateMachineVersionArn": version, "weight": 100}]
    states.create_state_machine_alias(name="live", routingConfiguration=routing)
    for number in range(SAMPLES):
        states.start_execution(stateMachineArn=made["stateMachineArn"], name=f"{READ}{number}-1", input="{}")


def configure(world: Services) -> None:
    """The tenant with a user, a destination, and the routes."""
    writer = ConfigWriter(world.dynamodb, world.settings.config_table)
    writer.create_tenant(TENANT, TenantSpec(name="Bench"))
    writer.create_user(TENANT, USER, UserSpec(public_keys=[PublicKey(key=_KEY)]))
    target = {"kind": "s3", "bucket": "partner-bucket"}
    writer.create_destination(TENANT, DESTINATION, DestinationSpec.model_validate({"target": target}))
    for name in ROUTES:
        spec = {"match": {"glob": f"{name}/*.csv"}, "deliver": {"destinations": [DESTINATION]}}
        writer.create_route(TENANT, name, RouteSpec.model_validate(spec), "bench")


def fill_samples(world: Services) -> None:
    """The jobs that are read one by one, with complete runs, histories and kept files."""
    for number in range(SAMPLES):
        for prefix, executor in ((READ, Executor.STEP_FUNCTIONS), (WORKED, Executor.WORKER)):
            job = _job(random.Random(number), f"{prefix}{number}", JobStatus.QUARANTINED)
            machine = f"arn:aws:states:{world.settings.region}:000000000000:execution:bench:{job.job_id}-1"
            job = job.model_copy(update={"executor": executor, "execution_arn": machine})
            world.dynamodb.put_item(TableName=world.settings.jobs_table, Item=job_item(job))
            world.dynamodb.put_item(TableName=world.settings.runs_table, Item=run_item(_run(world, job)))


def _run(world: Services, job: Job) -> Run:
    kept = _kept(world, f"quarantine/{TENANT}/{job.job_id}/{job.filename}", b"content")
    events = [
        {
            "id": n,
            "previousEventId": n - 1,
            "type": "TaskScheduled",
            "timestamp": 1.0 * n,
            "taskScheduledEventDetails": {"parameters": "x" * 500},
        }
        for n in range(1, _EVENTS + 1)
    ]
    history = _kept(
        world, f"history/{TENANT}/{job.job_id}/1.json.gz", gzip.compress(json.dumps({"events": events}).encode())
    )
    step = StepRecord(
        status=StepStatus.SUCCEEDED, started_at=timestamp(), ended_at=timestamp(), result={"object": kept.model_dump()}
    )
    version = f"arn:aws:states:{world.settings.region}:000000000000:stateMachine:bench:1"
    worked = job.executor is Executor.WORKER
    return Run(
        job_id=job.job_id,
        run=1,
        fence=1,
        status=job.status,
        tenant=TENANT,
        route=job.route,
        revision=1,
        executor=job.executor,
        workflow=PinnedWorkflow(name="transfer/v1", version_arn=version, digest="0" * 64) if worked else None,
        steps=dict.fromkeys(Step, step),
        deliveries={DESTINATION: Delivery(status="DELIVERED", kind="s3", name=job.filename, location="s3://partner/x")},
        history=HistorySummary(object=history, events=_EVENTS, states=["Validate"]) if worked else None,
    )


def _kept(world: Services, key: str, body: bytes) -> ObjectRef:
    bucket = world.settings.archive_bucket
    version = world.s3.put_object(Bucket=bucket, Key=key, Body=body)["VersionId"]
    return ObjectRef(bucket=bucket, key=key, version_id=version, size=len(body), sha256=sha256(body).hexdigest())


def close_run_outcomes(world: Services) -> None:
    """What the samples' runs were closed with: a file in quarantine."""
    for number in range(SAMPLES):
        for prefix in (READ, WORKED):
            run = world.runs.get(f"{prefix}{number}", 1)
            kept = run.steps[Step.STAGE].result
            assert kept is not None
            world.dynamodb.update_item(
                TableName=world.settings.runs_table,
                Key=to_item({"job_id": run.job_id, "run": 1}),
                UpdateExpression="SET outcome = :outcome",
                ExpressionAttributeValues=to_item({":outcome": json.dumps({"quarantined": kept["object"]})}),
            )


def fill_jobs(world: Services, first: int, last: int, job_of: Callable[[int], Job] | None = None) -> None:
    """Jobs number `first` to before `last`, by batch writes; by default those of `numbered`."""
    made = job_of or numbered
    table = world.settings.jobs_table
    batches = [range(start, min(start + _BATCH, last)) for start in range(first, last, _BATCH)]

    def write(numbers: Sequence[int]) -> None:
        request: Any = {table: [{"PutRequest": {"Item": job_item(made(number))}} for number in numbers]}
        while request:
            request = world.dynamodb.batch_write_item(RequestItems=request).get("UnprocessedItems")

    with ThreadPoolExecutor(_WRITERS) as pool:
        for _ in pool.map(write, batches):
            pass


def numbered(number: int) -> Job:
    """The job of a number, the same in each measurement."""
    chance = random.Random(number)
    status = chance.choices(tuple(_STATUSES), tuple(_STATUSES.values()))[0]
    return _job(chance, f"j{sha256(str(number).encode()).hexdigest()[:25]}", status)


def _job(chance: random.Random, job_id: str, status: JobStatus) -> Job:
    route = chance.choice(ROUTES)
    at = timestamp(_START + timedelta(seconds=chance.uniform(0, DAYS * 86_400)))
    filename = f"{chance.choice(('orders', 'invoices', 'stock'))}-{chance.randrange(10**6):06d}.csv"
    key = f"in/eu-central-1/00/{TENANT}/{USER}/{route}/{filename}"
    return Job(
        job_id=job_id,
        tenant=TENANT,
        user=USER,
        route=route,
        revision=1,
        object=ObjectVersion(
            bucket="ingest-bucket", key=key, version_id=job_id, size=chance.randrange(10**7), etag="0" * 32
        ),
        filename=filename,
        status=status,
        executor_reason="10240 bytes are few for any destination",
        execution_arn=f"arn:aws:states:eu-central-1:000000000000:execution:transfer-v1:{job_id}-1",
        home_region="eu-central-1",
        created_at=at,
        updated_at=at,
        waiting_for="order" if status is JobStatus.RECEIVED else "",
    )


_START: datetime = now() - timedelta(days=DAYS)


def fill_statistics(world: Services) -> int:
    """Counters of every route, hour and day; how many items."""
    items = list(_counters(world.statistics))
    table = world.settings.statistics_table
    for start in range(0, len(items), _BATCH):
        batch: Any = [{"PutRequest": {"Item": item}} for item in items[start : start + _BATCH]]
        world.dynamodb.batch_write_item(RequestItems={table: batch})
    return len(items)


def _counters(counters: StatisticsRepository) -> Iterator[Mapping[str, Any]]:
    chance = random.Random(1)
    begins = {(grain, grain.begin(_START + timedelta(hours=hour))) for grain in Grain for hour in range(DAYS * 24)}
    for grain, begin in sorted(begins):
        for route in ROUTES:
            counted = {"jobs_SUCCEEDED": 20, "bytes_SUCCEEDED": 10**6, "jobs_FAILED": 1, "bytes_FAILED": 1}
            latencies = {f"latency_{bucket_of(chance.lognormvariate(7.5, 0.5))}": 1 for _ in range(20)}
            key = {"tenant": TENANT, "counter": counters.counter(grain, begin, route, 0), "route": route}
            yield to_item({**key, **counted, **latencies})


def session_of(emulator: Emulator) -> boto3.Session:
    """A session for the emulator, by this process' environment."""
    os.environ.update(environment(emulator))
    return boto3.Session(region_name=emulator.region)
