"""Pass: gives its input, a fixed Result or what Parameters or Output make of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from asl.quotas import size
from asl.states.data_flow import compile_conclusion, compile_preparation, settle
from asl.states.state import State

if TYPE_CHECKING:
    from asl.execution import Execution
    from asl.frame import Frame


def compile_pass(state: State, spec: Mapping[str, Any], jsonata: bool) -> None:
    """Compile a Pass state."""
    conclude = compile_conclusion(spec, jsonata)
    following = state.next
    if not jsonata and "Result" in spec:
        _give_constant(state, spec, conclude)
        return
    preparation = None if jsonata else compile_preparation(spec, jsonata)
    if preparation is None:
        if conclude is settle:
            state.perform = lambda _execution, _frame: following
            return

        def perform(execution: Execution, frame: Frame) -> State | None:
            conclude(execution, frame, frame.data, frame.size)
            return following
    else:
        evaluate, copies, constant = preparation.evaluate, preparation.copies, preparation.constant

        def perform(execution: Execution, frame: Frame) -> State | None:
            conclude(execution, frame, evaluate(frame.data, frame), frame.size * copies + constant)
            return following

    state.perform = perform


def _give_constant(state: State, spec: Mapping[str, Any], conclude: Any) -> None:
    result, following = spec["Result"], state.next
    bound = size(result)
    preparation = compile_preparation(spec, jsonata=False)

    def perform(execution: Execution, frame: Frame) -> State | None:
        if preparation is not None:  # what it gives is not used, but a path that finds nothing fails
            preparation.evaluate(frame.data, frame)
        conclude(execution, frame, result, bound)
        return following

    state.perform = perform
