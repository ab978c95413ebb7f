"""Advice on what AWS accepts: what is never reached, never read, never works.

`NO_DOLLAR`, `NO_PATH` and `PASS_RESULT_IS_STATIC` are AWS's own warning codes; the others are ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from .choice import COMPARISONS
from .findings import Findings
from .resources import recognised
from .transitions import is_terminal, targets

Machines = Iterable[tuple[dict[str, Any], str]]

ERROR_NAMES = frozenset(
    "States." + name
    for name in (
        *("ALL", "BranchFailed", "DataLimitExceeded", "ExceedToleratedFailureThreshold", "HeartbeatTimeout"),
        *("Http.Socket", "IntrinsicFailure", "ItemReaderFailed", "NoChoiceMatched", "ParameterPathFailure"),
        *("Permissions", "QueryEvaluationError", "ResultPathMatchFailure", "ResultWriterFailed", "Runtime"),
        *("TaskFailed", "Timeout"),
    )
)
_LOOKS_LIKE_PATH = re.compile(r"\$(?:\.|\[|\$\.).*|States\.[A-Za-z]+\(.*\)", re.DOTALL)
_DISTRIBUTED_ONLY = ("ItemReader", "ItemBatcher", "ResultWriter", "Label")
_TEMPLATES = ("Parameters", "ResultSelector", "ItemSelector", "Assign")
_TOKEN = ("$$.Task.Token", "context.Task.Token", "$states.context")


def add_hints(machines: Machines, findings: Findings, machine_jsonata: bool) -> None:
    """Every hint that can be given without following the data."""
    for depth, (machine, location) in enumerate(machines):
        _hint_at_machine(machine, location, findings, nested=depth > 0)
        for name, state in machine["States"].items():
            if type(state) is dict:
                jsonata = state.get("QueryLanguage", "JSONata" if machine_jsonata else "JSONPath") != "JSONPath"
                _hint_at_state(state, f"{location}/States/{name}", findings, jsonata)
    _hint_at_variables(findings)


def _hint_at_machine(machine: Mapping[str, Any], location: str, findings: Findings, *, nested: bool) -> None:
    states = machine["States"]
    if nested and states and not any(map(is_terminal, states.values())):
        findings.warning("NO_END", "No state ends this part of the workflow", location)
    reached, waiting = set[str](), [machine.get("StartAt")]
    entered = {target for name, state in states.items() if type(state) is dict for target, _ in targets(state)}
    while waiting:
        name = waiting.pop()
        if type(name) is str and name in states and name not in reached:
            reached.add(name)
            waiting += [target for target, _ in targets(states[name])] if type(states[name]) is dict else []
    for name in states:
        if reached and name not in reached and name in entered:
            findings.warning(
                "UNREACHABLE_STATE",
                f"State '{name}' is never entered: only states that are never entered lead to it",
                f"{location}/States/{name}",
            )


def _hint_at_state(state: Mapping[str, Any], location: str, findings: Findings, jsonata: bool) -> None:
    for field in ("Retry", "Catch"):
        _hint_at_error_names(state.get(field), f"{location}/{field}", findings)
    kind = state.get("Type")
    if kind == "Choice" and "Default" not in state:
        findings.warning(
            "NO_DEFAULT", "An input that no rule matches fails the execution with States.NoChoiceMatched", location
        )
    elif kind == "Task":
        _hint_at_task(state, location, findings)
    elif kind == "Map":
        _hint_at_map(state, location, findings)
    if not jsonata:
        _hint_at_paths(state, location, findings)


def _hint_at_error_names(entries: Any, location: str, findings: Findings) -> None:
    """Names that AWS does not know, and entries that an earlier one always precedes."""
    seen: set[str] = set()
    for index, entry in enumerate(entries if type(entries) is list else ()):
        names = entry.get("ErrorEquals") if type(entry) is dict else None
        if type(names) is not list or not all(type(name) is str for name in names):
            continue
        here = f"{location}[{index}]"
        for name in names:
            if name.startswith("States.") and name not in ERROR_NAMES:
                findings.warning("UNKNOWN_ERROR_NAME", f"Step Functions has no error named {name}", here)
        if names and all(_is_covered(name, seen) for name in names):
            findings.warning("NEVER_MATCHES", f"Earlier entries take {', '.join(names)} already", here)
        seen.update(names)


def _is_covered(name: str, earlier: set[str]) -> bool:
    """States.TaskFailed stands for all errors of tasks but timeouts."""
    return name in earlier or ("States.TaskFailed" in earlier and not name.startswith("States."))


def _hint_at_task(state: Mapping[str, Any], location: str, findings: Findings) -> None:
    timeout, heartbeat = state.get("TimeoutSeconds"), state.get("HeartbeatSeconds")
    if type(timeout) is int and type(heartbeat) is int and heartbeat >= timeout:
        findings.warning(
            "HEARTBEAT_NOT_BELOW_TIMEOUT",
            f"HeartbeatSeconds ({heartbeat}) must be smaller than TimeoutSeconds ({timeout}) to matter",
            f"{location}/HeartbeatSeconds",
        )
    arn = state.get("Resource")
    resource = recognised(arn) if type(arn) is str else None
    given = str(state.get("Parameters", state.get("Arguments")))
    if resource is not None and resource.pattern == "waitForTaskToken" and not any(map(given.__contains__, _TOKEN)):
        findings.warning("NO_TASK_TOKEN", "Nobody is told the task token, so nobody can end this task", location)


def _hint_at_map(state: Mapping[str, Any], location: str, findings: Findings) -> None:
    processor = state.get("ItemProcessor", state.get("Iterator"))
    config = processor.get("ProcessorConfig") if type(processor) is dict else None
    if type(config) is dict and config.get("Mode") == "DISTRIBUTED":
        return
    for field in _DISTRIBUTED_ONLY:
        if field in state:
            findings.warning("ONLY_DISTRIBUTED", f"{field} has no meaning for an inline Map", f"{location}/{field}")


def _hint_at_paths(state: Mapping[str, Any], location: str, findings: Findings) -> None:
    """Paths where AWS takes the text as it stands."""
    if state.get("Type") == "Pass" and _holds_path(state.get("Result")):
        findings.warning("PASS_RESULT_IS_STATIC", "Result is taken as it is: use Parameters for paths", location)
    for field in ("Error", "Cause"):
        _hint_at_text(state.get(field), f"{location}/{field}", f"{field}Path", findings)
    for field in _TEMPLATES:
        _hint_at_template(state.get(field), f"{location}/{field}", findings)
    rules = state.get("Choices")
    for index, rule in enumerate(rules if type(rules) is list else ()):
        for operator in rule.keys() & COMPARISONS.keys() if type(rule) is dict else ():
            if f"{operator}Path" in COMPARISONS:
                at = f"{location}/Choices[{index}]/{operator}"
                _hint_at_text(rule[operator], at, f"{operator}Path", findings)


def _is_path(value: Any) -> bool:
    return type(value) is str and value[:1] in ("$", "S") and _LOOKS_LIKE_PATH.fullmatch(value) is not None


def _hint_at_text(value: Any, location: str, field: str, findings: Findings) -> None:
    if _is_path(value):
        findings.warning("NO_PATH", f"The value looks like a path, but it is taken as text: use {field}", location)


def _hint_at_template(value: Any, location: str, findings: Findings) -> None:
    if type(value) is dict:
        for name, member in value.items():
            if not name.endswith(".$"):
                _hint_at_template(member, f"{location}/{name}", findings)
    elif _is_path(value):
        findings.warning(
            "NO_DOLLAR",
            "The value looks like a path or a function, but it is taken as text: end the name in '.$'",
            location,
        )


def _holds_path(value: Any) -> bool:
    if type(value) is dict:
        return any(name.endswith(".$") or _holds_path(member) for name, member in value.items())
    if type(value) is list:
        return any(map(_holds_path, value))
    return _is_path(value)


def _hint_at_variables(findings: Findings) -> None:
    """Variables that are only written, or only read."""
    assigned, read = _first_places(findings.assigns), _first_places(findings.reads)
    for name, location in assigned.items():
        if name not in read:
            findings.warning("UNUSED_VARIABLE", f"No state reads the variable ${name}", location)
    for name, location in read.items():
        if name not in assigned:
            findings.warning("UNASSIGNED_VARIABLE", f"No state assigns the variable ${name}", location)


def _first_places(places: list[tuple[str, str]]) -> dict[str, str]:
    first: dict[str, str] = {}
    for name, location in places:
        first.setdefault(name, location)
    return first
