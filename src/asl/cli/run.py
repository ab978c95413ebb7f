"""`run FILE`: an execution, with waits that take no time."""

from __future__ import annotations

import argparse
from typing import Any

from asl.cli import performers
from asl.cli.definitions import read_machine
from asl.cli.files import CommandError, as_json, json_argument, terminal_width, write
from asl.clock import SystemClock, VirtualClock
from asl.driver import Stalled
from asl.execution import Execution
from asl.mocks import NoMock


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "run",
        help="run a definition",
        description="Runs a definition as Step Functions does and shows what came out. Waits and retries take no time.",
    )
    parser.add_argument("file", metavar="FILE", help="a definition (JSON)")
    parser.add_argument("--input", default="{}", metavar="JSON|@FILE|-", help="the execution's input (default {})")
    performers.add_options(parser)
    parser.add_argument(
        "--history", nargs="?", const="table", choices=("table", "json"), help="show the events, too (default table)"
    )
    parser.add_argument("--wall-clock", action="store_true", help="let waits and retries take their time")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.set_defaults(command=command)


def command(arguments: argparse.Namespace) -> int:
    """0: the execution succeeded; 1: it did not."""
    machine = read_machine(arguments.file)
    data = json_argument(arguments.input, "--input")
    clock = SystemClock() if arguments.wall_clock else VirtualClock()
    try:
        execution = machine.run(data, performers.performer(arguments), clock=clock)
    except (Stalled, NoMock) as error:
        raise CommandError(f"{error} Give --mock FILE or --tasks MODULE:NAME for it.") from error
    if arguments.format == "json":
        write(as_json(_result(execution, arguments.history is not None)))
    else:
        write(_text(execution, arguments.history))
    return 0 if execution.status == "SUCCEEDED" else 1


def _result(execution: Execution, with_history: bool) -> dict[str, Any]:
    result: dict[str, Any] = {"status": execution.status}
    if execution.status == "SUCCEEDED":
        result["output"] = execution.output
    else:
        result |= {"error": execution.error, "cause": execution.cause}
    if with_history:
        result["history"] = execution.history()
    return result


def _text(execution: Execution, history: str | None) -> str:
    parts = []
    if history == "table":
        from asl.history_table import history_table

        parts += [history_table(execution.history(), terminal_width()), "\n"]
    elif history == "json":
        parts.append(as_json(execution.history()))
    parts.append(f"{execution.status}\n")
    if execution.status == "SUCCEEDED":
        parts.append(as_json(execution.output))
    else:
        parts += [f"{text}\n" for text in (execution.error, execution.cause) if text]
    return "".join(parts)
