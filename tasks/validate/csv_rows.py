"""The records of a CSV file with the lines on which they begin, in chunks that fit memory."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from fileferry.errors import ConfigurationError
from fileferry.model.route import CsvContract
from fileferry.text_encoding import text_encoding

from .violations import Violations

CHUNK_ROWS = 4096


@dataclass(frozen=True)
class Chunk:
    """Some rows and the lines (from 1) on which they begin."""

    rows: list[list[str]]
    lines: list[int]


class CsvRows:
    """Reads records; quoting errors and overlong lines become violations.

    Empty lines are no records, except where there is a single column. A line or a field is at most `limit`
    characters long, and so, by and large, is a chunk: that bounds memory.
    """

    def __init__(
        self, content: io.RawIOBase, encoding: str, contract: CsvContract, found: Violations, limit: int
    ) -> None:
        self._limit = limit
        self._found = found
        self._characters = 0
        self._single = len(contract.columns) == 1
        # newline="" leaves line ends to the csv module, which must see those inside of quotes.
        buffered = io.BufferedReader(content, 256 * 1024)
        self._text = io.TextIOWrapper(buffered, text_encoding(encoding), "replace", newline="")
        csv.field_size_limit(limit)
        try:
            self._reader = csv.reader(
                self._lines(), delimiter=contract.delimiter, quotechar=contract.quote, strict=True
            )
        except (TypeError, ValueError) as error:
            raise ConfigurationError(
                f"The csv contract's delimiter or quote cannot be used: {error}.", todo="mend the route's validation."
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
            self._found.add("csv.quoting", f"the record that begins here is broken: {error}", line=line)
            return False
        return True

    def _lines(self) -> Iterator[str]:
        limit = self._limit
        number = 0
        while line := self._text.readline(limit + 1):
            number += 1
            if len(line) > limit:
                self._found.add("csv.line_length", f"the line is longer than {limit} characters", line=number)
                return
            self._characters += len(line)
            yield line
