"""`validate FILE…`: what Step Functions would refuse, and advice, each with its line."""

from __future__ import annotations

import argparse
from typing import Any

from asl.cli.files import as_json, read_text, shown_name, write
from asl.errors import UnreadableJson
from asl.json_text import JsonValue, line_and_column, offset_of, parse_json
from asl.validation import Diagnostic, validate


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "validate",
        help="say what is wrong in definitions",
        description="Says what Step Functions would refuse in definitions, and what cannot work (warnings).",
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="a definition (JSON)")
    parser.add_argument("--type", choices=("STANDARD", "EXPRESS"), default="STANDARD", help="of the state machines")
    parser.add_argument("--strict", action="store_true", help="warnings count as findings, too (exit code 1)")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.set_defaults(command=command)


def command(arguments: argparse.Namespace) -> int:
    """0: nothing to refuse; 1: errors, or with --strict also warnings."""
    findings = [entry for name in arguments.files for entry in _findings(name, arguments.type)]
    if arguments.format == "json":
        write(as_json(findings))
    else:
        for entry in findings:
            write(_line(entry))
        write(_summary(findings, len(arguments.files)))
    grave = ("ERROR", "WARNING") if arguments.strict else ("ERROR",)
    return 1 if any(entry["severity"] in grave for entry in findings) else 0


def _findings(name: str, kind: Any) -> list[dict[str, Any]]:
    text = read_text(name)
    try:
        document = parse_json(text)
    except UnreadableJson as error:
        entry = {"severity": "ERROR", "code": "INVALID_JSON_DESCRIPTION", "message": error.reason, "location": None}
        return [{"file": shown_name(name), "line": error.line, "column": error.column, **entry}]
    found = validate(text.removeprefix("\ufeff"), kind)
    return [_entry(name, text, document, diagnostic) for diagnostic in found]


def _entry(name: str, text: str, document: JsonValue, diagnostic: Diagnostic) -> dict[str, Any]:
    line, column = line_and_column(text, offset_of(document, diagnostic.location or ""))
    return {
        "file": shown_name(name),
        "line": line,
        "column": column,
        "severity": diagnostic.severity,
        "code": diagnostic.code,
        "message": diagnostic.message,
        "location": diagnostic.location,
    }


def _line(entry: dict[str, Any]) -> str:
    message = entry["message"].replace("\n", "\n    ")
    place = f"{entry['file']}:{entry['line']}:{entry['column']}"
    where = f" (at {entry['location']})" if entry["location"] else ""
    return f"{place}: {entry['severity'].lower()} {entry['code']}: {message}{where}\n"


def _summary(findings: list[dict[str, Any]], files: int) -> str:
    errors = sum(entry["severity"] == "ERROR" for entry in findings)
    counts = f"{_number(errors, 'error')}, {_number(len(findings) - errors, 'warning')}"
    return f"{_number(files, 'file')}: {counts if findings else 'nothing found'}\n"


def _number(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
