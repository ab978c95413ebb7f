"""Text from one encoding to another, its line ends, and where it cannot be done."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest

from fileferry.errors import ConfigurationError, ContentRefused
from tests.unit.tasks.transform.pipelines import Pipeline

TEXT = "id;Straße\r\n1;Öl\n2;日本\r3;😀\n"


def charset(source: str = "utf-8", target: str = "utf-8", newline: str = "keep") -> dict[str, Any]:
    return {"op": "charset", "source": source, "target": target, "newline": newline}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-32", "gb18030"])
@pytest.mark.parametrize("block", [1, 3, 65536])
def test_what_is_recoded_can_be_recoded_back(run: Pipeline, encoding: str, block: int) -> None:
    there = run(TEXT.encode(), charset(target=encoding), block=block)
    assert there.decode(encoding) == TEXT
    assert run(there, charset(source=encoding), block=block) == TEXT.encode()


@pytest.mark.parametrize(
    ("newline", "expected"),
    [("keep", "a\r\nb\nc\rd"), ("lf", "a\nb\nc\nd"), ("crlf", "a\r\nb\r\nc\r\nd")],
)
@pytest.mark.parametrize("block", [1, 2, 65536])
def test_line_ends_become_one_kind(run: Pipeline, newline: str, expected: str, block: int) -> None:
    assert run(b"a\r\nb\nc\rd", charset(newline=newline), block=block) == expected.encode()


def test_a_carriage_return_at_the_very_end_is_a_line_end(run: Pipeline) -> None:
    assert run(b"a\r", charset(newline="crlf"), block=1) == b"a\r\n"


@pytest.mark.parametrize("source", ["utf-8", "utf-16"])
def test_a_byte_order_mark_is_left_away(run: Pipeline, source: str) -> None:
    data = "\ufeffa\ufeffb".encode("utf-8") if source == "utf-8" else "a\ufeffb".encode("utf-16")
    assert run(data, charset(source=source), block=1) == "a\ufeffb".encode()


def test_an_empty_file_stays_empty(run: Pipeline) -> None:
    assert run(b"", charset("utf-8", "cp1252", "crlf")) == b""


@pytest.mark.parametrize("block", [1, 5, 65536])
@pytest.mark.parametrize("newline", ["keep", "crlf"])
def test_bytes_that_are_not_of_the_source_encoding_are_named_by_line_and_column(
    run: Pipeline, block: int, newline: str
) -> None:
    data = "ä\nöü".encode() + b"\xff\n" + b"x" * 100
    with pytest.raises(ContentRefused, match=r"line 2, column 3: 0xff is not valid utf-8.*operation 1 of 1") as caught:
        run(data, charset(newline=newline), block=block)
    (violation,) = caught.value.violations
    assert (violation["rule"], violation["line"], violation["column"]) == ("transform.charset", 2, 3)


def test_a_file_that_ends_within_a_character_is_refused(run: Pipeline) -> None:
    with pytest.raises(ContentRefused, match="line 1, column 2"):
        run("a€".encode()[:-1], charset())


@pytest.mark.parametrize("block", [1, 65536])
def test_characters_that_the_target_lacks_are_named_by_line_and_column(run: Pipeline, block: int) -> None:
    with pytest.raises(ContentRefused, match=r"line 3, column 3: cp1252 has no character U\+65E5"):
        run(TEXT.encode(), charset(target="cp1252"), block=block)


@pytest.mark.parametrize("encoding", ["no-such", "base64", "idna", "unicode_escape"])
@pytest.mark.parametrize("side", ["source", "target"])
def test_an_encoding_that_is_none_is_a_configuration_error(run: Pipeline, encoding: str, side: str) -> None:
    with pytest.raises(ConfigurationError, match="not a text encoding"):
        run(b"a", charset(**{side: encoding}))


def test_memory_is_bounded_by_blocks(run: Pipeline) -> None:
    def blocks() -> Iterator[bytes]:
        for _ in range(64):
            yield b"0123456\n" * (32 * 1024)

    tracemalloc.start()
    try:
        size = sum(map(len, run.stream(blocks(), charset(target="utf-16-le", newline="crlf"))))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert size == 64 * 32 * 1024 * 18
    assert peak < 8 * 1024**2
