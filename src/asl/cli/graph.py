"""`graph FILE`: a picture of a definition, and of the way that an execution took."""

from __future__ import annotations

import argparse
from pathlib import Path

from asl.cli.files import CommandError, parsed, read_history, read_text, shown_name, write
from asl.graph import graph, path_taken, to_mermaid, to_svg

_FORMATS = {".svg": "svg", ".mmd": "mermaid", ".mermaid": "mermaid"}


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "graph",
        help="draw a definition",
        description="Draws a definition as Mermaid flowchart or SVG; with a history, marks the way that was taken.",
    )
    parser.add_argument("file", metavar="FILE", help="a definition (JSON)")
    parser.add_argument("--history", metavar="FILE", help="events as GetExecutionHistory gives them (JSON)")
    parser.add_argument("--format", choices=("mermaid", "svg"), help="default: by the output's name, else mermaid")
    parser.add_argument("-o", "--output", metavar="FILE", help="where to write (default: standard output)")
    parser.set_defaults(command=command)


def command(arguments: argparse.Namespace) -> int:
    definition = parsed(read_text(arguments.file), arguments.file)
    if not isinstance(definition, dict):
        raise CommandError(f"{shown_name(arguments.file)}: a definition must be a JSON object")
    shape = graph(definition)
    taken = path_taken(shape, read_history(arguments.history)) if arguments.history else None
    kind = arguments.format or _FORMATS.get(Path(arguments.output or "").suffix, "mermaid")
    text = to_svg(shape, taken) if kind == "svg" else to_mermaid(shape, taken)
    if arguments.output is None:
        write(text)
        return 0
    try:
        Path(arguments.output).write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{arguments.output}: {error.strerror or error}; give a file that can be written") from error
    return 0
