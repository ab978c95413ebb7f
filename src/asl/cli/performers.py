"""Who does the tasks of a run: a mock file, a Python callable, or both."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from asl.cli.files import CommandError, read_json, shown_name
from asl.mocks import BadMocks, mock_tasks
from asl.requests import TaskRequest

Perform = Callable[[TaskRequest], Any]


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--mock",
        metavar="FILE[#MACHINE/CASE]",
        help="answers of tasks: a mock file of Step Functions Local, or an object of states and their answers",
    )
    parser.add_argument(
        "--tasks",
        metavar="MODULE:NAME",
        help="a callable that does tasks (it gets an asl.TaskRequest); with --mock, those that are not mocked",
    )


def performer(arguments: argparse.Namespace) -> Perform | None:
    """The `tasks` for a run; None if neither option is given. Raises `CommandError`."""
    others = imported(arguments.tasks) if arguments.tasks else None
    return _mocked(arguments.mock, others) if arguments.mock else others


def _mocked(option: str, others: Perform | None) -> Perform:
    name, _, choice = option.partition("#")
    machine, _, case = choice.partition("/")
    try:
        return mock_tasks(read_json(name), machine or None, case or None, others=others)
    except BadMocks as error:
        hint = "" if choice else f"; a test case is chosen by {name}#MACHINE/CASE"
        raise CommandError(f"{shown_name(name)}: {error}{hint}") from error


def imported(option: str) -> Perform:
    """The callable that `MODULE:NAME` names; this folder is searched, too. Raises `CommandError`."""
    module_name, _, attribute = option.partition(":")
    if not module_name or not attribute:
        raise CommandError(f"--tasks {option}: give MODULE:NAME, for example my_tasks:perform")
    if "" not in sys.path and str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        found: Any = importlib.import_module(module_name)
        for name in attribute.split("."):
            found = getattr(found, name)
    except (ImportError, AttributeError) as error:
        raise CommandError(f"--tasks {option}: {error}; the module must be importable from here") from error
    if not callable(found):
        raise CommandError(f"--tasks {option}: it is no callable, but {type(found).__name__}")
    return found  # type: ignore[no-any-return]
