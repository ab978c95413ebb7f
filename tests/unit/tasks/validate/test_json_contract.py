"""JSON documents and NDJSON records against a JSON Schema."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fileferry.errors import ConfigurationError, ContentRefused

Check = Callable[..., list[dict[str, Any]]]
SCHEMA = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "integer", "minimum": 1},
        "mail": {"type": "string", "format": "email"},
        "lines": {"type": "array", "items": {"type": "object", "properties": {"qty": {"type": "integer"}}}},
    },
    "additionalProperties": False,
}


def json_of(schema: Any, **more: Any) -> dict[str, Any]:
    return {"json": {"schema": schema}, **more}


def ndjson_of(schema: Any, **more: Any) -> dict[str, Any]:
    return {"ndjson": {"schema": schema}, **more}


def places(found: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(one["rule"], one.get("line"), one.get("column"), one.get("field")) for one in found]


def test_a_document_that_fits_passes_and_its_records_are_counted(validated: Any) -> None:
    assert validated(b'{"id": 1}', json_of(SCHEMA))["rows"] == 1
    result = validated(b'[{"id": 1}, {"id": 2}]', json_of({"type": "array", "items": SCHEMA}))
    assert result == {"checks": ["encoding", "json"], "rows": 2, "violations": 0}


def test_every_violation_has_its_line_column_and_pointer(violations: Check) -> None:
    data = b'{\n  "id": 0,\n  "mail": "nobody",\n  "lines": [\n    {"qty": 1},\n    {"qty": "x"}\n  ]\n}\n'
    assert places(violations(data, json_of(SCHEMA))) == [
        ("json.minimum", 2, 9, "/id"),
        ("json.format", 3, 11, "/mail"),
        ("json.type", 6, 13, "/lines/1/qty"),
    ]


def test_a_missing_and_an_unknown_member_are_told_at_their_object(violations: Check) -> None:
    found = violations(b'\n {"a/b~c": 1}', json_of(SCHEMA))
    assert [(rule, line, column) for rule, line, column, _ in places(found)] == [
        ("json.required", 2, 2),
        ("json.additionalProperties", 2, 2),
    ] or {rule for rule, *_ in places(found)} == {"json.required", "json.additionalProperties"}


def test_pointers_are_escaped(violations: Check) -> None:
    (found,) = violations(b'{"a/b~c": 1}', json_of({"additionalProperties": {"type": "string"}}))
    assert found["field"] == "/a~1b~0c"


@pytest.mark.parametrize(
    ("data", "line", "column"),
    [
        (b'{"id": 1,\n "x": }', 2, 7),
        (b'{"id": 1} trailing', 1, 11),
        (b'{"id": NaN}', 1, 8),
        (b'{"a": "NaN",\n "b": -Infinity}', 2, 7),
        (b"", 1, 1),
    ],
)
def test_what_is_no_json_is_told_with_its_place(violations: Check, data: bytes, line: int, column: int) -> None:
    found = violations(data, json_of({}), zero_bytes="accept") if data else [{"rule": "json.syntax"}]
    assert found[0]["rule"] == "json.syntax"
    if data:
        assert (found[0]["line"], found[0]["column"]) == (line, column)


def test_a_key_twice_in_one_object_is_refused(violations: Check) -> None:
    (found,) = violations(b'{"id": 1, "id": 2}', json_of({}))
    assert (found["rule"], "'id' occurs twice" in found["message"]) == ("json.syntax", True)


@pytest.mark.parametrize("kind", [json_of, ndjson_of])
def test_a_document_nested_without_end_is_refused(violations: Check, kind: Any) -> None:
    found = violations(b"[" * 200_000 + b"]" * 200_000 + b"\n", kind({}), memory=8 * 1024**3)
    assert found[0]["rule"].endswith((".depth", ".syntax"))


def test_a_document_that_would_not_fit_memory_is_refused_unread(violations: Check) -> None:
    (found,) = violations(b"[" + b"1," * 1000 + b"1]", json_of({}), memory=16 * 1024)
    assert (found["rule"], "send NDJSON" in found["message"]) == ("json.size", True)


class TestNdjson:
    def test_every_line_is_a_record(self, validated: Any) -> None:
        assert validated(b'{"id": 1}\n\n{"id": 2}\r\n{"id": 3}', ndjson_of(SCHEMA))["rows"] == 3

    def test_violations_have_the_line_of_the_file(self, violations: Check) -> None:
        data = b'{"id": 1}\n{"id": "x"}\n\n{"id": 1, "lines": [{"qty": "x"}]}\nnonsense\n'
        assert places(violations(data, ndjson_of(SCHEMA))) == [
            ("ndjson.type", 2, 8, "/id"),
            ("ndjson.type", 4, 29, "/lines/0/qty"),
            ("ndjson.syntax", 5, 1, None),
        ]

    def test_a_line_that_would_not_fit_memory_is_refused(self, violations: Check) -> None:
        data = b'{"id": 1}\n{"a": "' + b"x" * 70_000 + b'"}\n'
        assert places(violations(data, ndjson_of({}), memory=1024**2)) == [("ndjson.line_length", 2, None, None)]

    def test_of_many_violations_the_first_are_kept_and_all_are_counted(self, validated: Any) -> None:
        with pytest.raises(ContentRefused) as caught:
            validated(b'{"id": "x"}\n' * 500, ndjson_of(SCHEMA, max_violations=3))
        assert [one["line"] for one in caught.value.violations] == [1, 2, 3]
        assert caught.value.total == 500


class TestSchemas:
    def test_a_reference_inside_of_the_schema_is_followed(self, violations: Check) -> None:
        schema = {"$defs": {"id": {"type": "integer"}}, "properties": {"id": {"$ref": "#/$defs/id"}}}
        assert violations(b'{"id": 1}', json_of(schema)) == []
        assert len(violations(b'{"id": "x"}', json_of(schema))) == 1

    @pytest.mark.parametrize("place", ["https://example.org/schema.json", "file:///etc/passwd", "#/nowhere"])
    def test_nothing_outside_is_fetched(self, violations: Check, place: str) -> None:
        with pytest.raises(ConfigurationError, match="not inside it"):
            violations(b'{"id": 1}', json_of({"properties": {"id": {"$ref": place}}}))

    def test_a_message_quotes_no_more_than_a_little_of_the_file(self, violations: Check) -> None:
        (found,) = violations(b'{"id": "' + b"x" * 5000 + b'"}', json_of(SCHEMA))
        assert len(found["message"]) <= 240
        assert "x" * 100 not in found["message"]
