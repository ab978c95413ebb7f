"""`test-state FILE`: one state on its own, as the TestState API tries it."""

from __future__ import annotations

import argparse
import json
from typing import Any

from asl.cli.files import CommandError, as_json, json_argument, parsed, read_text, shown_name, write
from asl.cli.performers import imported
from asl.identity import Identity


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "test-state",
        help="try one state",
        description="Tries one state as the TestState API does: its data flow, its Retry and Catch, a mocked result.",
    )
    parser.add_argument("file", metavar="FILE", help="a definition, or a single state (JSON)")
    parser.add_argument("--state", metavar="NAME", help="which state of a definition")
    parser.add_argument("--input", default="{}", metavar="JSON|@FILE|-", help="the state's input (default {})")
    parser.add_argument("--variables", metavar="JSON|@FILE|-", help="the variables that the state sees")
    parser.add_argument("--context", metavar="JSON|@FILE|-", help="the context object that the state sees")
    parser.add_argument(
        "--mock",
        metavar="JSON|@FILE|-",
        help='the API\'s mock: {"result": …} or {"errorOutput": {"error": …, "cause": …}}; a result may be any JSON',
    )
    parser.add_argument(
        "--configuration",
        metavar="JSON|@FILE|-",
        help='the API\'s stateConfiguration: {"retrierRetryCount": …, …}',
    )
    parser.add_argument("--tasks", metavar="MODULE:NAME", help="a callable that does the task, instead of a mock")
    parser.add_argument("--inspection-level", choices=("INFO", "DEBUG", "TRACE"), default="INFO")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.set_defaults(command=command)


def command(arguments: argparse.Namespace) -> int:
    """0: the state succeeded; 1: it failed, also where a retry or a catcher would follow."""
    from asl.errors import ApiError
    from asl.single_state import test_state

    definition = parsed(read_text(arguments.file), arguments.file)
    try:
        response = test_state(definition, state_name=arguments.state, **_options(arguments))
    except ApiError as error:
        hint = "; --state NAME chooses a state" if _is_machine(definition) and arguments.state is None else ""
        raise CommandError(f"{shown_name(arguments.file)}: {error}{hint}") from error
    response = _with_values(response)
    write(as_json(response) if arguments.format == "json" else _text(response))
    return 0 if response["status"] == "SUCCEEDED" else 1


def _options(arguments: argparse.Namespace) -> dict[str, Any]:
    """What was given of the API's parameters."""
    texts = {
        "input": (arguments.input, "--input"),
        "variables": (arguments.variables, "--variables"),
        "context": (arguments.context, "--context"),
        "mock": (arguments.mock, "--mock"),
        "state_configuration": (arguments.configuration, "--configuration"),
    }
    given = {name: json_argument(text, option) for name, (text, option) in texts.items() if text is not None}
    if isinstance(given["input"], str):
        given["input"] = json.dumps(given["input"])  # a text would be taken for JSON text
    given["inspection_level"] = arguments.inspection_level
    if arguments.tasks:
        given["tasks"] = imported(arguments.tasks)
        given["role_arn"] = Identity().role_arn  # the API wants one where a service is called; here nobody checks it
    return given


def _is_machine(definition: Any) -> bool:
    return isinstance(definition, dict) and "States" in definition


def _with_values(response: dict[str, Any]) -> dict[str, Any]:
    """The response with its JSON texts (the output, the inspected data) as values, which people can read."""
    shown = dict(response)
    if "output" in shown:
        shown["output"] = _value(shown["output"])
    if "inspectionData" in shown:
        shown["inspectionData"] = {name: _value(data) for name, data in shown["inspectionData"].items()}
    return shown


def _value(data: Any) -> Any:
    try:
        return json.loads(data) if isinstance(data, str) else data
    except ValueError:
        return data


def _text(response: dict[str, Any]) -> str:
    following = f", next: {response['nextState']}" if "nextState" in response else ""
    parts = [f"{response['status']}{following}\n"]
    parts += [f"{response[name]}\n" for name in ("error", "cause") if response.get(name)]
    if "output" in response:
        parts.append(as_json(response["output"]))
    for name, data in response.get("inspectionData", {}).items():
        parts.append(f"{name}: {as_json(data)}")
    return "".join(parts)
