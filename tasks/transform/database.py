"""DuckDB shut in: bounded memory and threads, and no way to files other than those named."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fileferry.errors import ConfigurationError, ContentRefused, FerryError
from fileferry.scratch import scratch_full

from .limits import refused

Connection = Any
"""A duckdb.DuckDBPyConnection; the module is imported only where a table is converted."""

_THREADS = 2
_PER_THREAD = 125 * 10**6
"""What DuckDB's guide calls the least that a thread needs (guides/performance/environment).

With less, two threads that sort find the memory taken by each other now and then: the same file is converted one time
and refused for want of memory another.
"""
_LEAST = 64 * 1024**2
_LINE = re.compile(r"(?:CSV Error on Line: |in line )(\d+)")
_FILE = re.compile(r"""( in)? file ("[^"]*"|'[^']*')""", re.IGNORECASE)
_QUOTED = re.compile(r"\"[^\"]{61,}\"|'[^']{61,}'", re.DOTALL)


@contextmanager
def database(scratch: Path, memory: int, paths: Sequence[Path]) -> Iterator[Connection]:
    """An empty database that reads and writes `paths` only, spills to `scratch` and uses half of `memory` bytes.

    After this nothing can change the settings again. DuckDB's errors come out as ContentRefused (the data does
    not fit) or ConfigurationError (the query, a type or the memory does not fit).
    """
    import duckdb

    spill = scratch / "spill"
    spill.mkdir(exist_ok=True)
    limit = max(memory // 2, _LEAST)
    settings = {
        "memory_limit": f"{limit}B",
        "temp_directory": str(spill),
        "threads": max(1, min(_THREADS, limit // _PER_THREAD)),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "allow_community_extensions": False,
        "python_enable_replacements": False,
        "allowed_paths": [str(path) for path in paths],
        "enable_external_access": False,
        "lock_configuration": True,
    }
    with duckdb.connect(":memory:") as connection:
        for name, value in settings.items():
            connection.execute(f"SET {name} = {literal(value)}")
        try:
            yield connection
        except duckdb.Error as error:
            raise _named(error) from error


def _named(error: Exception) -> FerryError:
    import duckdb

    message = shortened(str(error))
    if isinstance(error, duckdb.OutOfMemoryException):
        if "temp" in message and "director" in message:
            return scratch_full()
        return ConfigurationError(
            f"The conversion needs more memory than there is: {message}",
            todo="set the route's executor to `worker`, or give the function more memory.",
        )
    if isinstance(error, duckdb.IOException):
        return scratch_full() if "No space left" in message else refused("table", message)
    at_fault = (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException, duckdb.PermissionException)
    if isinstance(error, at_fault) or "converted to a DuckDB Type" in message:
        return ConfigurationError(
            f"The conversion cannot be done: {message}", todo="mend the operation's sql or columns."
        )
    violation: dict[str, Any] = {"rule": "transform.table", "message": message}
    if line := _LINE.search(str(error)):
        violation["line"] = int(line[1])
    return ContentRefused(f"The file cannot be converted: {message}", [violation])


def shortened(text: str) -> str:
    """The sentence of a DuckDB error without the lines of the file or query that follow it, long values cut."""
    kept = [line for line in text.split("\n\n")[0].splitlines() if not line.startswith(("Original Line", "LINE "))]
    sentence = _FILE.sub(lambda file: "" if file[1] else " the file", " ".join(kept)).split(" Try setting")[0]
    return _QUOTED.sub(lambda quoted: quoted[0][:59] + "…" + quoted[0][0], sentence).strip()[:200]


def literal(value: object) -> str:
    """A value as SQL."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return "[" + ", ".join(literal(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{literal(name)}: {literal(item)}" for name, item in value.items()) + "}"
    return "'" + str(value).replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A name as SQL."""
    return '"' + name.replace('"', '""') + '"'
