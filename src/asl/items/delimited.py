"""Text delimited files, parsed by the rules that AWS documents.

Source: "How Step Functions parses input CSV files" (example-csv-parse-dist-map) and the recordings.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import repeat

from asl.errors import ItemReaderFailed

DELIMITERS = {"COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "SPACE": " ", "TAB": "\t"}
_HEADER_LIMIT = 10 * 1024


def records(lines: Iterator[str], headers: Sequence[str] | None, delimiter: str) -> Iterator[dict[str, str]]:
    """One object a row: header → text. `headers` None: the first row has them.

    Fields that a row lacks are empty, fields beyond the headers are dropped; of equal headers the last one's field
    stays.
    """
    table = rows(lines, delimiter)
    if headers is None:
        headers = next(table, None)
        if headers is None:
            return
    if sum(len(header.encode()) for header in headers) > _HEADER_LIMIT:
        raise ItemReaderFailed("The CSV headers are longer than 10 KiB, which is the most that Step Functions reads.")
    width = len(headers)
    for row in table:
        if len(row) < width:
            row.extend(repeat("", width - len(row)))
        yield dict(zip(headers, row, strict=False))


def rows(lines: Iterator[str], delimiter: str) -> Iterator[list[str]]:
    """The rows' fields.

    Quotes may enclose a field, which then may hold delimiters and newlines; doubled quotes are one quote, in unquoted
    fields too; a backslash escapes a backslash, a quote or the delimiter, and is dropped before anything else.
    """
    well_formed = _well_formed(delimiter)
    for line in lines:
        line = line.removesuffix("\n")  # noqa: PLW2901 (the line without its end)
        if '"' not in line and "\\" not in line:
            yield line.split(delimiter)
        elif len(line) < csv.field_size_limit() and well_formed.fullmatch(line):
            yield next(csv.reader((line,), delimiter=delimiter))
        else:
            yield _Row(delimiter).read(line, lines)


@cache
def _well_formed(delimiter: str) -> re.Pattern[str]:
    """A line on which the standard reader and AWS's rules agree: no backslash, quotes only around whole fields."""
    field = rf'(?:"(?:[^"\\]|"")*+"|[^"\\{re.escape(delimiter)}]*+)'
    return re.compile(f"{field}(?:{re.escape(delimiter)}{field})*+")


class _Row:
    """One row that needs to be read character by character."""

    def __init__(self, delimiter: str) -> None:
        self.delimiter = delimiter
        self.escapable = f'"\\{delimiter}'
        self.fields: list[str] = []
        self.field: list[str] = []
        self.quoted = False
        self.begun = False

    def read(self, line: str, more: Iterator[str]) -> list[str]:
        """The fields of the row that starts with `line`; takes further lines while a quote is open."""
        self._line(line)
        while self.quoted:
            line_after = next(more, None)
            if line_after is None:
                raise ItemReaderFailed("The CSV file ends within a quoted field.")
            self.field.append("\n")
            self._line(line_after.removesuffix("\n"))
        return [*self.fields, "".join(self.field)]

    def _line(self, line: str) -> None:
        at, end = 0, len(line)
        while at < end:
            char = line[at]
            following = line[at + 1 : at + 2]
            at += 1
            if char == "\\":
                if following and following in self.escapable:
                    self.field.append(following)
                    at += 1
            elif char == '"' and following == '"' and (self.quoted or self.begun):
                self.field.append('"')
                at += 1
            elif char == '"':
                self._quote(line, at - 1, following)
            elif char == self.delimiter and not self.quoted:
                self.fields.append("".join(self.field))
                self.field, self.begun = [], False
                continue
            else:
                self.field.append(char)
            self.begun = True

    def _quote(self, line: str, at: int, following: str) -> None:
        """A single quote opens or closes; amid a field's text it is also kept, and blanks before it are dropped."""
        self.quoted = not self.quoted
        if at == 0 or line[at - 1] == self.delimiter or following in ("", self.delimiter):
            return
        if self.field and not "".join(self.field).strip():
            self.field = []
        else:
            self.field.append('"')
