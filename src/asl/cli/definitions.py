"""Loading a definition for commands that run it."""

from __future__ import annotations

from asl.cli.files import CommandError, read_text, shown_name
from asl.errors import InvalidDefinition, UnreadableJson
from asl.json_text import line_and_column, offset_of, parse_json
from asl.machine import Machine, load


def read_machine(name: str) -> Machine:
    """The machine of a definition's file. Raises `CommandError` that names the line of the first error."""
    text = read_text(name)
    try:
        document = parse_json(text)
        return load(text.removeprefix("\ufeff"))
    except UnreadableJson as error:
        place = f"{shown_name(name)}:{error.line}:{error.column}"
        raise CommandError(f"{place}: {error.reason}; a definition must be JSON") from error
    except InvalidDefinition as error:
        first = next(diagnostic for diagnostic in error.diagnostics if diagnostic.severity == "ERROR")
        line, column = line_and_column(text, offset_of(document, first.location or ""))
        raise CommandError(
            f"{shown_name(name)}:{line}:{column}: {first.code}: {first.message}; "
            f"`validate {name}` lists all that is wrong"
        ) from error
