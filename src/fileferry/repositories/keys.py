"""The `keys` table: claims, content seen, sidecars, acknowledgements and the lines of ordered routes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from fileferry.clock import now, timestamp
from fileferry.errors import DestinationRefused
from fileferry.model.job import JobRef, ObjectVersion
from fileferry.repositories.items import condition_failed, from_item, to_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_BATCH = 100
"""Keys of one BatchGetItem (DynamoDB API reference)."""
_KEEP = timedelta(days=40)
"""Sidecars and acknowledgements are forgotten after this: longer than the longest wait that a route allows."""


_REFUSAL_TEXT = 500


@dataclass(frozen=True)
class Claim:
    """The job that an ingest object version was taken for."""

    job_id: str


@dataclass(frozen=True)
class Acknowledgement:
    """A partner's NAME.ack or NAME.nack; `text` is the beginning of its content."""

    negative: bool
    text: str
    at: str

    def refusal(self, user: str, name: str) -> DestinationRefused:
        """What a negative one means for the step that delivered `name`; it lay in `user`'s home."""
        return DestinationRefused(
            f"The partner answered {name}.nack: {self.text[:_REFUSAL_TEXT].strip()}",
            where=f"user {user}",
            todo="ask the partner what is wrong with the file; replay the job after it is mended.",
        )


@dataclass(frozen=True)
class WaitingTask:
    """A confirm step whose task token waits for an acknowledgement."""

    job: JobRef
    token: str


@dataclass(frozen=True)
class SidecarMeeting:
    """What is known of a file and its sidecars after one of them came."""

    digests: dict[str, str]
    job_id: str = ""
    job_at: str = ""


def claim_key(version: ObjectVersion) -> dict[str, str]:
    return {"pk": f"OBJECT#{version.digest}", "sk": "CLAIM"}


def content_key(tenant: str, route: str, sha256: str) -> dict[str, str]:
    return {"pk": f"CONTENT#{tenant}#{route}", "sk": sha256}


def line_key(tenant: str, route: str, user: str) -> str:
    return f"ORDER#{tenant}#{route}#{user}"


def _sidecar_key(tenant: str, user: str, path: str) -> dict[str, str]:
    return {"pk": f"SIDECAR#{tenant}#{user}", "sk": path}


def _ack_key(tenant: str, user: str, name: str) -> dict[str, str]:
    return {"pk": f"ACK#{tenant}#{user}", "sk": name}


def _position_key(region: str) -> dict[str, str]:
    return {"pk": f"RECONCILER#{region}", "sk": "POSITION"}


def _expiry() -> int:
    return int((now() + _KEEP).timestamp())


class KeyRepository:
    """Each method is one conditional or returning write, so that two callers cannot miss each other."""

    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def claim_of(self, version: ObjectVersion) -> Claim | None:
        item = self._get(claim_key(version))
        return Claim(item["job_id"]) if item else None

    def claimed(self, versions: Sequence[ObjectVersion]) -> set[str]:
        """Digests of those of `versions` that are claimed; consistent."""
        found: set[str] = set()
        for start in range(0, len(versions), _BATCH):
            digests = {version.digest: to_item(claim_key(version)) for version in versions[start : start + _BATCH]}
            request: Any = {self._table: {"Keys": list(digests.values()), "ConsistentRead": True}}
            while request:
                answer = self._dynamodb.batch_get_item(RequestItems=request)
                found |= {item["pk"]["S"].removeprefix("OBJECT#") for item in answer["Responses"].get(self._table, [])}
                request = answer.get("UnprocessedKeys")
        return found

    def reconciler_position(self, region: str) -> dict[str, str]:
        """Where the last sweep of the reconciler stopped for want of time; {} to begin at the start."""
        item = self._get(_position_key(region))
        return json.loads(item["position"]) if item else {}

    def keep_reconciler_position(self, region: str, position: Mapping[str, str]) -> None:
        item = {**_position_key(region), "position": json.dumps(position)}
        self._dynamodb.put_item(TableName=self._table, Item=to_item(item))

    def content_job(self, tenant: str, route: str, sha256: str) -> str:
        """Id of the job that took this content first, or empty."""
        item = self._get(content_key(tenant, route, sha256))
        return item["job_id"] if item else ""

    def claim_content(self, tenant: str, route: str, sha256: str, job_id: str, instead_of: str = "") -> bool:
        """Claim content for a job; False when another job than `instead_of` has it."""
        values = {":job": job_id, ":old": instead_of or job_id}
        try:
            self._dynamodb.put_item(
                TableName=self._table,
                Item=to_item({**content_key(tenant, route, sha256), "job_id": job_id, "at": timestamp()}),
                ConditionExpression="attribute_not_exists(pk) OR job_id IN (:job, :old)",
                ExpressionAttributeValues=to_item(values),
            )
        except ClientError as error:
            if not condition_failed(error):
                raise
            return False
        return True

    def file_meets_sidecar(self, tenant: str, user: str, path: str, job_id: str, job_at: str) -> SidecarMeeting:
        """Note a job's file, and say which digests of sidecars came before it: none if a newer file came since.

        Call `sidecar_given` once the digests are declared.
        """
        try:
            item = self._update(
                _sidecar_key(tenant, user, path),
                "SET job_id = :job, job_at = :at, expires_at = :expiry",
                {":job": job_id, ":at": job_at, ":expiry": _expiry()},
                "attribute_not_exists(job_at) OR job_at <= :at",
            )
        except ClientError as error:
            if not condition_failed(error):
                raise
            return SidecarMeeting({})
        return SidecarMeeting({name: str(value) for name, value in item.items() if name in ("sha256", "md5")})

    def sidecar_meets_file(self, tenant: str, user: str, path: str, algorithm: str, digest: str) -> SidecarMeeting:
        """Note a sidecar's digest, and say which job's file came last under this path, if one did."""
        item = self._update(
            _sidecar_key(tenant, user, path),
            f"SET {algorithm} = :digest, expires_at = :expiry",
            {":digest": digest, ":expiry": _expiry()},
        )
        return SidecarMeeting({algorithm: digest}, item.get("job_id", ""), item.get("job_at", ""))

    def sidecar_given(self, tenant: str, user: str, path: str) -> None:
        """The digests went to a job whose file is here: they are not for the next file."""
        self._update(_sidecar_key(tenant, user, path), "REMOVE sha256, md5", {})

    def await_acknowledgement(
        self, tenant: str, user: str, name: str, token: str, job: JobRef, since: str
    ) -> Acknowledgement | None:
        """Store the task token that waits for NAME.ack, and return the acknowledgement if it came already.

        One that came before `since` (ISO 8601), or that another job has used, is not this job's.
        """
        key = _ack_key(tenant, user, name)
        item = self._update(
            key,
            "SET task_token = :token, job = :job, expires_at = :expiry",
            {":token": token, ":job": job.model_dump_json(), ":expiry": _expiry()},
        )
        if "ack" not in item:
            return None
        ack = Acknowledgement(**json.loads(item["ack"]))
        if ack.at < since or item.get("used_by", job.job_id) != job.job_id:
            return None
        self.acknowledgement_used(tenant, user, name, job.job_id)
        return ack

    def acknowledge(self, tenant: str, user: str, name: str, ack: Acknowledgement) -> WaitingTask | None:
        """Store an acknowledgement, and return the task that waits for it if there is one."""
        text = json.dumps({"negative": ack.negative, "text": ack.text, "at": ack.at})
        item = self._update(
            _ack_key(tenant, user, name),
            "SET ack = :ack, expires_at = :expiry REMOVE used_by",
            {":ack": text, ":expiry": _expiry()},
        )
        if not item.get("task_token"):
            return None
        return WaitingTask(JobRef.model_validate_json(item["job"]), item["task_token"])

    def acknowledgement_used(self, tenant: str, user: str, name: str, job_id: str) -> None:
        """The acknowledgement has completed this job's step; it will not serve another job."""
        self._update(_ack_key(tenant, user, name), "SET used_by = :job REMOVE task_token, job", {":job": job_id})

    def forget_task(self, tenant: str, user: str, name: str) -> None:
        """The waiting task is gone (timed out, stopped); the acknowledgement stays for a later run."""
        self._update(_ack_key(tenant, user, name), "REMOVE task_token, job", {})

    def first_in_line(self, tenant: str, route: str, user: str) -> str:
        """Id of the job whose turn it is on an ordered route, or empty."""
        answer = self._dynamodb.query(
            TableName=self._table,
            ConsistentRead=True,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": line_key(tenant, route, user)}},
            Limit=1,
        )
        return answer["Items"][0]["job_id"]["S"] if answer["Items"] else ""

    def last_in_line(self, tenant: str, route: str, user: str) -> str:
        """The place of the job that came last on an ordered route, or empty."""
        answer = self._dynamodb.query(
            TableName=self._table,
            ConsistentRead=True,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": line_key(tenant, route, user)}},
            ScanIndexForward=False,
            Limit=1,
        )
        return answer["Items"][0]["sk"]["S"] if answer["Items"] else ""

    def leave_line(self, tenant: str, route: str, user: str, sequence: str) -> None:
        """A job of an ordered route is over: the next one's turn comes."""
        key = {"pk": line_key(tenant, route, user), "sk": sequence}
        self._dynamodb.delete_item(TableName=self._table, Key=to_item(key))

    def _get(self, key: dict[str, str]) -> dict[str, Any] | None:
        answer = self._dynamodb.get_item(TableName=self._table, Key=to_item(key), ConsistentRead=True)
        return from_item(answer["Item"]) if "Item" in answer else None

    def _update(
        self, key: dict[str, str], expression: str, values: dict[str, Any], condition: str = ""
    ) -> dict[str, Any]:
        given: Any = {"ExpressionAttributeValues": to_item(values)} if values else {}
        if condition:
            given["ConditionExpression"] = condition
        answer = self._dynamodb.update_item(
            TableName=self._table, Key=to_item(key), UpdateExpression=expression, ReturnValues="ALL_NEW", **given
        )
        return from_item(answer["Attributes"])
