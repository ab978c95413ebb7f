"""A CSV file against its contract, read once in bounded memory.

Rows are checked in chunks, column by column, each distinct value of a chunk once (bench/validate.py compares this
with DuckDB). Empty fields are nulls. With a header the columns are found by name, in any order; without one
by position.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fileferry.csv_records import Chunk, CsvRecords, Dialect
from fileferry.envelope import shown_text
from fileferry.errors import ConfigurationError
from fileferry.model.route import CsvContract

from .csv_columns import ColumnCheck, column_check
from .unique_values import UniqueValues
from .violations import Violations, shown


@dataclass(frozen=True)
class UniqueCheck:
    """Columns that are unique together, and the values seen so far. Rows in which one of them is empty do not count."""

    names: tuple[str, ...]
    indexes: tuple[int, ...]
    seen: UniqueValues

    def add(self, chunk: Chunk, found: Violations) -> None:
        lines: Sequence[int] = chunk.lines
        values = [row[self.indexes[0]] for row in chunk.rows]
        if len(self.indexes) > 1:
            tuples = [tuple(row[index] for index in self.indexes) for row in chunk.rows]
            values = [repr(one) if all(one) else "" for one in tuples]
        if "" in values:
            filled = [(value, line) for value, line in zip(values, lines, strict=True) if value]
            values, lines = [value for value, _ in filled], [line for _, line in filled]
        for line, first in self.seen.add(values, lines):
            self._report(line, first, found)

    def finish(self, found: Violations) -> None:
        for line, first in self.seen.finish():
            self._report(line, first, found)

    def _report(self, line: int, first: int, found: Violations) -> None:
        found.add(
            "csv.unique",
            f"the value occurs already in the record on line {first}",
            line=line,
            column=self.indexes[0] + 1,
            field=", ".join(self.names),
        )


@dataclass(frozen=True)
class Layout:
    """Where the contract's columns are in this file, which is `width` columns wide."""

    width: int
    columns: tuple[ColumnCheck, ...]
    uniques: tuple[UniqueCheck, ...]


def check_csv(
    content: io.RawIOBase, encoding: str, contract: CsvContract, found: Violations, scratch: Path, memory: int
) -> int:
    """Add what `content` breaks to `found` and return the number of data rows.

    `memory` in bytes is the function's; `scratch` takes what does not fit it. Bytes that do not decode are
    replaced: the encoding check reports them. Raises ConfigurationError when the contract cannot be applied.
    """
    dialect = Dialect(contract.delimiter, contract.quote, single=len(contract.columns) == 1)
    rows = CsvRecords(content, encoding, dialect, max(memory // 128, 64 * 1024), found.add)
    first = rows.first()
    if contract.header and first is None:
        found.add("csv.header", "there is no header line", line=1)
        return 0
    names = _header(first, contract, found)
    layout = _layout(names, contract, scratch, memory // 4)
    count = 0
    if not contract.header and first is not None:
        count += _check_chunk(first, layout, found)
    for chunk in rows.chunks():
        count += _check_chunk(chunk, layout, found)
    for unique in layout.uniques:
        unique.finish(found)
    _check_row_count(count, contract, found)
    return count


def _header(first: Chunk | None, contract: CsvContract, found: Violations) -> list[str]:
    """The names of the file's columns; of a file without a header they are the contract's, then empty ones."""
    wanted = [column.name for column in contract.columns]
    if not contract.header:
        width = len(first.rows[0]) if first else len(wanted)
        extra = width - len(wanted) if contract.extra_columns == "allow" else 0
        return wanted + [""] * extra
    assert first is not None
    names, line = first.rows[0], first.lines[0]
    for name in wanted:
        if name not in names:
            found.add("csv.column_missing", f"there is no column {shown(name)}", line=line, field=name)
    for name, times in Counter(names).items():
        if times > 1:
            column = [at for at, other in enumerate(names, 1) if other == name][1]
            found.add("csv.header", f"{times} columns are named {shown(name)}", line=line, column=column, field=name)
    if contract.extra_columns == "refuse":
        for column, name in enumerate(names, 1):
            if name not in wanted:
                message = f"column {shown(name)} is not in the contract"
                found.add("csv.column_extra", message, line=line, column=column, field=name)
    return names


def _layout(names: Sequence[str], contract: CsvContract, scratch: Path, memory: int) -> Layout:
    places = {name: index for index, name in reversed(list(enumerate(names)))}
    columns = [column_check(column, places[column.name]) for column in contract.columns if column.name in places]
    return Layout(len(names), tuple(columns), _uniques(contract, places, scratch, memory))


def _uniques(contract: CsvContract, places: Mapping[str, int], scratch: Path, memory: int) -> tuple[UniqueCheck, ...]:
    sets = [(column.name,) for column in contract.columns if column.unique] + [
        tuple(names) for names in contract.unique
    ]
    known = {column.name for column in contract.columns}
    for names in sets:
        if unknown := [name for name in names if name not in known] or not names:
            raise ConfigurationError(
                f"The csv contract's `unique` names {unknown or 'nothing'}, which is no column of it.",
                todo="mend the route's validation.",
            )
    present = [names for names in sets if all(name in places for name in names)]
    return tuple(
        UniqueCheck(
            names,
            tuple(places[name] for name in names),
            UniqueValues(scratch / f"unique-{number}", memory // len(present)),
        )
        for number, names in enumerate(present)
    )


def _check_chunk(chunk: Chunk, layout: Layout, found: Violations) -> int:
    """Check a chunk and return its number of rows."""
    count = len(chunk.rows)
    chunk = _of_full_width(chunk, layout.width, found)
    columns = list(zip(*chunk.rows, strict=True))
    for check in layout.columns if chunk.rows else ():
        for position, problem in check.problems(columns[check.index]):
            found.add(
                problem.rule,
                problem.message,
                line=chunk.lines[position],
                column=check.index + 1,
                field=check.column.name,
            )
    for unique in layout.uniques:
        unique.add(chunk, found)
    return count


def _of_full_width(chunk: Chunk, width: int, found: Violations) -> Chunk:
    """The chunk without ragged rows, which become violations: nobody knows which field is whose."""
    if set(map(len, chunk.rows)) <= {width}:
        return chunk
    rows, lines = [], []
    for row, line in zip(chunk.rows, chunk.lines, strict=True):
        if len(row) == width:
            rows.append(row)
            lines.append(line)
        else:
            start = f" ({shown_text(row[0])} …)" if row[0] else ""
            found.add("csv.row_width", f"the row has {len(row)} fields, not {width}{start}", line=line)
    return Chunk(rows, lines)


def _check_row_count(count: int, contract: CsvContract, found: Violations) -> None:
    if count < contract.min_rows:
        found.add("csv.min_rows", f"there are {count} rows, at least {contract.min_rows} are expected")
    if contract.max_rows is not None and count > contract.max_rows:
        found.add("csv.max_rows", f"there are {count} rows, at most {contract.max_rows} are expected")
