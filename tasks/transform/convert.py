# ruff: noqa: S608 - SQL is made of quoted names and literals, and of the SELECT that projection.py has looked at
"""Tables from one format to another by DuckDB, with an optional projection in SQL.

DuckDB's own CSV reader drops rows without a word under some dialects (2.0.0: an open quote with `parallel=false`,
mixed line ends with `new_line='\\r\\n'`), so that CSV is read by Python's strict reader and given to DuckDB in one
plain form, and the rows are counted on both sides.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fileferry.csv_records import CsvRecords, Dialect
from fileferry.errors import ContentRefused, IntegrityError
from fileferry.model.route import Charset, Convert

from .charset import recode
from .column_types import csv_types, json_types
from .content import BlockStream, Content, Done, Scratch
from .database import Connection, database, identifier, literal
from .limits import refused
from .projection import INPUT, check_sql

_PLAIN = (
    "auto_detect = false, header = true, delim = ',', quote = '\"', escape = '\"', new_line = '\\n', comment = '', "
    f"buffer_size = {4 * 1024**2}"
)
"""How DuckDB reads the plain form: nothing is left to its guessing. Its buffers of 32 MB a thread are too many."""
_OPTIONS = {
    "csv": "FORMAT csv, HEADER true, QUOTE '\"', ESCAPE '\"'",
    "ndjson": "FORMAT json, ARRAY false",
    "json": "FORMAT json, ARRAY true",
    "parquet": "FORMAT parquet, COMPRESSION zstd",
}


@dataclass(frozen=True)
class Table:
    """A file that DuckDB can read; `columns` of a CSV, `rows` where they were counted on the way."""

    path: Path
    columns: tuple[str, ...] = ()
    rows: int | None = None


def convert(operation: Convert, content: Content, scratch: Scratch, memory: int) -> Done:
    """The table in the target format, as a file. Tells `rows` and `columns` of the output.

    Raises ContentRefused when the content is no such table, ConfigurationError for bad SQL or types.
    """
    table = (
        _csv_table(operation, content, scratch, memory) if operation.source == "csv" else Table(scratch.file(content))
    )
    target = scratch.new(f".{operation.target}")
    with database(scratch.folder, memory, [table.path, target]) as connection:
        sql = check_sql(connection, operation.sql) if operation.sql is not None else f"SELECT * FROM {INPUT}"
        _register(connection, operation, table)
        if table.rows is not None:
            _compare_rows(connection, table.rows)
        columns = dict(row[:2] for row in connection.execute(f"DESCRIBE {sql}").fetchall())
        # Without a temporary file beside the target: its path is none of those allowed.
        options = f"{_OPTIONS[operation.target]}, USE_TMP_FILE false"
        if operation.target == "csv":
            options += f", DELIMITER {literal(operation.delimiter)}"
            sql = _flat(sql, columns)
        rows = connection.execute(f"COPY (\n{sql}\n) TO {literal(str(target))} ({options})").fetchone()[0]
    return Done(Content(content.name, path=target), {"rows": rows, "columns": len(columns)})


def _flat(sql: str, columns: Mapping[str, str]) -> str:
    """The query with lists and structures as JSON texts, which a CSV field can hold."""
    nested = [name for name, kind in columns.items() if kind.endswith("]") or kind.startswith(("STRUCT", "MAP"))]
    if not nested:
        return sql
    replaced = ", ".join(f"to_json({identifier(name)}) AS {identifier(name)}" for name in nested)
    return f"SELECT * REPLACE ({replaced}) FROM (\n{sql}\n)"


def _register(connection: Connection, operation: Convert, table: Table) -> None:
    """Make the view `input` over the table's file."""
    path = literal(str(table.path))
    if operation.source == "csv":
        texts = dict.fromkeys(table.columns, "VARCHAR")
        raw = f"read_csv({path}, {_PLAIN}, columns = {literal(texts)})"
        types = _given(operation, table.columns) or csv_types(connection, raw, table.columns, operation.target)
        reader = f"read_csv({path}, {_PLAIN}, columns = {literal(types)})"
    elif operation.source == "parquet":
        reader = f"read_parquet({path})"
    else:
        layout = "newline_delimited" if operation.source == "ndjson" else "array"
        raw = f"read_json({path}, format = '{layout}', records = true, sample_size = -1)"
        types = operation.columns or json_types(connection, raw, operation.target)
        reader = f"read_json({path}, format = '{layout}', columns = {literal(types)})"
    connection.execute(f"CREATE VIEW {INPUT} AS SELECT * FROM {reader}")


def _given(operation: Convert, columns: tuple[str, ...]) -> dict[str, str]:
    """The route's types; columns that it does not name stay text."""
    if not operation.columns:
        return {}
    if missing := [name for name in operation.columns if name not in columns]:
        raise refused("columns", f"it has no column {missing[0][:60]!r}")
    return {name: operation.columns.get(name, "VARCHAR") for name in columns}


def _csv_table(operation: Convert, content: Content, scratch: Scratch, memory: int) -> Table:
    """The CSV in the one form that DuckDB is given: UTF-8, commas, every field in quotes.

    The header stays, so that lines in DuckDB's errors are those of the file.
    """

    def refuse(rule: str, message: str, *, line: int) -> None:
        where = f"line {line}: {message}"
        raise ContentRefused(
            f"The file is refused: {where}.", [{"rule": f"transform.{rule}", "message": message, "line": line}]
        )

    # Through the charset operation, since it names the place of bytes that are not UTF-8.
    text = recode(Charset(op="charset"), content.read())
    limit = max(memory // 128, 64 * 1024)
    records = CsvRecords(BlockStream(text), "utf-8", Dialect(operation.delimiter), limit, refuse)
    first = records.first()
    if first is None:
        raise refused("csv.header", "there is no header line")
    columns = tuple(first.rows[0])
    _check_header(columns)
    path = scratch.new(".csv")
    rows = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(columns)
        for chunk in records.chunks():
            if set(map(len, chunk.rows)) != {len(columns)}:
                row, line = next(
                    pair for pair in zip(chunk.rows, chunk.lines, strict=True) if len(pair[0]) != len(columns)
                )
                refuse("csv.row_width", f"the row has {len(row)} fields, not {len(columns)}", line=line)
            writer.writerows(chunk.rows)
            rows += len(chunk.rows)
    return Table(path, columns, rows)


def _check_header(columns: tuple[str, ...]) -> None:
    if "" in columns:
        raise refused("csv.header", f"column {columns.index('') + 1} has no name")
    # DuckDB's names differ by more than case.
    name, times = Counter(name.lower() for name in columns).most_common(1)[0]
    if times > 1:
        raise refused("csv.header", f"{times} columns are named {name[:60]!r}")


def _compare_rows(connection: Connection, expected: int) -> None:
    (found,) = connection.execute(f"SELECT count(*) FROM {INPUT}").fetchone()
    if found != expected:
        raise IntegrityError(
            f"DuckDB sees {found} rows where the file has {expected}.",
            todo="keep the file and tell the developers: no row may be lost.",
        )
