"""What records of the `config` table have in common: fresh reads with entity tags, listings, and writes.

A write is one transaction: it is refused when a record changed since it was read, and boto3's client token
makes a repeat of the same call harmless.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from botocore.exceptions import ClientError

from fileferry.errors import Conflict, NoSuchRecord, TooLarge
from fileferry.model.job import Frozen
from fileferry.repositories.config_keys import tenant_key
from fileferry.repositories.items import cancellation_codes, to_item
from fileferry.repositories.pages import Page, decode_cursor, encode_cursor

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

M = TypeVar("M", bound=Frozen)

ATTEMPTS = 8
_LARGEST_DOC = 380_000
"""Bytes. DynamoDB's items end at 400 KB (Developer Guide, "Quotas"), keys and attribute names included."""


class Stale(Conflict):
    """The caller's entity tag is not the record's: it was changed since the caller read it."""


@dataclass(frozen=True)
class Stored(Generic[M]):
    """A record as it lies in the table; `doc` is its exact text, which conditions compare."""

    value: M
    doc: str

    @property
    def etag(self) -> str:
        """Strong entity tag, in quotes (RFC 9110, section 8.8.3)."""
        return f'"{hashlib.sha256(self.doc.encode()).hexdigest()[:32]}"'

    def demand(self, if_match: str | None) -> None:
        """Raises Stale when an entity tag is demanded and this record's is another one."""
        if if_match is not None and if_match != self.etag:
            raise Stale(
                "The record was changed since it was read.",
                todo="read it again, apply the change to what it is now, and send it with the new ETag.",
            )


@dataclass(frozen=True)
class Put:
    """One item of a transaction; `seen` is the doc that it replaces, None when it must be new.

    With `always` it replaces whatever is there.
    """

    item: Mapping[str, Any]
    seen: str | None = None
    always: bool = False


class Changed(Exception):
    """Items of a transaction, by position, that were not as expected; empty: others were writing."""

    def __init__(self, positions: Sequence[int]) -> None:
        super().__init__(positions)
        self.positions = positions


class Records:
    """Reads raise NoSuchRecord; what creates raises Conflict when the id is taken; what replaces raises Stale when
    `if_match` is given and is not the record's entity tag.
    """

    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def _read(self, model: type[M], key: Mapping[str, str], missing: str) -> Stored[M]:
        doc = self._get(key, missing)["doc"]["S"]
        return Stored(model.model_validate_json(doc), doc)

    def _get(self, key: Mapping[str, str], missing: str) -> Mapping[str, Any]:
        answer = self._dynamodb.get_item(TableName=self._table, Key=to_item(key), ConsistentRead=True)
        if "Item" not in answer:
            raise NoSuchRecord(missing)
        return answer["Item"]

    def _list(self, model: type[M], tenant: str, prefix: str, limit: int, cursor: str | None) -> Page[M]:
        page = self._list_items(tenant, prefix, limit, cursor)
        return Page(tuple(model.model_validate_json(item["doc"]["S"]) for item in page.items), page.cursor)

    def _list_items(
        self, tenant: str, prefix: str, limit: int, cursor: str | None, *, newest_first: bool = False
    ) -> Page[Mapping[str, Any]]:
        listing = f"{tenant}/{prefix}"
        pk = tenant_key(tenant)["pk"]
        start = None
        if cursor is not None:
            start = {"pk": pk, "sk": prefix + decode_cursor(listing, cursor, frozenset({"after"}))["after"]}
        items, more = self._query(
            limit,
            start,
            ConsistentRead=True,
            ScanIndexForward=not newest_first,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            values={":pk": pk, ":prefix": prefix},
        )
        after = items[-1]["sk"]["S"].removeprefix(prefix) if more else ""
        return Page(tuple(items), encode_cursor(listing, {"after": after}) if more else None)

    def _query(
        self, limit: int, start: Mapping[str, str] | None, *, values: Mapping[str, str], **query: Any
    ) -> tuple[list[dict[str, Any]], bool]:
        """At most `limit` items, and whether there are more; one more is asked for so that no page is empty."""
        if start is not None:
            query["ExclusiveStartKey"] = to_item(start)
        answer: Mapping[str, Any] = self._dynamodb.query(
            TableName=self._table, Limit=limit + 1, ExpressionAttributeValues=to_item(values), **query
        )
        items = list(answer["Items"])
        more = len(items) > limit or ("LastEvaluatedKey" in answer and bool(items))
        return items[:limit], more

    def _create(self, items: Sequence[Mapping[str, Any]], taken: Sequence[str]) -> None:
        """Put new items together; `taken` says for each what it means that it exists."""
        for _ in range(ATTEMPTS):
            try:
                return self._write([Put(item) for item in items])
            except Changed as refused:
                if refused.positions:
                    raise Conflict(taken[refused.positions[0]]) from refused
        raise busy("record")

    def _create_record(
        self,
        key: Mapping[str, str],
        kind: str,
        value: M,
        taken: str,
        claims: Sequence[tuple[Mapping[str, str], str]] = (),
    ) -> Stored[M]:
        """Put one new record, and items that make something unique; the texts say what it means if one exists."""
        items = [item_of(key, kind, value), *(claim for claim, _ in claims)]
        self._create(items, [taken, *(meaning for _, meaning in claims)])
        return stored(value)

    def _replace(
        self,
        read: Callable[[], Stored[M]],
        changed: Callable[[M], M],
        key: Mapping[str, str],
        kind: str,
        if_match: str | None,
    ) -> Stored[M]:
        for current in self._attempts(read, if_match):
            value = changed(current.value)
            try:
                self._write([Put(item_of(key, kind, value), current.doc)])
            except Changed:
                continue
            return stored(value)
        raise busy("record")

    def _attempts(self, read: Callable[[], Stored[M]], if_match: str | None) -> Iterator[Stored[M]]:
        """Fresh reads, one for each attempt. Raises Stale when the record is not the one that the caller saw."""
        for _ in range(ATTEMPTS):
            current = read()
            current.demand(if_match)
            yield current

    def _write(self, puts: Sequence[Put]) -> None:
        try:
            self._dynamodb.transact_write_items(TransactItems=[{"Put": self._put(put)} for put in puts])
        except ClientError as error:
            codes = cancellation_codes(error)
            failed = [place for place, code in enumerate(codes) if code == "ConditionalCheckFailed"]
            if failed or "TransactionConflict" in codes:
                raise Changed(failed) from error
            raise

    def _put(self, put: Put) -> Any:
        condition: dict[str, Any]
        if put.always:
            condition = {}
        elif put.seen is None:
            condition = {"ConditionExpression": "attribute_not_exists(pk)"}
        else:
            condition = {
                "ConditionExpression": "doc = :seen",
                "ExpressionAttributeValues": {":seen": {"S": put.seen}},
            }
        return {"TableName": self._table, "Item": to_item(put.item), **condition}


def busy(what: str) -> Conflict:
    return Conflict(f"Others are writing the same {what} at this moment.", todo="try again.")


def fields_of(value: Frozen, model: type[Frozen] | None = None) -> dict[str, Any]:
    """The fields of a value, or those that `model` has of them, ready for another model's constructor."""
    return {info.alias or name: getattr(value, name) for name, info in (model or type(value)).model_fields.items()}


def item_of(key: Mapping[str, str], kind: str, value: Frozen) -> dict[str, Any]:
    return {**key, "kind": kind, "doc": _doc(value)}


def _doc(value: Frozen) -> str:
    doc = value.model_dump_json(by_alias=True)
    if len(doc.encode()) > _LARGEST_DOC:
        raise TooLarge(
            f"The record has {len(doc.encode())} bytes; at most {_LARGEST_DOC} fit.",
            todo="shorten it: certificates, long lists of columns and schemas take the most.",
        )
    return doc


def stored(value: M) -> Stored[M]:
    return Stored(value, _doc(value))
