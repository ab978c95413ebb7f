"""The control plane for tests: its functions over moto's tables, called with HTTP API events as AWS sends them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlencode

from control_plane.config_service.service import api as config_api
from fileferry.api import Operation
from fileferry.clock import timestamp
from fileferry.model.job import Job, JobStatus, ObjectVersion, Run
from fileferry.repositories.jobs import job_item
from fileferry.repositories.runs import run_item
from fileferry.services import services
from tests.unit.control_plane.described import check_answer, operation_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ENVIRONMENT = {
    "AWS_REGION": "eu-central-1",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "x",
    "AWS_SECRET_ACCESS_KEY": "x",
    "INGEST_BUCKET": "ingest",
    "STAGING_BUCKET": "staging",
    "ARCHIVE_BUCKET": "archive",
    "CONFIG_TABLE": "config",
    "JOBS_TABLE": "jobs",
    "RUNS_TABLE": "runs",
    "KEYS_TABLE": "keys",
    "STATISTICS_TABLE": "statistics",
    "EVENTS_TOPIC_ARN": "arn:aws:sns:eu-central-1:123456789012:events",
    "SUCCESS_TOPIC_ARN": "arn:aws:sns:eu-central-1:123456789012:success",
    "FAILURE_TOPIC_ARN": "arn:aws:sns:eu-central-1:123456789012:failure",
    "INGEST_QUEUE_URL": "https://queue/ingest",
    "WORK_QUEUE_URL": "https://queue/work",
    "ALLOWED_SECRET_PREFIX": "fileferry/",
    "API_ADMINS": "arn:aws:iam::123456789012:user/*",
    "TRANSFER_ROLE_ARN": "arn:aws:iam::123456789012:role/transfer-user",
}
REQUESTER = "arn:aws:iam::123456789012:user/operator"
CONTEXT: Any = SimpleNamespace(aws_request_id="r", function_name="f", get_remaining_time_in_millis=lambda: 29_000)
ED25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEu8WMrkWMXEdkeXvEoQ3O2ReM7Aq6Bqay9RWrDcTEOo partner"
ED25519_OTHER = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA other"

TENANT = {"name": "Acme Corporation"}
USER = {"public_keys": [{"key": ED25519}]}
SFTP = {
    "target": {
        "kind": "sftp",
        "host": "sftp.partner.example",
        "username": "acme",
        "secret": "fileferry/acme/partner",
        "host_keys": [ED25519],
    }
}
S3 = {"target": {"kind": "s3", "bucket": "partner-bucket"}}
ROUTE = {"match": {"glob": "*.csv"}, "deliver": {"destinations": ["bucket"]}}


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    value: Any

    @property
    def pointers(self) -> list[str | None]:
        return [error.get("pointer") for error in self.value["errors"]]


def http_event(
    method: str,
    path: str,
    body: str | None = None,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """API Gateway Developer Guide, "Create AWS Lambda proxy integrations for HTTP APIs", payload format 2.0."""
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": f"{method} /v1/{{proxy+}}",
        "rawPath": path,
        "rawQueryString": urlencode(query or {}),
        "headers": {"host": "api.example", **(headers or {})},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "a1",
            "authorizer": {
                "iam": {"accountId": "123456789012", "userArn": REQUESTER, "userId": "AIDA", "callerId": "A"}
            },
            "domainName": "api.example",
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "t"},
            "requestId": "request-1",
            "routeKey": f"{method} /v1/{{proxy+}}",
            "stage": "$default",
            "time": "24/Nov/2026:22:00:00 +0000",
            "timeEpoch": 1795557600000,
        },
        "isBase64Encoded": False,
    }
    if query:
        event["queryStringParameters"] = dict(query)
    if body is not None:
        event["body"] = body
    return event


class Api:
    """One of the two services; every answer is checked to be as the description says, every error to be a problem."""

    def __init__(self, handler: Callable[[dict[str, Any], Any], dict[str, Any]]) -> None:
        self._handler = handler

    def performs(self, operation: Operation) -> bool:
        """Whether it is this service's."""
        service = "config_service" if operation in config_api.operations else "status_service"
        return service in self._handler.__module__

    def send(self, event: dict[str, Any]) -> Reply:
        answer = self._handler(event, CONTEXT)
        headers = {name: values[0] for name, values in answer.get("multiValueHeaders", {}).items()}
        headers |= answer.get("headers") or {}
        value = json.loads(answer["body"])
        if answer["statusCode"] >= 400:
            assert headers["Content-Type"] == "application/problem+json"
            assert value["status"] == answer["statusCode"]
            assert value["title"]
            assert value["detail"]
        else:
            assert headers["Content-Type"] == "application/json"
        operation = operation_of(event["requestContext"]["http"]["method"], unquote(event["rawPath"]))
        if operation:
            check_answer(operation, answer["statusCode"], headers["Content-Type"], value)
        return Reply(answer["statusCode"], headers, value)

    def call(self, method: str, path: str, body: Any = None, **rest: Any) -> Reply:
        return self.send(http_event(method, path, None if body is None else json.dumps(body), **rest))

    def get(self, path: str, **query: str) -> Reply:
        return self.call("GET", path, query=query)

    def post(self, path: str, body: Any) -> Reply:
        return self.call("POST", path, body)

    def put(self, path: str, body: Any, if_match: str | None = None) -> Reply:
        return self.call("PUT", path, body, headers={"if-match": if_match} if if_match else {})

    def all(self, path: str, **query: str) -> list[Any]:
        """All items of a listing, page by page."""
        items, cursor = [], None
        for _ in range(100):
            reply = self.get(path, **query, **({"cursor": cursor} if cursor else {}))
            assert reply.status == 200, reply
            items += reply.value["items"]
            cursor = reply.value["cursor"]
            if cursor is None:
                return items
        raise AssertionError("the listing has no end")


TABLES: dict[str, tuple[tuple[str, ...], dict[str, tuple[str, str]]]] = {
    "config": (("pk", "sk"), {"kind": ("kind", "pk")}),
    "keys": (("pk", "sk"), {}),
    "statistics": (("tenant", "counter"), {}),
    "runs": (("job_id", "run"), {}),
    "jobs": (
        ("job_id",),
        {
            "tenant-created": ("tenant", "created_at"),
            "tenant-status": ("tenant_status", "created_at"),
            "tenant-route": ("tenant_route", "created_at"),
            "tenant-route-status": ("tenant_route_status", "created_at"),
            "tenant-filename": ("tenant", "filename"),
            "tenant-status-filename": ("tenant_status", "filename"),
            "tenant-route-filename": ("tenant_route", "filename"),
            "tenant-route-status-filename": ("tenant_route_status", "filename"),
        },
    ),
}


def empty_tables(dynamodb: DynamoDBClient) -> None:
    """New tables, as the contract describes them."""
    for name in dynamodb.list_tables()["TableNames"]:
        dynamodb.delete_table(TableName=name)
    for name, (keys, indexes) in TABLES.items():
        attributes = {*keys, *(part for index in indexes.values() for part in index)}
        extra: Any = {
            "GlobalSecondaryIndexes": [
                {"IndexName": index, "KeySchema": _schema(parts), "Projection": _projection(index)}
                for index, parts in indexes.items()
            ]
        }
        dynamodb.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": a, "AttributeType": "N" if a == "run" else "S"} for a in attributes
            ],
            KeySchema=_schema(keys),
            **(extra if indexes else {}),
        )


def _projection(index: str) -> Any:
    if index.endswith("-filename"):
        return {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["created_at"]}
    return {"ProjectionType": "ALL"}


def _schema(parts: tuple[str, ...]) -> Any:
    return [{"AttributeName": part, "KeyType": kind} for part, kind in zip(parts, ("HASH", "RANGE"), strict=False)]


def job(job_id: str, tenant: str = "acme", **fields: Any) -> Job:
    version = ObjectVersion(
        bucket="ingest", key=f"in/eu-central-1/00/{tenant}/bob/{job_id}.csv", version_id="v", size=1
    )
    values: dict[str, Any] = {
        "job_id": job_id,
        "tenant": tenant,
        "user": "bob",
        "route": "orders",
        "revision": 1,
        "object": version,
        "filename": f"{job_id}.csv",
        "status": JobStatus.SUCCEEDED,
        "home_region": "eu-central-1",
        "created_at": timestamp(),
        "updated_at": timestamp(),
    }
    return Job(**{**values, **fields})


def store_job(record: Job) -> None:
    services().dynamodb.put_item(TableName="jobs", Item=job_item(record))


def store_run(record: Job, run: int = 1, fence: int = 1) -> Run:
    value = Run(
        job_id=record.job_id,
        run=run,
        fence=fence,
        status=JobStatus.RUNNING,
        tenant=record.tenant,
        route=record.route,
        revision=record.revision,
    )
    services().dynamodb.put_item(TableName="runs", Item=run_item(value))
    return value
