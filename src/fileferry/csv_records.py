"""The records of a CSV file with the lines on which they begin, in chunks that fit memory (RFC 4180, strictly)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from fileferry.errors import ConfigurationError
from fileferry.text_encoding import text_encoding

CHUNK_ROWS = 4096


class OnProblem(Protocol):
    """Is told of a record that cannot be read; reading goes on when it returns. Violations of a contract fit it."""

    def __call__(self, rule: str, message: str, *, line: int) -> None: ...


@dataclass(frozen=True)
class Chunk:
    """Some rows and the lines (from 1) on which they begin."""

    rows: list[list[str]]
    lines: list[int]


@dataclass(frozen=True)
class Dialect:
    """How fields are parted. With `single`, where there is one column only, an empty line is a record."""

    delimiter: str = ","
    quote: str = '"'
    single: bool = False


class CsvRecords:
    """Reads records; quoting errors and overlong lines are told to `on_problem`, undecodable bytes are replaced.

    A line or a field is at most `limit` characters long, and so, by and large, is a chunk: that bounds memory.
    Raises ConfigurationError when the dialect cannot be used.
    """

    def __init__(
        self, content: io.RawIOBase, encoding: str, dialect: Dialect, limit: int, on_problem: OnProblem
    ) -> None:
        self._limit = limit
        self._on_problem = on_problem
        self._characters = 0
        self._single = dialect.single
        # newline="" leaves line ends to the csv module, which must see those inside of quotes.
        buffered = io.BufferedReader(content, 256 * 1024)
        self._text = io.TextIOWrapper(buffered, text_encoding(encoding), "replace", newline="")
        csv.field_size_limit(limit)
        try:
            self._reader = csv.reader(self._lines(), delimiter=dialect.delimiter, quotechar=dialect.quote, strict=True)
        except (TypeError, ValueError) as error:
            raise ConfigurationError(
                f"The CSV delimiter or quote of the route cannot be used: {error}.", todo="mend the route."
            ) from error

    def first(self) -> Chunk | None:
        """The first record alone, or None when there is none."""
        return self._read(1)

    def chunks(self) -> Iterator[Chunk]:
        """The records that were not read yet."""
        while chunk := self._read(CHUNK_ROWS):
            yield chunk

    def _read(self, count: int) -> Chunk | None:
        rows: list[list[str]] = []
        lines: list[int] = []
        self._characters = 0
        while not self._fill(rows, lines, count):
            pass
        return Chunk(rows, lines) if rows else None

    def _fill(self, rows: list[list[str]], lines: list[int], count: int) -> bool:
        """Add records up to `count`; False when a broken record was met, after which the reader can go on."""
        reader = self._reader
        line = reader.line_num + 1
        try:
            for row in reader:
                if row or self._single:
                    rows.append(row or [""])
                    lines.append(line)
                    if len(rows) >= count or self._characters > self._limit:
                        break
                line = reader.line_num + 1
        except csv.Error as error:
            self._on_problem("csv.quoting", f"the record that begins here is broken: {error}", line=line)
            return False
        return True

    def _lines(self) -> Iterator[str]:
        limit = self._limit
        number = 0
        while line := self._text.readline(limit + 1):
            number += 1
            if len(line) > limit:
                self._on_problem("csv.line_length", f"the line is longer than {limit} characters", line=number)
                return
            self._characters += len(line)
            yield line
