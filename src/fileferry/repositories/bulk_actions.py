"""Bulk actions in the `keys` table: one item for the whole, one for each job of its plan.

`BULK#tenant / id` has the counters; `BULK#tenant#id / position` has a job's outcome, which is written once, in one
transaction with its counter. Both are forgotten after KEPT.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from random import random
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from fileferry.clock import now, timestamp
from fileferry.errors import Conflict, NoSuchRecord, TransientError
from fileferry.model.bulk_action import BulkAction, BulkJob, BulkOutcome, BulkStatus
from fileferry.repositories.items import Item, cancellation_codes, condition_failed, from_item, to_item
from fileferry.repositories.pages import Page, decode_cursor, encode_cursor, refusing_starts

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEPT = timedelta(days=90)
_WRITTEN_AT_ONCE = 25
"""Items of one BatchWriteItem (DynamoDB API reference)."""
_TRIES = 12
_FIRST_PAUSE_SECONDS = 0.02
_LONGEST_PAUSE_SECONDS = 1.0


def _key(tenant: str, bulk_id: str) -> dict[str, str]:
    return {"pk": f"BULK#{tenant}", "sk": bulk_id}


def _jobs_key(tenant: str, bulk_id: str, position: int) -> dict[str, str]:
    return {"pk": f"BULK#{tenant}#{bulk_id}", "sk": _place(position)}


def _place(position: int) -> str:
    return f"{position:06d}"


class BulkActionRepository:
    """Reads and conditional writes; each may be repeated."""

    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def create(self, bulk: BulkAction) -> None:
        item = {**_key(bulk.tenant, bulk.id), **bulk.model_dump(mode="json"), "unfinished": 0, "expires_at": _expiry()}
        self._dynamodb.put_item(TableName=self._table, Item=to_item(item))

    def get(self, tenant: str, bulk_id: str) -> BulkAction:
        """Raises NoSuchRecord."""
        key = to_item(_key(tenant, bulk_id))
        answer = self._dynamodb.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        if "Item" not in answer:
            raise NoSuchRecord(f"Tenant {tenant!r} has no bulk action {bulk_id!r}.")
        return _bulk(answer["Item"])

    def page(self, tenant: str, limit: int, cursor: str | None = None) -> Page[BulkAction]:
        """A tenant's bulk actions, the newest first. Raises BadCursor."""
        items, following = self._query(f"BULK#{tenant}", f"bulk|{tenant}", limit, cursor, forward=False)
        return Page(tuple(_bulk(item) for item in items), following)

    def jobs(self, bulk: BulkAction, limit: int, cursor: str | None = None) -> Page[BulkJob]:
        """The jobs of a plan in its order. Raises BadCursor."""
        if not bulk.total:
            return Page(())
        listing = f"bulk-jobs|{bulk.tenant}|{bulk.id}"
        last = _place(bulk.total - 1)
        items, following = self._query(f"BULK#{bulk.tenant}#{bulk.id}", listing, limit, cursor, last=last)
        return Page(tuple(_job(item) for item in items), following)

    def between(self, bulk: BulkAction, first: int, until: int) -> list[BulkJob]:
        """The jobs of a plan from position `first` up to, not including, `until`; consistent."""
        return [_job(item) for item in self._chunk(bulk, _place(first), _place(until - 1))]

    def write_plan(self, bulk: BulkAction, jobs: Sequence[BulkJob]) -> None:
        """Write jobs of a plan that is being made; a repeat writes over them."""
        puts = [{"PutRequest": {"Item": to_item(_job_item(bulk, job))}} for job in jobs]
        for start in range(0, len(puts), _WRITTEN_AT_ONCE):
            self._write({self._table: puts[start : start + _WRITTEN_AT_ONCE]})

    def planned(self, bulk: BulkAction, total: int, possible: int) -> None:
        """PLANNING → PLANNED; nothing when it is further already."""
        values = {"total": total, "possible": possible, "unfinished": total, "planned_at": timestamp()}
        self._move(bulk, BulkStatus.PLANNED, BulkStatus.PLANNING, values)

    def refused(self, bulk: BulkAction, problem: str) -> None:
        """PLANNING → REFUSED."""
        self._move(bulk, BulkStatus.REFUSED, BulkStatus.PLANNING, {"problem": problem})

    def start(self, bulk: BulkAction, started_by: str) -> BulkAction:
        """PLANNED → RUNNING; it may run, or be done, already. Raises Conflict while, or where, there is no plan."""
        self._move(bulk, BulkStatus.RUNNING, BulkStatus.PLANNED, {"started_at": timestamp(), "started_by": started_by})
        bulk = self.get(bulk.tenant, bulk.id)
        if bulk.status in (BulkStatus.PLANNING, BulkStatus.REFUSED):
            todo = bulk.problem or "wait until it is PLANNED, and look at its jobs."
            raise Conflict(f"Bulk action {bulk.id} is {bulk.status}.", todo=todo)
        return bulk

    def finish(self, bulk: BulkAction) -> None:
        """RUNNING → DONE once every job has its outcome."""
        self._move(bulk, BulkStatus.DONE, BulkStatus.RUNNING, {"ended_at": timestamp()}, "unfinished = :none")

    def record(self, bulk: BulkAction, job: BulkJob, outcome: BulkOutcome, detail: str) -> None:
        """Note what became of a job and count it, once: the first outcome stays."""
        noted: Any = {
            "TableName": self._table,
            "Key": to_item(_jobs_key(bulk.tenant, bulk.id, job.position)),
            "UpdateExpression": "SET outcome = :outcome, detail = :detail, ended_at = :at",
            "ConditionExpression": "attribute_exists(pk) AND attribute_not_exists(outcome)",
            "ExpressionAttributeValues": to_item({":outcome": outcome.value, ":detail": detail, ":at": timestamp()}),
        }
        counted: Any = {
            "TableName": self._table,
            "Key": to_item(_key(bulk.tenant, bulk.id)),
            "UpdateExpression": f"ADD {outcome.value.lower()} :one, unfinished :less",
            "ExpressionAttributeValues": to_item({":one": 1, ":less": -1}),
        }
        for number in range(_TRIES):
            try:
                self._dynamodb.transact_write_items(TransactItems=[{"Update": noted}, {"Update": counted}])
            except ClientError as error:
                codes = cancellation_codes(error)
                if "ConditionalCheckFailed" in codes:
                    return
                if not {"TransactionConflict", "ThrottlingError"} & set(codes):
                    raise
                _pause(number)
            else:
                return
        raise TransientError(f"What became of job {job.job_id} could not be counted: too many are at the same time.")

    # ---- requests ---------------------------------------------------------------------------------

    def _query(
        self, partition: str, listing: str, limit: int, cursor: str | None, *, last: str = "", forward: bool = True
    ) -> tuple[list[Item], str | None]:
        condition, values = "pk = :pk", {":pk": partition}
        if last:
            condition, values = f"{condition} AND sk <= :last", {**values, ":last": last}
        start: Any = {}
        if cursor is not None:
            position = decode_cursor(listing, cursor, frozenset({"sk"}))
            start = {"ExclusiveStartKey": to_item({"pk": partition, **position})}
        with refusing_starts(start):
            answer = self._dynamodb.query(
                TableName=self._table,
                KeyConditionExpression=condition,
                ExpressionAttributeValues=to_item(values),
                ScanIndexForward=forward,
                ConsistentRead=True,
                Limit=limit,
                **start,
            )
        end = answer.get("LastEvaluatedKey")
        return list(answer["Items"]), encode_cursor(listing, {"sk": end["sk"]["S"]}) if end else None

    def _chunk(self, bulk: BulkAction, first: str, last: str) -> Iterator[Item]:
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            ConsistentRead=True,
            KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
            ExpressionAttributeValues=to_item({":pk": f"BULK#{bulk.tenant}#{bulk.id}", ":first": first, ":last": last}),
        )
        for page in pages:
            yield from page["Items"]

    def _write(self, request: Any) -> None:
        for number in range(_TRIES):
            request = self._dynamodb.batch_write_item(RequestItems=request).get("UnprocessedItems")
            if not request:
                return
            _pause(number)
        raise TransientError("The plan could not be written: the table takes no more for now.")

    def _move(
        self,
        bulk: BulkAction,
        status: BulkStatus,
        only_from: BulkStatus,
        values: Mapping[str, Any],
        condition: str = "",
    ) -> None:
        """Nothing when the bulk action is not `only_from`, or the condition does not hold."""
        given: dict[str, Any] = {":status": status.value, ":from": only_from.value}
        if condition:
            given[":none"] = 0
        sets = "".join(f", #{name} = :{name}" for name in values)
        try:
            self._dynamodb.update_item(
                TableName=self._table,
                Key=to_item(_key(bulk.tenant, bulk.id)),
                UpdateExpression=f"SET #status = :status{sets}",
                ConditionExpression="#status = :from" + (f" AND {condition}" if condition else ""),
                ExpressionAttributeNames={"#status": "status", **{f"#{name}": name for name in values}},
                ExpressionAttributeValues=to_item({**given, **{f":{name}": value for name, value in values.items()}}),
            )
        except ClientError as error:
            if not condition_failed(error):
                raise


def _job_item(bulk: BulkAction, job: BulkJob) -> dict[str, Any]:
    return {
        **_jobs_key(bulk.tenant, bulk.id, job.position),
        **job.model_dump(mode="json", exclude_none=True),
        "expires_at": _expiry(),
    }


def _bulk(item: Mapping[str, Any]) -> BulkAction:
    return BulkAction.model_validate(_known(item, BulkAction))


def _job(item: Mapping[str, Any]) -> BulkJob:
    return BulkJob.model_validate(_known(item, BulkJob))


def _known(item: Mapping[str, Any], model: type[BulkAction] | type[BulkJob]) -> dict[str, Any]:
    return {name: value for name, value in from_item(item).items() if name in model.model_fields}


def _expiry() -> int:
    return int((now() + KEPT).timestamp())


def _pause(number: int) -> None:
    time.sleep(min(_FIRST_PAUSE_SECONDS * 2**number, _LONGEST_PAUSE_SECONDS) * (0.5 + random() / 2))  # noqa: S311
