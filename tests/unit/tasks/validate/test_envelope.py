"""Size, name, declared checksum, encoding, and what a route asks nothing of."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from fileferry.errors import ConfigurationError, ContentRefused
from fileferry.steps import Work
from tasks.validate.app import validate

Check = Callable[..., list[dict[str, Any]]]


def test_a_route_that_asks_nothing_reads_nothing(work_of: Callable[..., Work]) -> None:
    work = work_of(b"\x00\xff whatever", {})
    work.services.objects = None  # type: ignore[assignment, misc]
    assert validate(work) == {"checks": [], "rows": 0, "violations": 0}


@pytest.mark.parametrize(
    ("data", "validation", "rules"),
    [
        (b"abc", {"min_size": 4}, ["min_size"]),
        (b"abc", {"max_size": 2}, ["max_size"]),
        (b"abc", {"min_size": 3, "max_size": 3}, []),
        (b"abc", {"name": r"[a-z]+\.txt"}, ["name"]),
        (b"abc", {"name": r"[a-z]+\.csv"}, []),
        (b"abc", {"name": "b", "min_size": 9}, ["min_size", "name"]),
        (b"", {}, ["zero_bytes"]),
    ],
)
def test_size_and_name_are_checked(
    violations: Check, data: bytes, validation: dict[str, Any], rules: list[str]
) -> None:
    assert [violation["rule"] for violation in violations(data, validation)] == rules


def test_an_empty_file_passes_a_content_contract_where_the_route_accepts_empty_files(validated: Any) -> None:
    result = validated(b"", {"encoding": "utf-8", "csv": {"columns": [{"name": "a"}]}}, zero_bytes="accept")
    assert result["rows"] == 0


@pytest.mark.parametrize("algorithm", ["sha256", "md5"])
def test_a_declared_checksum_must_be_that_of_the_content(violations: Check, algorithm: str) -> None:
    right = hashlib.new(algorithm, b"abc").hexdigest().upper()
    assert violations(b"abc", {}, declared={algorithm: right}) == []
    (violation,) = violations(b"abd", {}, declared={algorithm: right})
    assert violation["rule"] == "checksum"
    assert hashlib.new(algorithm, b"abd").hexdigest() in violation["message"]


def test_a_checksum_is_compared_although_the_contract_stops_reading_early(violations: Check) -> None:
    data = b"a\n" + b"x" * 200_000 + b"\nmore\n"
    found = violations(data, {"csv": {"columns": [{"name": "a"}]}}, declared={"md5": "0" * 32}, memory=1)
    assert {violation["rule"] for violation in found} == {"csv.line_length", "checksum"}


@pytest.mark.parametrize(("checksum", "rules"), [("required", ["checksum"]), ("optional", []), ("none", [])])
def test_only_a_route_that_requires_a_checksum_refuses_a_file_without(
    violations: Check, checksum: str, rules: list[str]
) -> None:
    assert [violation["rule"] for violation in violations(b"abc", {"checksum": checksum})] == rules


def test_a_wrong_checksum_does_not_matter_where_the_route_ignores_it(violations: Check) -> None:
    assert violations(b"abc", {"checksum": "none"}, declared={"md5": "0" * 32}) == []


@pytest.mark.parametrize(
    ("data", "encoding", "line", "column"),
    [
        ("ä\nöü".encode() + b"\xff\n", "utf-8", 2, 3),
        (b"\xef\xbb\xbfab\xc3", "utf-8", 1, 3),
        ("ab\ncd".encode("utf-16") + b"\x00\xd8", "utf-16", 2, 3),
        ("日本\n語".encode("shift_jis") + b"\x80", "shift_jis", 2, 2),
        (b"abc\r\nd\x81", "cp1252", 2, 2),
        (b"x" * (1024**2 - 1) + "ä".encode()[:1] + b"!", "utf-8", 1, 1024**2),
    ],
)
def test_the_first_bad_byte_is_named_by_line_and_column(
    violations: Check, data: bytes, encoding: str, line: int, column: int
) -> None:
    (violation,) = violations(data, {"encoding": encoding})
    assert (violation["rule"], violation["line"], violation["column"]) == ("encoding", line, column)


def test_a_character_that_lies_across_two_blocks_is_no_bad_byte(violations: Check) -> None:
    data = b"x" * (1024**2 - 1) + "ä".encode() + "日".encode() * 700_000
    assert violations(data, {"encoding": "utf-8"}) == []


@pytest.mark.parametrize("name", ["no-such", "base64", "idna", "unicode_escape"])
def test_an_encoding_that_is_none_is_the_configurations_fault(violations: Check, name: str) -> None:
    with pytest.raises(ConfigurationError, match="not a text encoding"):
        violations(b"abc", {"encoding": name})


def test_violations_are_counted_beyond_the_bound_and_told_in_one_error(validated: Any) -> None:
    data = b"a\n" + b"x\n" * 50
    with pytest.raises(ContentRefused, match="and 49 more") as caught:
        validated(data, {"csv": {"columns": [{"name": "a", "type": "integer"}]}, "max_violations": 7})
    assert len(caught.value.violations) == 7
    assert caught.value.total == 50
