# ruff: noqa: S608 - SQL is made of quoted names and literals
"""Which types columns get when the route does not say: only such that no value changes.

In CSV a column is a number, date, timestamp or boolean when every one of its values is written as DuckDB writes it
back: `00123`, `+5`, `1/2/2026` and what has a time zone stay text. Decimals keep all their digits. In JSON numbers and
booleans keep their types and strings stay strings, also those that look like dates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .database import Connection, identifier
from .limits import refused

_SAMPLE = 2048
_WHOLE = "-?(0|[1-9][0-9]*)"
_DECIMAL = _WHOLE + "(\\.[0-9]+)?"
_DOUBLE = "-?(0|[1-9][0-9]{0,6})(\\.[0-9]{1,8})?[eE][+-]?[0-9]{1,2}"
"""At most 15 digits, which a double keeps exactly."""
_MINUS_ZERO = "-0(\\.0+)?"
_STATISTICS = {
    "filled": "count($)",
    "boolean": "count(*) FILTER (lower($) IN ('true', 'false'))",
    "integer": "count(*) FILTER (TRY_CAST($ AS BIGINT)::VARCHAR = $)",
    "decimal": f"count(*) FILTER (regexp_full_match($, '{_DECIMAL}') AND NOT regexp_full_match($, '{_MINUS_ZERO}'))",
    "whole": "max(length(split_part(ltrim($, '-'), '.', 1)))",
    "scale": "max(length(split_part($, '.', 2)))",
    "double": f"count(*) FILTER (regexp_full_match($, '{_DOUBLE}'))",
    "date": "count(*) FILTER (TRY_CAST($ AS DATE)::VARCHAR = $)",
    "timestamp": "count(*) FILTER (TRY_CAST($ AS TIMESTAMP)::VARCHAR = $)",
    "iso": "count(*) FILTER (TRY_CAST($ AS TIMESTAMP)::VARCHAR = replace($, 'T', ' '))",
}
"""What is counted of a column `$`."""
_TEXT = {"date", "time", "time with time zone", "timestamp", "timestamp_s", "timestamp_ms", "timestamp_ns"}
_TEXT |= {"timestamp with time zone", "uuid", "interval", "time_ns", "timestamp_us"}


def csv_types(connection: Connection, raw: str, columns: Sequence[str], target: str) -> dict[str, str]:
    """Column → DuckDB type for a table function `raw` whose columns are all text."""
    guessed = _types(connection, f"(SELECT * FROM {raw} LIMIT {_SAMPLE})", columns, target)
    # Only columns that are not text at the beginning are looked at as a whole.
    candidates = [name for name in columns if guessed[name] != "VARCHAR"]
    return guessed | (_types(connection, raw, candidates, target) if candidates else {})


def _types(connection: Connection, source: str, columns: Sequence[str], target: str) -> dict[str, str]:
    wanted = [template.replace("$", identifier(name)) for name in columns for template in _STATISTICS.values()]
    values = connection.execute(f"SELECT {', '.join(wanted)} FROM {source}").fetchone()
    width = len(_STATISTICS)
    return {
        name: _type(dict(zip(_STATISTICS, values[at * width : (at + 1) * width], strict=True)), target)
        for at, name in enumerate(columns)
    }


def _type(statistics: Mapping[str, int], target: str) -> str:
    filled = statistics["filled"]
    # `2026-01-31T10:00:00` is a timestamp in Parquet; text would get a space for its T.
    timestamp = "iso" if target == "parquet" else "timestamp"
    if not filled:
        return "VARCHAR"
    for kind, name in (("boolean", "BOOLEAN"), ("integer", "BIGINT"), ("date", "DATE"), (timestamp, "TIMESTAMP")):
        if statistics[kind] == filled:
            return name
    if statistics["decimal"] == filled:
        digits = statistics["whole"] + statistics["scale"]
        return f"DECIMAL({18 if digits <= 18 else 38}, {statistics['scale']})" if digits <= 38 else "VARCHAR"
    return "DOUBLE" if statistics["double"] == filled else "VARCHAR"


def json_types(connection: Connection, raw: str, target: str) -> dict[str, str]:
    """Column → DuckDB type for a `read_json` call that looks at all records. Raises ContentRefused for none."""
    import duckdb

    try:
        relation = connection.sql(f"SELECT * FROM {raw}")
    except duckdb.BinderException as error:
        raise refused("records", "not all of its records are objects, or it has none") from error
    types = {name: _plain(kind) for name, kind in zip(relation.columns, relation.types, strict=True)}
    if target in ("csv", "parquet"):
        # A column of mixed values: JSON keeps them as they are, elsewhere they are text.
        types = {name: "VARCHAR" if kind == "JSON" else kind for name, kind in types.items()}
    return types


def _plain(kind: Any) -> str:
    """A type in which strings that look like something else are strings again."""
    if kind.id == "list":
        return f"{_plain(kind.children[0][1])}[]"
    if kind.id == "struct":
        return "STRUCT(" + ", ".join(f"{identifier(name)} {_plain(inner)}" for name, inner in kind.children) + ")"
    if kind.id == "map":
        return f"MAP({_plain(kind.children[0][1])}, {_plain(kind.children[1][1])})"
    return "VARCHAR" if kind.id in _TEXT else str(kind)
