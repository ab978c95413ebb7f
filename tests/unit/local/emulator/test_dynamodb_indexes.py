"""Queries of an index answer what MiniStack's own answer, whatever is written in between, and read a part only."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ministack.services import dynamodb as stock

from local.emulator import dynamodb_indexes

_ORIGINALS = {name: getattr(stock, name) for name in ("_index_members", "_index_item", "_query", "_evaluate_condition")}
_INDEX = {"IndexName": "sorted", "Projection": {"ProjectionType": "ALL"}}
_KEYS = st.sampled_from("abcd")
_SORTS = st.sampled_from(["", "1", "10", "11", "2", "ä"])
_WRITES = st.lists(st.tuples(st.sampled_from("pq"), st.sampled_from("xyzuvw"), _SORTS, st.booleans()), max_size=25)
_QUIETLY = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def table() -> Iterator[str]:
    """A table with an index `sorted` (part, sort), in MiniStack as it comes."""
    schema = [{"AttributeName": "part", "KeyType": "HASH"}, {"AttributeName": "sort", "KeyType": "RANGE"}]
    status, _, body = stock._create_table(
        {
            "TableName": "listed",
            "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in ("id", "part", "sort")],
            "GlobalSecondaryIndexes": [{**_INDEX, "KeySchema": schema}],
        }
    )
    assert status == 200, body
    attributes = [{"AttributeName": name, "AttributeType": "S"} for name in ("part", "sort")]
    stock._create_table(
        {
            "TableName": "plain",
            "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": schema,
            "AttributeDefinitions": attributes,
        }
    )
    yield "listed"
    _switch(on=False)
    for name in ("listed", "plain"):
        stock._delete_table({"TableName": name})


def _switch(*, on: bool) -> None:
    for name, original in _ORIGINALS.items():
        setattr(stock, name, original)
    stock._tables.get("listed", {}).pop(stock._INDEX_MEMBERS, None)
    if on:
        dynamodb_indexes.close_gap()


def _answer(request: dict[str, Any]) -> Any:
    status, _, body = stock._query(request)
    return status, json.loads(body)


def _write(part: str, key: str, sort: str, keep: bool) -> None:
    item = {"id": {"S": key}, "part": {"S": part}, **({"sort": {"S": sort}} if sort else {})}
    if keep:
        stock._put_item({"TableName": "listed", "Item": item})
        stock._put_item({"TableName": "plain", "Item": {**item, "sort": {"S": sort or "0"}}})
    else:
        stock._delete_item({"TableName": "listed", "Key": {"id": {"S": key}}})
        stock._delete_item({"TableName": "plain", "Key": {"part": {"S": part}, "sort": {"S": sort or "0"}}})


_INDEXED = {"TableName": "listed", "IndexName": "sorted"}


def _requests(
    forward: bool, limit: int | None, low: str, high: str, place: Mapping[str, str] = _INDEXED
) -> Iterator[dict[str, Any]]:
    conditions = {
        "": {},
        " AND sort = :a": {":a": low},
        " AND sort >= :a": {":a": low},
        " AND sort <= :a": {":a": low},
        " AND sort > :a": {":a": low},
        " AND sort < :a": {":a": low},
        " AND :a >= sort": {":a": low},
        " AND begins_with(#sort, :a)": {":a": low},
        " AND sort BETWEEN :a AND :b": {":a": min(low, high), ":b": max(low, high)},
    }
    for condition, values in conditions.items():
        yield {
            **place,
            "KeyConditionExpression": f"part = :p{condition}",
            "ExpressionAttributeValues": {name: {"S": value} for name, value in {":p": "p", **values}.items()},
            "ScanIndexForward": forward,
            **({"ExpressionAttributeNames": {"#sort": "sort"}} if "#" in condition else {}),
            **({"Limit": limit} if limit else {}),
        }


def _pages(request: dict[str, Any]) -> list[Any]:
    pages = [_answer(request)]
    while start := pages[-1][1].get("LastEvaluatedKey"):
        pages.append(_answer({**request, "ExclusiveStartKey": start}))
    return pages


@_QUIETLY
@given(
    writes=_WRITES,
    later=_WRITES,
    forward=st.booleans(),
    limit=st.sampled_from([None, 1, 2, 5]),
    low=_SORTS.filter(bool),
    high=_SORTS.filter(bool),
)
def test_each_page_is_the_one_that_ministack_gives(
    table: str, writes: Any, later: Any, forward: bool, limit: int | None, low: str, high: str
) -> None:
    _switch(on=True)
    for write in writes:
        _write(*write)
    requests = [
        *_requests(forward, limit, low, high),
        *_requests(forward, limit, low, high, {"TableName": "plain"}),
    ]
    _pages(requests[0])  # the index is made here, and kept by what comes
    for write in later:
        _write(*write)
    ours = [_pages(request) for request in requests]
    assert all(status == 200 for pages in ours for status, _ in pages)
    _switch(on=False)
    assert ours == [_pages(request) for request in requests]
    for key, sort, part in product("xyzuvw", ("", "1", "10", "11", "2", "ä"), "pq"):
        _write(part, key, sort, keep=False)


@pytest.mark.parametrize("forward", [True, False])
def test_a_page_looks_at_no_more_items_than_it_has(table: str, forward: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    _switch(on=True)
    for number in range(200):
        _write("p", f"k{number}", f"{number:03d}", keep=True)
    looked: list[Any] = []
    evaluate = stock._evaluate_condition
    monkeypatch.setattr(stock, "_evaluate_condition", lambda *a, **k: looked.append(a) or evaluate(*a, **k))  # type: ignore[func-returns-value]
    for request in _requests(forward, 5, "100", "150"):
        if not any(form in request["KeyConditionExpression"] for form in ("> :", "< :", ":a >=")):
            looked.clear()
            assert _answer(request)[0] == 200, _answer(request)
            assert len(looked) <= 5


def test_a_request_that_is_not_right_is_refused_as_before(table: str) -> None:
    _switch(on=True)
    good = next(_requests(True, 2, "1", "2"))
    for wrong in (
        {"TableName": "none"},
        {"IndexName": "none"},
        {"KeyConditionExpression": "sort = :p"},
        {"Limit": "x"},
    ):
        try:
            status, _ = _answer({**good, **wrong})
        except ValueError:  # MiniStack answers a number that is none with an error of the server
            continue
        assert status == 400
