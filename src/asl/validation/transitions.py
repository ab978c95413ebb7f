"""Where states lead: targets that do not exist, states that nothing leads to, workflows without an end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .findings import Findings

MISSING = "MISSING_TRANSITION_TARGET"
Machines = Iterable[tuple[dict[str, Any], str]]


def targets(state: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each state that a state may lead to, with the place that names it (`Choices[0]/Next`)."""
    for field in ("Next", "Default"):
        if type(state.get(field)) is str:
            yield state[field], field
    for field in ("Choices", "Catch"):
        entries = state.get(field)
        for index, entry in enumerate(entries if type(entries) is list else ()):
            if type(entry) is dict and type(entry.get("Next")) is str:
                yield entry["Next"], f"{field}[{index}]/Next"


def check_transitions(machines: Machines, findings: Findings) -> None:
    """Missing targets first, then the missing end of the workflow, or else the states that nothing leads to."""
    machines = list(machines)
    for machine, location in machines:
        _report_missing(machine, location, findings)
    if machines and _is_endless(machines[0][0]):
        findings.nowhere("MISSING_END_STATE", "Workflow has no terminal state")
        machines = machines[1:]
    for machine, location in machines:
        _report_unreachable(machine, location, findings)


def _report_missing(machine: Mapping[str, Any], location: str, findings: Findings) -> None:
    states, start = machine["States"], machine.get("StartAt")
    if not states:
        return
    if type(start) is str and start not in states:
        findings.error(f"Missing 'Next' target: {start}", f"{location}/StartAt", MISSING)
    for name, state in states.items():
        for target, place in targets(state) if type(state) is dict else ():
            if target not in states:
                findings.error(f"Missing 'Next' target: {target}", f"{location}/States/{name}/{place}", MISSING)


def is_terminal(state: Any) -> bool:
    """Whether an execution may end with this state."""
    return type(state) is not dict or state.get("End") is True or state.get("Type") in ("Succeed", "Fail")


def _is_endless(machine: Mapping[str, Any]) -> bool:
    states = machine["States"]
    return bool(states) and not any(map(is_terminal, states.values()))


def _report_unreachable(machine: Mapping[str, Any], location: str, findings: Findings) -> None:
    """AWS asks only whether another state leads there, not whether that one can be reached."""
    states, start = machine["States"], machine.get("StartAt")
    if type(start) is not str:
        return
    reached = {start}
    for name, state in states.items():
        reached.update(target for target, _ in targets(state) if target != name) if type(state) is dict else None
    for name in states:
        if name not in reached:
            findings.error(f'State "{name}" is not reachable.', f"{location}/States/{name}", MISSING)
