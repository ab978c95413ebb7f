"""Choice: goes to the state of the first rule that holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from asl.errors import StateError
from asl.states.data_flow import Conclude, compile_conclusion, compile_preparation, settle
from asl.states.state import State

if TYPE_CHECKING:
    from asl.execution import Execution
    from asl.frame import Frame

Rule = Callable[[Any, "Frame"], bool]
Branch = tuple[Rule, State, Conclude]


class NoChoiceMatched(StateError):
    """`States.NoChoiceMatched`: no rule holds and there is no Default."""

    located = True

    def __init__(self) -> None:
        super().__init__(
            "States.NoChoiceMatched",
            "Failed to transition out of the state. The state machine did not match any choice rule.",
        )


def compile_choice(state: State, spec: Mapping[str, Any], jsonata: bool, states: Mapping[str, State]) -> None:
    """Compile a Choice state."""
    if jsonata:
        _compile_jsonata_choice(state, spec, states)
    else:
        _compile_jsonpath_choice(state, spec, states)


def _compile_jsonpath_choice(state: State, spec: Mapping[str, Any], states: Mapping[str, State]) -> None:
    from asl.expressions.choice_rules import compile_choice_rule

    rules = [(compile_choice_rule(rule), states[rule["Next"]], _flow(spec, rule, False)) for rule in spec["Choices"]]
    default = states[spec["Default"]] if "Default" in spec else None
    otherwise = _flow(spec, spec, False)
    preparation = compile_preparation(spec, jsonata=False)
    if preparation is None and all(conclude is settle for _, _, conclude in rules) and otherwise is settle:
        plain: list[tuple[Rule, State]] = [(rule, following) for rule, following, _ in rules]
        state.rules, state.perform = plain, _plain(plain, default)
        return

    def perform(execution: Execution, frame: Frame) -> State | None:
        data = frame.data
        if preparation is not None:
            frame.data = data = preparation.evaluate(data, frame)
            frame.size = frame.size * preparation.copies + preparation.constant
        return _take_first(execution, frame, rules, data, default, otherwise)

    state.rules, state.perform = rules, perform


def _take_first(
    execution: Execution, frame: Frame, rules: Sequence[Branch], seen: Any, default: State | None, otherwise: Conclude
) -> State:
    """Go where the first rule that holds for what it sees leads to, else to the default."""
    for holds, following, conclude in rules:
        if holds(seen, frame):
            conclude(execution, frame, frame.data, frame.size)
            return following
    if default is None:
        raise NoChoiceMatched
    otherwise(execution, frame, frame.data, frame.size)
    return default


def _flow(spec: Mapping[str, Any], rule: Mapping[str, Any], jsonata: bool) -> Conclude:
    """The state's OutputPath with the rule's own Assign (and, in JSONata, Output)."""
    fields = {field: spec[field] for field in ("OutputPath",) if field in spec and not jsonata}
    fields |= {field: rule[field] for field in ("Assign", "Output") if field in rule}
    return compile_conclusion(fields, jsonata)


def _plain(rules: list[tuple[Rule, State]], default: State | None) -> Callable[[Execution, Frame], State | None]:
    def perform(_execution: Execution, frame: Frame) -> State | None:
        data = frame.data
        for holds, following in rules:
            if holds(data, frame):
                return following
        if default is None:
            raise NoChoiceMatched
        return default

    return perform


def _compile_jsonata_choice(state: State, spec: Mapping[str, Any], states: Mapping[str, State]) -> None:
    from asl.expressions.choice_rules import compile_condition
    from asl.expressions.jsonata import States

    rules = [
        (
            compile_condition(rule["Condition"], f"Choices[{index}]/Condition"),
            states[rule["Next"]],
            _flow(spec, rule, True),
        )
        for index, rule in enumerate(spec["Choices"])
    ]
    default = states[spec["Default"]] if "Default" in spec else None
    otherwise = _flow(spec, spec, True)

    def perform(execution: Execution, frame: Frame) -> State | None:
        return _take_first(execution, frame, rules, States(frame.data), default, otherwise)

    state.rules, state.perform = rules, perform
