"""The running system as the probes use it: tenants, files and jobs made by hand, functions called directly.

Everything here is done with the account's own credentials, which may do all; what a role may do shows in the calls.
"""

from __future__ import annotations

import base64
import json
import os
import re
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pysequoia
from botocore.config import Config

from fileferry.clock import timestamp
from fileferry.ingest_key import home_prefix
from fileferry.model.destination import DestinationSpec
from fileferry.model.job import ObjectRef, ObjectVersion
from fileferry.model.route import RouteSpec
from fileferry.model.tenant import TenantSpec
from fileferry.repositories.config_writes import ConfigWriter
from local.demo.keys import put_secret
from local.emulator.process import LOOPBACK
from local.services import services_of
from local.temporary import System
from local.worker_process import start_worker, stop_worker
from local.workspace import STACK
from worker.queue import WAIT_SECONDS

BIG = 5 * 1024**3 + 1
"""What a job says of a file's size to have it streamed: S3 copies no more in one call."""
BIG_BYTES = 17 * 1024**2
"""What such a file really has: one part of a multipart upload, and then the stream ends too early."""
USER = "sender"
LATEST = "$LATEST"
"""The unpublished code of a function, with the settings below."""
_DENIED = re.compile(r"AccessDenied|is not authorized to perform|AuthorizationError|\(403\) when calling")
_ACTION = re.compile(r"not authorized to perform: ([A-Za-z0-9]+:[A-Za-z]+)")
_OPERATION = re.compile(r"when calling the (\w+) operation|(\w+) was refused")
_OURS = re.compile(r"privileges(-[0-9a-f]{10})?")
"""The tenants of the bench."""
SETTINGS = {
    "stage": {"DUPLICATE_CHECK_BYTES": "0"},  # stage asks for content that the router did not hash: all, then
    "reconciler": {"RECONCILE_AFTER_SECONDS": "0"},  # what was made a moment ago is overdue
}
"""What the functions' unpublished code ($LATEST) has in its environment beside the template's."""


@dataclass(frozen=True)
class Seen:
    """What a probe saw: whether all went as it must, what was answered, and the call's log."""

    ok: bool
    answer: str
    log: str = ""

    @property
    def denied(self) -> bool:
        return bool(_DENIED.search(self.answer) or _DENIED.search(self.log))

    @property
    def told(self) -> str:
        """What was denied, or else the answer's beginning."""
        if not self.denied:
            return self.answer[:100]
        for form in (_ACTION, _OPERATION):
            if found := form.search(self.answer) or form.search(self.log):
                return f"AccessDenied: {found[1] or found[2]}"
        return "AccessDenied"


@dataclass
class World:
    """The system, with what several probes need once."""

    system: System

    def __post_init__(self) -> None:
        stack = self.stack = self.system.stack
        gateway = f"http://{LOOPBACK}:{stack.emulator.port}"  # by its number, so that S3 is addressed by path
        os.environ.update({**stack.emulator.environment(), "AWS_ENDPOINT_URL": gateway})
        self.services = services_of(stack)
        self.config = ConfigWriter(stack.dynamodb, self.services.settings.config_table)

    def client(self, service: Any) -> Any:
        config = Config(read_timeout=120, retries={"max_attempts": 1})
        return self.stack.session.client(service, endpoint_url=self.stack.emulator.endpoint, config=config)

    @cached_property
    def functions(self) -> Any:
        return self.client("lambda")

    @cached_property
    def pgp_secret(self) -> str:
        """Name of a secret with an OpenPGP key."""
        name = f"{STACK}/privileges/pgp"
        put_secret(self.stack, name, str(pysequoia.Tsk.generate("Bench <bench@example.com>")))
        return name

    @cached_property
    def sftp_secret(self) -> str:
        """Name of the secret of the partner's SFTP server."""
        name = f"{STACK}/privileges/sftp"
        put_secret(self.stack, name, json.dumps({"private_key": self.system.account.login_key}))
        return name

    @cached_property
    def big_in_ingest(self) -> ObjectVersion:
        return self.upload("privileges", "big.txt", _big()).model_copy(update={"size": BIG})

    @cached_property
    def big_in_staging(self) -> ObjectRef:
        version = self.put(self.services.settings.staging_bucket, "privileges/big/original", _big())
        return ObjectRef(**version.model_dump(exclude={"size", "etag"}), size=BIG, sha256="0" * 64)

    def put(self, bucket: str, key: str, content: bytes, **more: Any) -> ObjectVersion:
        """An object, put whole and with the SHA-256 that S3 keeps."""
        answer = self.stack.s3.put_object(Bucket=bucket, Key=key, Body=content, ChecksumAlgorithm="SHA256", **more)
        return ObjectVersion(bucket=bucket, key=key, version_id=answer["VersionId"], size=len(content))

    def put_in_parts(self, bucket: str, key: str, content: bytes) -> None:
        """An object of one part, of which S3 keeps no SHA-256 of the whole."""
        place: Any = {"Bucket": bucket, "Key": key}
        place["UploadId"] = self.stack.s3.create_multipart_upload(**place)["UploadId"]
        tag = self.stack.s3.upload_part(**place, PartNumber=1, Body=content)["ETag"]
        self.stack.s3.complete_multipart_upload(**place, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": tag}]})

    def open_uploads(self, bucket: str, prefix: str) -> int:
        """Multipart uploads that were neither completed nor aborted."""
        return len(self.stack.s3.list_multipart_uploads(Bucket=bucket, Prefix=prefix).get("Uploads", []))

    def all_closed(self, seen: Seen, bucket: str, prefix: str) -> Seen:
        """The same, ok when besides no upload was left open there."""
        left = self.open_uploads(bucket, prefix)
        return replace(
            seen, ok=seen.ok and not left, answer=f"{left} upload left. {seen.answer}" if left else seen.answer
        )

    @property
    def region(self) -> str:
        return self.services.settings.region

    def new_tenant(self) -> str:
        """A tenant of its own for each probe: nothing that a function remembers is about it."""
        name = f"privileges-{secrets.token_hex(5)}"
        self.config.create_tenant(name, TenantSpec(name="Least privilege"))
        return name

    def write_route(self, tenant: str, **members: Any) -> None:
        """The one route of a tenant, named `files`."""
        spec = {"match": {"glob": "**"}, "deliver": {"destinations": ["there"]}, "confirm": {"mode": "none"}, **members}
        self.config.create_route(tenant, "files", RouteSpec.model_validate(spec))

    def write_destination(self, tenant: str, target: Mapping[str, Any]) -> None:
        self.config.create_destination(tenant, "there", DestinationSpec.model_validate({"target": target}))

    def upload(self, tenant: str, path: str, content: bytes, user: str = USER) -> ObjectVersion:
        """A file in ingest, where SFTP would put it."""
        settings = self.services.settings
        home = home_prefix(settings.region, tenant, user, settings.shards)
        return self.put(settings.ingest_bucket, f"{home}/{path}", content)

    def call(self, function: str, event: Mapping[str, Any], qualifier: str = "live") -> Seen:
        """Invoke a function and take its answer and its log; ok unless it raised."""
        answer = self.functions.invoke(
            FunctionName=f"{STACK}-{function}", Qualifier=qualifier, Payload=json.dumps(event), LogType="Tail"
        )
        log = base64.b64decode(answer.get("LogResult", "")).decode("utf-8", "replace")
        return Seen("FunctionError" not in answer, answer["Payload"].read().decode(), log)

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Nothing happens of itself: no event reaches the queue, no message the router, no schedule the reconciler."""
        with ExitStack() as stack:
            stack.enter_context(self._without_rules())
            stack.enter_context(self._without_leftovers())
            stack.enter_context(self._without_poller())
            stack.enter_context(self._without_worker())
            stack.enter_context(self._without_default_topic_policies())
            for function, environment in SETTINGS.items():
                stack.enter_context(self._with_settings(function, environment))
            yield

    @contextmanager
    def _without_rules(self) -> Iterator[None]:
        events = self.client("events")
        rules = [rule["Name"] for rule in events.list_rules(NamePrefix=f"{STACK}-")["Rules"]]
        for rule in rules:
            events.disable_rule(Name=rule)
        try:
            yield
        finally:
            for rule in rules:
                events.enable_rule(Name=rule)

    @contextmanager
    def _without_poller(self) -> Iterator[None]:
        functions = self.functions
        mappings = functions.list_event_source_mappings(FunctionName=f"{STACK}-router:live")["EventSourceMappings"]
        for mapping in mappings:
            functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
        try:
            yield
        finally:
            for queue in ("IngestQueueUrl", "WorkQueueUrl"):
                self.stack.sqs.purge_queue(QueueUrl=self.stack[queue])
            for mapping in mappings:
                functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)

    @contextmanager
    def _without_worker(self) -> Iterator[None]:
        """Nobody takes what is sent to the work queue: the emulator answers the last long poll, though nobody waits."""
        if stop_worker(self.system.workspace):
            time.sleep(WAIT_SECONDS)
        try:
            yield
        finally:
            start_worker(self.system.workspace, self.stack)

    @contextmanager
    def _without_default_topic_policies(self) -> Iterator[None]:
        """SNS's default policy lets the whole account publish; on AWS the template's own policies stand in its place.

        They refuse plain HTTP, which is all that an emulator speaks; so an empty one stands here.
        """
        topics = [self.stack[name] for name in ("EventsTopicArn", "SuccessTopicArn", "FailureTopicArn")]
        before = {arn: self.stack.sns.get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"] for arn in topics}
        for arn in topics:
            self._set_topic_policy(arn, json.dumps({"Version": "2012-10-17", "Statement": [_nobody(arn)]}))
        try:
            yield
        finally:
            for arn, policy in before.items():
                self._set_topic_policy(arn, policy)

    @contextmanager
    def _without_leftovers(self) -> Iterator[None]:
        """The reconciler finds no open jobs and files of an earlier run, nor of this one when it is over."""
        self._clear()
        try:
            yield
        finally:
            self._clear()

    def _clear(self) -> None:
        settings = self.services.settings
        for job in list(self.services.jobs.open_jobs(settings.region, timestamp())):
            if _OURS.fullmatch(job.tenant):
                self.stack.dynamodb.delete_item(TableName=settings.jobs_table, Key={"job_id": {"S": job.job_id}})
        pages = self.stack.s3.get_paginator("list_object_versions").paginate(
            Bucket=settings.ingest_bucket, Prefix=f"in/{settings.region}/"
        )
        for entry in (entry for page in pages for entry in page.get("Versions", [])):
            if _OURS.fullmatch(entry["Key"].split("/")[3]):
                self.services.objects.delete_version(settings.ingest_bucket, entry["Key"], entry["VersionId"])

    def _set_topic_policy(self, arn: str, policy: str) -> None:
        self.stack.sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)

    @contextmanager
    def _with_settings(self, function: str, more: Mapping[str, str]) -> Iterator[None]:
        """$LATEST of a function with other settings; its published versions keep theirs."""
        name = f"{STACK}-{function}"
        before = self.functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        self.functions.update_function_configuration(FunctionName=name, Environment={"Variables": {**before, **more}})
        try:
            yield
        finally:
            self.functions.update_function_configuration(FunctionName=name, Environment={"Variables": before})


def _nobody(topic: str) -> dict[str, Any]:
    """A statement that concerns nothing that is done here."""
    service = {"Service": "cloudwatch.amazonaws.com"}
    return {"Sid": "Nobody", "Effect": "Allow", "Principal": service, "Action": "sns:Publish", "Resource": topic}


def failed(seen: Seen, error: str) -> Seen:
    """The same, ok when the function raised this error."""
    return replace(seen, ok=f'"errorType": "{error}"' in seen.answer)


def made(seen: Seen, text: str) -> Seen:
    """The same, ok when besides the answer holds this text."""
    return replace(seen, ok=seen.ok and text in seen.answer)


def _big() -> bytes:
    return b"0123456789abcde\n" * (BIG_BYTES // 16)
