"""What the operator's commands print: JSON alone, or columns for people; errors go to standard error."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.console import Console

from local.console import console
from local.ending import told

errors = Console(stderr=True, highlight=False, soft_wrap=True)
AsJson = Annotated[bool, typer.Option("--json", help="Print the API's answer as JSON, and nothing else.")]
Record = Mapping[str, Any]


@contextmanager
def told_apart() -> Iterator[None]:
    """`told`, on standard error, so that standard output holds results only."""
    with told(errors):
        yield


def print_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def print_line(value: Any) -> None:
    """One line of JSON, at once."""
    typer.echo(json.dumps(value, ensure_ascii=False))


def print_records(records: Iterable[Record], columns: Sequence[str], *, as_json: bool, nothing: str) -> None:
    """Records as a JSON array, or in columns, each a field's name or a path such as `match.glob`."""
    found = list(records)
    if as_json:
        print_json(found)
    elif not found:
        console.print(nothing, markup=False)
    else:
        for line in lines([[cell(record, column) for column in columns] for record in found], columns):
            console.print(line, markup=False)


def print_facts(record: Record, *, as_json: bool) -> None:
    """One record as JSON, or name by name with what lies inside."""
    if as_json:
        print_json(record)
        return
    for line in fact_lines(record):
        console.print(line, markup=False)


def lines(rows: Sequence[Sequence[str]], titles: Sequence[str]) -> list[str]:
    """Rows below their titles, each column as wide as it must be."""
    table = [list(map(str, titles)), *(list(row) for row in rows)]
    widths = [max(len(row[place]) for row in table) for place in range(len(titles))]
    return ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in table]


def cell(record: Record, path: str) -> str:
    value: Any = record
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return text_of(value)


def text_of(value: Any) -> str:
    """A value in one line; nothing for what is not there."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(item, str | int) for item in value):
        return ", ".join(map(str, value))
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | Mapping) else str(value)


def fact_lines(record: Record, indent: str = "") -> Iterator[str]:
    """`name: value` for each field that says something, nested ones indented."""
    for name, value in record.items():
        if value in (None, "", [], {}):
            continue
        if isinstance(value, Mapping):
            yield f"{indent}{name}:"
            yield from fact_lines(value, f"{indent}  ")
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            yield f"{indent}{name}:"
            for item in value:
                inner = list(fact_lines(item, f"{indent}    ")) or [f"{indent}    (nothing)"]
                yield f"{indent}  - {inner[0].strip()}"
                yield from inner[1:]
        else:
            yield f"{indent}{name}: {text_of(value)}"
