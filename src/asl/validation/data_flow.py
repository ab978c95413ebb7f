"""Follows the data from state to state, and warns of paths that find nothing there in any case."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from asl.expressions.jsonata import inner_text
from asl.expressions.jsonata_paths import path_of

from .data_shapes import (
    ERROR_OUTPUT,
    NOTHING,
    UNKNOWN,
    DataShape,
    bounded,
    either,
    filled,
    is_missing,
    names_in,
    part,
    put,
    shape_of,
)
from .findings import Findings

_INPUT_PATHS = (
    "ItemsPath",
    "SecondsPath",
    "TimestampPath",
    "TimeoutSecondsPath",
    "HeartbeatSecondsPath",
    "MaxConcurrencyPath",
    "ToleratedFailureCountPath",
    "ToleratedFailurePercentagePath",
    "ErrorPath",
    "CausePath",
)
_ROUNDS = 4
_NOT_YET: Any = object()


def warn_of_missing_data(machine: Mapping[str, Any], findings: Findings, machine_jsonata: bool) -> None:
    """`UNPRODUCED_PATH` for every plain path whose data no state before can have produced."""
    _Flow(findings, machine_jsonata).follow(machine, "", UNKNOWN)


class _Flow:
    """One walk through a definition, nested machines included."""

    def __init__(self, findings: Findings, machine_jsonata: bool) -> None:
        self._findings = findings
        self._machine_jsonata = machine_jsonata

    def follow(self, machine: Any, location: str, data: DataShape) -> None:
        """The machine's states with what reaches them, given what the machine gets."""
        states = machine.get("States") if type(machine) is dict else None
        if type(states) is not dict:
            return
        for name, reaching in self._inputs(machine, states, data).items():
            here = f"{location}/States/{name}"
            self._check(states[name], here, reaching)
            self._follow_nested(states[name], here, reaching)

    def _inputs(self, machine: Mapping[str, Any], states: Mapping[str, Any], data: DataShape) -> dict[str, DataShape]:
        """What each state that can be entered gets: the least that is true of all ways to it."""
        start = machine.get("StartAt")
        if type(start) is not str or type(states.get(start)) is not dict:
            return {}
        inputs: dict[str, DataShape] = {start: data}
        visits = dict.fromkeys(states, 0)
        waiting = {start: None}
        while waiting:
            name = next(iter(waiting))
            del waiting[name]
            visits[name] += 1
            for target, output in self._leaving(states[name], inputs[name]):
                if type(states.get(target)) is not dict:
                    continue
                before = inputs.get(target, _NOT_YET)
                after = _met(before, output, visits[target])
                if after != before:
                    inputs[target] = after
                    waiting[target] = None
        return inputs

    def _is_jsonata(self, state: Mapping[str, Any]) -> bool:
        return bool(state.get("QueryLanguage", "JSONata" if self._machine_jsonata else "JSONPath") != "JSONPath")

    def _leaving(self, state: Mapping[str, Any], data: DataShape) -> Iterator[tuple[str, DataShape]]:
        """Each next state with what it gets."""
        jsonata = self._is_jsonata(state)
        output = _computed_output(state, data) if jsonata else _selected_output(state, data)
        for field in ("Next", "Default"):
            if type(state.get(field)) is str:
                yield state[field], output
        for rule in _entries(state, "Choices"):
            if type(rule.get("Next")) is str:
                yield rule["Next"], UNKNOWN if "Output" in rule else output
        for catcher in _entries(state, "Catch"):
            if type(catcher.get("Next")) is str:
                yield catcher["Next"], _caught(catcher, data, jsonata)

    def _follow_nested(self, state: Mapping[str, Any], location: str, data: DataShape) -> None:
        jsonata = self._is_jsonata(state)
        branches = state.get("Branches")
        if type(branches) is list:
            given = _arguments(state, data) if jsonata else _parameters(state, data)
            for index, branch in enumerate(branches):
                self.follow(branch, f"{location}/Branches[{index}]", given)
        for field in ("ItemProcessor", "Iterator"):
            if field in state:
                item = filled(_selector(state), UNKNOWN) if not jsonata and _selects_items(state) else UNKNOWN
                self.follow(state[field], f"{location}/{field}", item)

    def _check(self, state: Mapping[str, Any], location: str, data: DataShape) -> None:
        if data is UNKNOWN and not self._is_jsonata(state) and "OutputPath" not in state:
            return

        def report(path: str, names: tuple[str, ...] | None, shape: DataShape, field: str) -> None:
            if names and is_missing(shape, names):
                self._findings.warning(
                    "UNPRODUCED_PATH", f"No state before this one can have produced {path}", f"{location}/{field}"
                )

        if self._is_jsonata(state):
            _check_expressions(state, data, report)
        else:
            _check_paths(state, data, report)


def _met(before: Any, output: DataShape, visits: int) -> DataShape:
    """What a state gets if it may get this too. A loop that still finds something new after some rounds is given up."""
    if before is _NOT_YET or before == output:
        return output
    if visits >= _ROUNDS:
        return UNKNOWN
    return bounded(either(before, output)) if visits else either(before, output)


Report = Callable[[str, "tuple[str, ...] | None", DataShape, str], None]


def _check_expressions(state: Mapping[str, Any], data: DataShape, report: Report) -> None:
    """Fields that are nothing but `{% $states.input.a %}`: other expressions may do without the data."""
    for field in ("Arguments", "Output", "Items", "ItemSelector", "Assign", "Seconds", "Timestamp"):
        for text, place in _strings(state.get(field), field):
            names = _input_names(text)
            if names:
                report(text, names, data, place)


def _check_paths(state: Mapping[str, Any], data: DataShape, report: Report) -> None:
    path = state.get("InputPath", "$")
    report(path, names_in(path), data, "InputPath")
    effective = _selected_input(state, data)
    for field in _INPUT_PATHS:
        if field in state:
            report(state[field], names_in(state[field]), effective, field)
    if state.get("Type") != "Map":
        for path, place in _dynamic_fields(state.get("Parameters"), "Parameters"):
            report(path, names_in(path), effective, place)
    for index, rule in enumerate(_entries(state, "Choices")):
        if "IsPresent" not in rule and "Variable" in rule:
            report(rule["Variable"], names_in(rule["Variable"]), effective, f"Choices[{index}]/Variable")
    path = state.get("OutputPath", "$")
    report(path, names_in(path), _with_result(state, data), "OutputPath")


def _entries(state: Mapping[str, Any], field: str) -> Iterator[Mapping[str, Any]]:
    entries = state.get(field)
    return (entry for entry in (entries if type(entries) is list else ()) if type(entry) is dict)


def _strings(value: Any, place: str) -> Iterator[tuple[str, str]]:
    if type(value) is str:
        yield value, place
    elif type(value) is dict:
        for name, member in value.items():
            yield from _strings(member, f"{place}/{name}")
    elif type(value) is list:
        for index, member in enumerate(value):
            yield from _strings(member, f"{place}[{index}]")


def _dynamic_fields(template: Any, place: str) -> Iterator[tuple[str, str]]:
    """The values of fields that end in `.$`, with their places."""
    if type(template) is dict:
        for name, member in template.items():
            if name.endswith(".$") and type(member) is str:
                yield member, f"{place}/{name}"
            else:
                yield from _dynamic_fields(member, f"{place}/{name}")
    elif type(template) is list:
        for index, member in enumerate(template):
            yield from _dynamic_fields(member, f"{place}[{index}]")


def _input_names(value: Any) -> tuple[str, ...] | None:
    """The names in `{% $states.input.a.b %}`; None for anything else."""
    text = inner_text(value)
    path = path_of(text) if text is not None else None
    return path[1][1:] if path is not None and path[0] == "states" and path[1][:1] == ("input",) else None


def _selected_input(state: Mapping[str, Any], data: DataShape) -> DataShape:
    path = state.get("InputPath", "$")
    return NOTHING if path is None else part(data, names_in(path))


def _parameters(state: Mapping[str, Any], data: DataShape) -> DataShape:
    effective = _selected_input(state, data)
    return filled(state["Parameters"], effective) if "Parameters" in state else effective


def _arguments(state: Mapping[str, Any], data: DataShape) -> DataShape:
    return _evaluated(state["Arguments"], data) if "Arguments" in state else data


def _selector(state: Mapping[str, Any]) -> Any:
    return state.get("ItemSelector", state.get("Parameters"))


def _selects_items(state: Mapping[str, Any]) -> bool:
    return type(_selector(state)) is dict and "ItemBatcher" not in state


def _with_result(state: Mapping[str, Any], data: DataShape) -> DataShape:
    """The data after ResultPath."""
    kind = state.get("Type")
    if kind == "Pass":
        result = shape_of(state["Result"]) if "Result" in state else _parameters(state, data)
    elif kind in ("Task", "Parallel", "Map"):
        result = filled(state["ResultSelector"], UNKNOWN) if "ResultSelector" in state else UNKNOWN
    else:
        return _selected_input(state, data)
    path = state.get("ResultPath", "$")
    if path == "$":
        return result
    whole = data if "InputPath" not in state else UNKNOWN
    return whole if path is None else put(whole, names_in(path), result)


def _selected_output(state: Mapping[str, Any], data: DataShape) -> DataShape:
    """What a JSONPath state hands on."""
    path = state.get("OutputPath", "$")
    return NOTHING if path is None else part(_with_result(state, data), names_in(path))


def _computed_output(state: Mapping[str, Any], data: DataShape) -> DataShape:
    """What a JSONata state hands on."""
    if "Output" in state:
        return _evaluated(state["Output"], data)
    return UNKNOWN if state.get("Type") in ("Task", "Parallel", "Map") else data


def _evaluated(template: Any, data: DataShape) -> DataShape:
    """What a JSONata template gives."""
    if type(template) is dict:
        return {name: _evaluated(member, data) for name, member in template.items()}
    if type(template) is str and inner_text(template) is not None:
        return part(data, _input_names(template))
    return shape_of(template)


def _caught(catcher: Mapping[str, Any], data: DataShape, jsonata: bool) -> DataShape:
    """What a catcher's next state gets."""
    if jsonata:
        return UNKNOWN if "Output" in catcher else ERROR_OUTPUT
    path = catcher.get("ResultPath", "$")
    return data if path is None else put(data, names_in(path), ERROR_OUTPUT)
