"""A workflow's case files: an input, what the mocked tasks answer, and how the execution must go.

    {"description": "…", "input": {…}, "tasks": {STATE: [ANSWER, …]}, "expected": {"path": […], "status": …, …}}

An ANSWER is `{"result": …}` or `{"error": …, "cause": …}`, with `times` for several alike; `completion` is what comes
for the task token: `{"output": …}`, `{"error": …, "cause": …}`, or null where nothing comes.
A case at `NAME/cases/VERSION/CASE.json` is one of `NAME/VERSION.asl.json`; elsewhere, `definition` names the file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from asl.errors import AslError

_FIELDS = {
    "": {"$schema", "definition", "description", "input", "tasks", "expected"},
    "answer": {"times", "result", "error", "cause", "completion"},
    "completion": {"output", "error", "cause"},
    "expected": {"path", "status", "output", "error", "cause"},
}
_ENDS = ("SUCCEEDED", "FAILED", "TIMED_OUT")

_PSEUDO = {"${AWS::Partition}": "aws", "${AWS::Region}": "us-east-1", "${AWS::AccountId}": "123456789012"}
_SUBSTITUTION = re.compile(r"\$\{(\w+)(?:\.Arn)?\}")


class BadCase(AslError):
    """A case file that is not well formed; `where` is the file, or the place in it."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"{where}: {reason}")
        self.where = where
        self.reason = reason


@dataclass(frozen=True)
class Completion:
    """How a task token is completed: SendTaskSuccess with `output`, or SendTaskFailure with `error`."""

    output: Any = None
    error: str | None = None
    cause: str = ""


@dataclass(frozen=True)
class Answer:
    """One answer of a mocked task: its result, or the error that the task ends with.

    The result of `lambda:invoke` is what the function returns; the envelope is put around it. `completion` is what
    comes for the task token afterwards; None where nothing comes (or no token is given).
    """

    result: Any = None
    error: str | None = None
    cause: str = ""
    completion: Completion | None = None


@dataclass(frozen=True)
class Expected:
    """How the execution must go; a `path` or `cause` of None is not compared."""

    path: tuple[str, ...] | None
    status: str
    output: Any = None
    error: str | None = None
    cause: str | None = None


@dataclass(frozen=True)
class Case:
    """One case. `answers` has for each state what its task answers, one a call; `definition` is the ASL file."""

    name: str
    description: str
    input: Any
    answers: Mapping[str, Sequence[Answer]]
    expected: Expected
    definition: Path


def read_case(path: Path) -> Case:
    """The case that a file describes. Raises `BadCase`."""
    try:
        plain = json.loads(path.read_text("utf-8"))
    except ValueError as problem:
        raise BadCase(str(path), f"this is no JSON: {problem}") from None
    _check_fields(plain, "", str(path))
    tasks = _typed(plain.get("tasks", {}), dict, f"{path} tasks")
    return Case(
        name=path.stem,
        description=plain.get("description", ""),
        input=plain.get("input", {}),
        answers={state: _answers(entries, f"{path} tasks.{state}") for state, entries in tasks.items()},
        expected=_expected(plain.get("expected"), f"{path} expected"),
        definition=_definition_of(path, plain.get("definition")),
    )


def read_definition(path: Path) -> str:
    """The definition in an ASL file, its substitutions (`${Name}`) of functions and AWS's parameters filled in."""
    return json.dumps(_filled_in(json.loads(path.read_text("utf-8"))), ensure_ascii=False)


def _filled_in(value: Any, field: str = "") -> Any:
    """`value` with a stand-in's ARN where a Resource or FunctionName is nothing but a substitution."""
    if isinstance(value, Mapping):
        return {name: _filled_in(member, name) for name, member in value.items()}
    if isinstance(value, list):
        return [_filled_in(element) for element in value]
    if not isinstance(value, str):
        return value
    match = _SUBSTITUTION.fullmatch(value)
    if match and field in ("Resource", "FunctionName"):
        return f"arn:aws:lambda:us-east-1:123456789012:function:{match[1]}"
    for parameter, known in _PSEUDO.items():
        value = value.replace(parameter, known)
    return value


def _definition_of(path: Path, named: str | None) -> Path:
    if named is not None:
        return (path.parent / named).resolve()
    found = path.resolve().parents[2] / f"{path.parent.name}.asl.json"
    if not found.exists():
        raise BadCase(str(path), f"its workflow is not at {found}; say where with `definition`")
    return found


def _answers(entries: Any, where: str) -> list[Answer]:
    answers = [_answer(entry, f"{where}[{number}]") for number, entry in enumerate(_typed(entries, list, where))]
    return [answer for answer, entry in zip(answers, entries, strict=True) for _ in range(entry.get("times", 1))]


def _answer(entry: Any, where: str) -> Answer:
    _check_fields(entry, "answer", where)
    if ("result" in entry) == ("error" in entry):
        raise BadCase(where, "there must be either a result or an error")
    completion = entry.get("completion")
    if completion is None:
        return Answer(entry.get("result"), entry.get("error"), entry.get("cause", ""))
    _check_fields(completion, "completion", f"{where}.completion")
    return Answer(entry.get("result"), entry.get("error"), entry.get("cause", ""), Completion(**completion))


def _expected(plain: Any, where: str) -> Expected:
    _check_fields(plain, "expected", where)
    if plain.get("status") not in _ENDS:
        raise BadCase(where, f"status must be one of {', '.join(_ENDS)}")
    path = plain.get("path")
    return Expected(**{**plain, "path": None if path is None else tuple(_typed(path, list, f"{where}.path"))})


def _check_fields(plain: Any, kind: str, where: str) -> None:
    unknown = set(_typed(plain, dict, where)) - _FIELDS[kind]
    if unknown:
        raise BadCase(where, f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(sorted(_FIELDS[kind]))}")


def _typed(plain: Any, kind: type, where: str) -> Any:
    if not isinstance(plain, kind):
        raise BadCase(where, f"there must be {'an object' if kind is dict else 'an array'}")
    return plain
