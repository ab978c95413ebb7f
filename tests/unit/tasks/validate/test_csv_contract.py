"""CSV files against their contracts: what is wrong is told with line, column and field."""

from __future__ import annotations

import itertools
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fileferry.errors import ConfigurationError, ContentRefused
from fileferry.model.route import CsvContract
from tasks.transform.content import BlockStream
from tasks.validate.csv_contract import check_csv
from tasks.validate.unique_values import UniqueValues
from tasks.validate.violations import Violations

Check = Callable[..., list[dict[str, Any]]]
ID = {"name": "id", "type": "integer", "nullable": False, "unique": True}


def contract(*columns: dict[str, Any], **more: Any) -> dict[str, Any]:
    validation = {name: more.pop(name) for name in ("encoding", "max_violations") if name in more}
    return {"csv": {"columns": list(columns), **more}, **validation}


def places(found: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(one["rule"], one.get("line"), one.get("column"), one.get("field")) for one in found]


def test_a_file_that_keeps_its_contract_passes(validated: Any) -> None:
    data = 'id,name,amount\r\n1,"Öl, ""fein""\r\nund gut",2.5\r\n2,,-3\r\n'.encode()
    columns = (ID, {"name": "name"}, {"name": "amount", "type": "decimal", "min": -5, "max": 5})
    result = validated(data, contract(*columns, min_rows=2, max_rows=2))
    assert result == {"checks": ["encoding", "csv"], "rows": 2, "violations": 0}


class TestColumns:
    def test_they_are_found_by_name_in_any_order(self, violations: Check) -> None:
        assert violations(b"b,a\nx,1\n", contract({"name": "a", "type": "integer"}, {"name": "b"})) == []
        found = violations(b"b,a\n1,x\n", contract({"name": "a", "type": "integer"}, {"name": "b"}))
        assert places(found) == [("csv.type", 2, 2, "a")]

    def test_a_missing_one_is_told(self, violations: Check) -> None:
        assert places(violations(b"a\n1\n", contract({"name": "a"}, {"name": "b"}))) == [
            ("csv.column_missing", 1, None, "b")
        ]

    @pytest.mark.parametrize(("extra", "expected"), [("refuse", [("csv.column_extra", 1, 2, "x")]), ("allow", [])])
    def test_one_too_many_is_refused_or_allowed(self, violations: Check, extra: str, expected: list[Any]) -> None:
        assert places(violations(b"a,x\n1,2\n", contract({"name": "a"}, extra_columns=extra))) == expected

    def test_one_named_twice_is_told(self, violations: Check) -> None:
        assert places(violations(b"a,a\n1,2\n", contract({"name": "a"}))) == [("csv.header", 1, 2, "a")]

    def test_without_a_header_they_are_found_by_position(self, violations: Check) -> None:
        two = contract({"name": "a", "type": "integer"}, {"name": "b"}, header=False)
        assert violations(b"1,x\n2,y\n", two) == []
        assert places(violations(b"1,x\ny,2\n", two)) == [("csv.type", 2, 1, "a")]
        assert [one["rule"] for one in violations(b"1,x,z\n", two)] == ["csv.row_width"]
        assert violations(b"1,x,z\n", contract({"name": "a"}, header=False, extra_columns="allow")) == []

    def test_a_file_without_a_header_line_is_told(self, violations: Check) -> None:
        assert places(violations(b"\n\n", contract({"name": "a"}, {"name": "b"}))) == [("csv.header", 1, None, None)]


class TestTypes:
    @pytest.mark.parametrize(
        ("column", "good", "bad"),
        [
            ({"type": "integer"}, ["1", "-5", "+7", "0"], ["1.0", "x", " 1", "1e3", "١"]),
            ({"type": "decimal"}, ["1", "-5.25", ".5", "1e3"], ["1,5", "x", "0x1", "nan", "inf"]),
            ({"type": "boolean"}, ["true", "FALSE", "0", "y"], ["maybe", "2"]),
            ({"type": "date"}, ["2026-01-31"], ["2026-02-30", "31.01.2026", "20260131", "2026-1-1"]),
            ({"type": "date", "format": "%d.%m.%Y"}, ["31.01.2026"], ["2026-01-31", "31.02.2026"]),
            (
                {"type": "timestamp"},
                ["2026-01-31T10:20:30Z", "2026-01-31 10:20", "2026-01-31T10:20:30.5+01:00"],
                ["2026-01-31", "2026-01-31T25:00:00"],
            ),
            ({"type": "timestamp", "format": "%Y%m%d%H%M"}, ["202601311020"], ["2026-01-31T10:20:30"]),
            ({"pattern": "[A-Z]{2}"}, ["DE"], ["de", "DEU"]),
            ({"allowed": ["a", "b"]}, ["a", "b"], ["c", "A"]),
            ({"type": "integer", "min": 1, "max": 9}, ["1", "9"], ["0", "10"]),
            ({"type": "decimal", "min": 0.5}, ["0.5", "7"], ["0.49", "-1"]),
            ({"min": 2, "max": 3}, ["ab", "abc"], ["a", "abcd"]),
        ],
    )
    def test_values_of_a_column(
        self, violations: Check, column: dict[str, Any], good: list[str], bad: list[str]
    ) -> None:
        rows = [("\n".join(["v", *values]) + "\n").encode() for values in (good, bad)]
        one = contract({"name": "v", **column})
        assert violations(rows[0].replace(b",", b";"), one) == []
        separated = contract({"name": "v", **column}, delimiter=";")
        assert [found["line"] for found in violations(rows[1], separated)] == list(range(2, 2 + len(bad)))

    def test_an_empty_value_is_null_whatever_the_type(self, violations: Check) -> None:
        data = b"id,v\n1,\n2,5\n"
        assert violations(data, contract({"name": "id"}, {"name": "v", "type": "integer", "min": 1})) == []
        found = violations(data, contract({"name": "id"}, {"name": "v", "type": "integer", "nullable": False}))
        assert places(found) == [("csv.null", 2, 2, "v")]

    @pytest.mark.parametrize("column", [{"type": "date", "min": 1}, {"type": "boolean", "max": 1}, {"pattern": "("}])
    def test_a_contract_that_cannot_be_applied_is_a_configuration_error(
        self, violations: Check, column: dict[str, Any]
    ) -> None:
        with pytest.raises(ConfigurationError):
            violations(b"v\n1\n", contract({"name": "v", **column}))


class TestUniqueness:
    def test_a_repeat_is_told_with_the_line_of_the_first(self, violations: Check) -> None:
        found = violations(b"id\n1\n2\n1\n", contract(ID))
        assert places(found) == [("csv.unique", 4, 1, "id")]
        assert "line 2" in found[0]["message"]

    def test_columns_can_be_unique_together(self, violations: Check) -> None:
        pair = contract({"name": "a"}, {"name": "b"}, unique=[["a", "b"]])
        assert violations(b"a,b\n1,2\n1,3\n2,2\n,2\n,2\n", pair) == []
        assert places(violations(b"a,b\n1,2\n1,3\n1,2\n", pair)) == [("csv.unique", 4, 1, "a, b")]

    def test_pairs_that_look_alike_when_glued_are_different(self, violations: Check) -> None:
        pair = contract({"name": "a"}, {"name": "b"}, unique=[["a", "b"]])
        assert violations(b"a,b\n1,23\n12,3\n", pair) == []

    def test_a_column_that_the_contract_lacks_is_a_configuration_error(self, violations: Check) -> None:
        with pytest.raises(ConfigurationError, match="no column of it"):
            violations(b"a\n1\n", contract({"name": "a"}, unique=[["b"]]))

    def test_repeats_are_found_when_the_values_do_not_fit_memory(self, violations: Check) -> None:
        rows = [b"%d" % number for number in range(20_000)] + [b"17"]
        found = violations(b"id\n" + b"\n".join(rows) + b"\n", contract(ID), memory=64 * 1024)
        assert places(found) == [("csv.unique", 20_002, 1, "id")]
        assert "line 19" in found[0]["message"]

    @pytest.mark.parametrize("memory", [10_000, 100_000, 10**9])
    def test_the_same_repeats_are_found_in_memory_and_on_disk(self, tmp_path: Path, memory: int) -> None:
        values = [f"value-{number % 700}-{'x' * (number % 3 * 30)}" for number in range(3000)]
        seen = UniqueValues(tmp_path / "u", memory)
        found = [*itertools.chain.from_iterable(seen.add([v], [n]) for n, v in enumerate(values, 1)), *seen.finish()]
        first: dict[str, int] = {}
        expected = [(n, first[v]) for n, v in enumerate(values, 1) if first.setdefault(v, n) != n]
        assert sorted(found) == expected


class TestRows:
    @pytest.mark.parametrize(("rows", "rule"), [(1, "csv.min_rows"), (2, None), (3, None), (4, "csv.max_rows")])
    def test_their_number_is_bounded(self, violations: Check, rows: int, rule: str | None) -> None:
        found = violations(b"a\n" + b"x\n" * rows, contract({"name": "a"}, min_rows=2, max_rows=3))
        assert [one["rule"] for one in found] == ([rule] if rule else [])

    def test_a_ragged_one_is_told_and_not_guessed_at(self, violations: Check) -> None:
        found = violations(b"a,b\n1,2\n3\n4,5,6\n7,8\n", contract({"name": "a", "type": "integer"}, {"name": "b"}))
        assert places(found) == [("csv.row_width", 3, None, None), ("csv.row_width", 4, None, None)]

    def test_lines_are_counted_also_inside_of_quotes(self, violations: Check) -> None:
        data = b'a,b\n"x\ny\nz",1\nq,bad\n'
        assert places(violations(data, contract({"name": "a"}, {"name": "b", "type": "integer"}))) == [
            ("csv.type", 5, 2, "b")
        ]

    def test_broken_quoting_is_told(self, violations: Check) -> None:
        found = violations(b'a,b\n1,2\n"x"y,2\n3,4\n', contract({"name": "a"}, {"name": "b"}))
        assert places(found) == [("csv.quoting", 3, None, None)]

    def test_an_open_quote_does_not_swallow_the_file_unseen(self, violations: Check) -> None:
        found = violations(b'a,b\n1,"2\n3,4\n5,6\n', contract({"name": "a"}, {"name": "b"}))
        assert places(found) == [("csv.quoting", 2, None, None)]

    @pytest.mark.parametrize("delimiter", [";", "\t", "|"])
    def test_other_delimiters(self, violations: Check, delimiter: str) -> None:
        data = f"a{delimiter}b\n1{delimiter}x,y\n".encode()
        assert violations(data, contract({"name": "a", "type": "integer"}, {"name": "b"}, delimiter=delimiter)) == []

    def test_another_encoding_is_read(self, violations: Check) -> None:
        data = "Straße;v\nx;1\n".encode("utf-16")
        columns = ({"name": "Straße"}, {"name": "v", "type": "integer"})
        assert violations(data, contract(*columns, delimiter=";", encoding="utf-16")) == []

    def test_bytes_that_do_not_decode_are_one_violation_and_the_rest_is_checked(self, violations: Check) -> None:
        found = violations(b"a,b\n\xff,1\nx,bad\n", contract({"name": "a"}, {"name": "b", "type": "integer"}))
        assert [(one["rule"], one["line"], one["column"]) for one in found] == [("encoding", 2, 1), ("csv.type", 3, 2)]


class TestBounds:
    def test_violations_are_kept_in_the_order_of_their_places(self, violations: Check) -> None:
        data = b"id,n\n1,x\n1,y\nz,1\n"
        found = violations(data, contract(ID, {"name": "n", "type": "integer"}))
        assert [one["line"] for one in found] == [2, 3, 3, 4]

    def test_of_many_the_first_are_kept_and_all_are_counted(self, validated: Any) -> None:
        data = b"id\n" + b"x\n" * 10_000
        with pytest.raises(ContentRefused) as caught:
            validated(data, contract({"name": "id", "type": "integer"}, max_violations=5))
        assert [one["line"] for one in caught.value.violations] == [2, 3, 4, 5, 6]
        assert caught.value.total == 10_000

    def test_a_message_quotes_no_more_than_a_little_of_the_file(self, violations: Check) -> None:
        secret = "card-4111111111111111-" * 20
        (found,) = violations(f"id\n{secret}\n".encode(), contract({"name": "id", "type": "integer"}))
        assert len(found["message"]) < 120

    def test_memory_is_bounded_by_chunks_not_by_the_file(self, tmp_path: Path) -> None:
        asked = CsvContract.model_validate({"columns": [{"name": "id", "type": "integer"}, {"name": "text"}]})
        rows = b"".join(b"%d,%0200d\n" % (number, number) for number in range(1000))
        content = BlockStream(itertools.chain([b"id,text\n"], itertools.repeat(rows, 60)))
        tracemalloc.start()
        try:
            assert check_csv(content, "utf-8", asked, Violations(10), tmp_path, 512 * 1024**2) == 60_000
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert len(rows) * 60 > 11 * 1024**2
        assert peak < 6 * 1024**2
