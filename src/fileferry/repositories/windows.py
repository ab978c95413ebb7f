"""What became of expectations' windows, and when each is looked at next: in the `keys` table.

`EXPECTATION#tenant#id / deadline` is a window's outcome, `MISSED#tenant / deadline#id` the same for those not met in
time; both are forgotten after KEEP. `DUE#region / due_at#tenant#id#kind` says what the watch does next: it reads those
that are due and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import ClientError

from fileferry.clock import parse_time
from fileferry.model.expectation import Window, WindowStatus
from fileferry.repositories.items import cancellation_codes, to_item
from fileferry.repositories.pages import Page, decode_cursor, encode_cursor

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEEP = timedelta(days=400)


@dataclass(frozen=True)
class Due:
    """What is to be looked at from `due_at` on: a window at its deadline, or one that waits for late files.

    `version` is the `updated_at` of the expectation that it was made for. All are timestamps.
    """

    due_at: str
    tenant: str
    expectation: str
    kind: Literal["deadline", "late"]
    deadline: str
    version: str

    @property
    def sort_key(self) -> str:
        return f"{self.due_at}#{self.tenant}#{self.expectation}#{self.kind}#{self.deadline}"


class WindowRepository:
    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    # Outcomes

    def decide(self, window: Window) -> Window:
        """Record what became of a window at its deadline, once; the recorded one, which may be an earlier call's."""
        puts = [self._put(item, new=True) for item in _items(window)]
        try:
            self._dynamodb.transact_write_items(TransactItems=puts)
        except ClientError as error:
            if "ConditionalCheckFailed" not in cancellation_codes(error):
                raise
        found = self.find(window.tenant, window.expectation, window.deadline)
        return found or window

    def came_late(self, window: Window) -> Window:
        """Record that the files of a MISSING window came after all; the recorded one may be an earlier call's."""
        condition = {
            "ConditionExpression": "#status = :missing",
            "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": {":missing": {"S": WindowStatus.MISSING.value}},
        }
        puts: list[Any] = [{"Put": {**self._put(item)["Put"], **condition}} for item in _items(window)]
        try:
            self._dynamodb.transact_write_items(TransactItems=puts)
        except ClientError as error:
            if "ConditionalCheckFailed" not in cancellation_codes(error):
                raise
        return self.find(window.tenant, window.expectation, window.deadline) or window

    def find(self, tenant: str, expectation: str, deadline: str) -> Window | None:
        key = to_item({"pk": _windows(tenant, expectation), "sk": deadline})
        answer = self._dynamodb.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return Window.model_validate_json(answer["Item"]["doc"]["S"]) if "Item" in answer else None

    def windows(self, tenant: str, expectation: str, limit: int, cursor: str | None = None) -> Page[Window]:
        """The windows of an expectation that are decided, the latest deadline first. Raises BadCursor."""
        return self._page(_windows(tenant, expectation), limit, cursor)

    def missed(self, tenant: str, limit: int, cursor: str | None = None) -> Page[Window]:
        """All of a tenant's windows that were not met in time, the latest deadline first. Raises BadCursor."""
        return self._page(_missed(tenant), limit, cursor)

    # What is due

    def put_due(self, region: str, due: Due) -> None:
        self._dynamodb.put_item(TableName=self._table, Item=_due_item(region, due))

    def due(self, region: str, until: str) -> Iterator[Due]:
        """What is due until then, the earliest first."""
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            ConsistentRead=True,
            KeyConditionExpression="pk = :pk AND sk < :until",
            ExpressionAttributeValues=to_item({":pk": f"DUE#{region}", ":until": f"{until}#~"}),
            PaginationConfig={"PageSize": 100},
        )
        for page in pages:
            for item in page["Items"]:
                yield Due(**{name: item[name]["S"] for name in Due.__dataclass_fields__})  # type: ignore[arg-type]

    def done(self, region: str, due: Due, following: Sequence[Due] = ()) -> None:
        """What was due has been seen to, and these are due next; nothing happens if another call was faster."""
        key = to_item({"pk": f"DUE#{region}", "sk": due.sort_key})
        gone: Any = {
            "Delete": {"TableName": self._table, "Key": key, "ConditionExpression": "attribute_exists(pk)"},
        }
        puts: list[Any] = [{"Put": {"TableName": self._table, "Item": _due_item(region, one)}} for one in following]
        try:
            self._dynamodb.transact_write_items(TransactItems=[gone, *puts])
        except ClientError as error:
            if "ConditionalCheckFailed" not in cancellation_codes(error):
                raise

    def _put(self, item: dict[str, Any], *, new: bool = False) -> Any:
        condition = {"ConditionExpression": "attribute_not_exists(pk)"} if new else {}
        return {"Put": {"TableName": self._table, "Item": to_item(item), **condition}}

    def _page(self, pk: str, limit: int, cursor: str | None) -> Page[Window]:
        start: Any = {}
        if cursor is not None:
            after = decode_cursor(pk, cursor, frozenset({"after"}))["after"]
            start = {"ExclusiveStartKey": to_item({"pk": pk, "sk": after})}
        answer = self._dynamodb.query(
            TableName=self._table,
            ConsistentRead=True,
            ScanIndexForward=False,
            Limit=limit + 1,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues=to_item({":pk": pk}),
            **start,
        )
        items = answer["Items"][:limit]
        more = len(answer["Items"]) > limit or ("LastEvaluatedKey" in answer and items)
        found = tuple(Window.model_validate_json(item["doc"]["S"]) for item in items)
        return Page(found, encode_cursor(pk, {"after": items[-1]["sk"]["S"]}) if more else None)


def _items(window: Window) -> list[dict[str, Any]]:
    rest = {
        "doc": window.model_dump_json(),
        "status": window.status.value,
        "expires_at": int((parse_time(window.deadline) + KEEP).timestamp()),
    }
    items = [{"pk": _windows(window.tenant, window.expectation), "sk": window.deadline, **rest}]
    if window.status is not WindowStatus.MET:
        items.append({"pk": _missed(window.tenant), "sk": f"{window.deadline}#{window.expectation}", **rest})
    return items


def _windows(tenant: str, expectation: str) -> str:
    return f"EXPECTATION#{tenant}#{expectation}"


def _missed(tenant: str) -> str:
    return f"MISSED#{tenant}"


def _due_item(region: str, due: Due) -> dict[str, Any]:
    values = {name: getattr(due, name) for name in Due.__dataclass_fields__}
    return to_item({"pk": f"DUE#{region}", "sk": due.sort_key, **values})
