"""`fmt FILE…`: definitions in their canonical form."""

from __future__ import annotations

import argparse
from pathlib import Path

from asl.cli.files import CommandError, read_text, shown_name, write
from asl.errors import UnreadableJson
from asl.formatting import format_definition


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "fmt",
        help="format definitions",
        description="Writes definitions in one layout and with one order of fields; their meaning stays the same.",
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="a definition (JSON)")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--check", action="store_true", help="change nothing, name the files that are not formatted")
    what.add_argument("--write", action="store_true", help="change the files (default: to standard output)")
    parser.set_defaults(command=command)


def command(arguments: argparse.Namespace) -> int:
    """0; with --check 1 if a file is not formatted. No file is written if one of them is no JSON."""
    texts = {name: read_text(name) for name in arguments.files}
    formatted = {name: _formatted(name, text) for name, text in texts.items()}
    changed = [name for name in texts if texts[name] != formatted[name]]
    if arguments.check:
        for name in changed:
            write(f"{shown_name(name)}: not formatted; `fmt --write {name}` does it\n")
        return 1 if changed else 0
    for name, text in formatted.items():
        if not arguments.write or name == "-":
            write(text)
        elif name in changed:
            _write(name, text)
    return 0


def _formatted(name: str, text: str) -> str:
    try:
        return format_definition(text)
    except UnreadableJson as error:
        place = f"{shown_name(name)}:{error.line}:{error.column}"
        raise CommandError(f"{place}: {error.reason}; only JSON can be formatted") from error


def _write(name: str, text: str) -> None:
    try:
        Path(name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{name}: {error.strerror or error}; it cannot be written") from error
    write(f"{name}\n")
