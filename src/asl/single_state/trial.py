"""A state under test: what it has, and what is noted of its data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from asl.execution import Execution
from asl.frame import Frame
from asl.states.data_flow import UNKNOWN, compile_conclusion, compile_input_path, compile_preparation, settle

if TYPE_CHECKING:
    from asl.single_state.parameters import Parameters
    from asl.single_state.subject import Subject

LONGEST = 300.0
"""Seconds that a test may take; a state that takes longer fails with States.Timeout (API reference)."""


class TestedFrame(Frame):
    """A frame whose context object may be given by the caller."""

    __slots__ = ("given_context",)
    __test__ = False  # no test class of pytest's

    given_context: Mapping[str, Any] | None

    def context(self) -> Mapping[str, Any]:
        """The given context object as it is, with the item that ItemSelector is at; else the engine's."""
        if self.given_context is None:
            return super().context()
        if self.item is None:
            return self.given_context
        index, value = self.item
        return {**self.given_context, "Map": {"Item": {"Index": index, "Value": value}}}


class Trial:
    """One test of one state. `notes` are InspectionData's members as values, those of `_NUMBERS` as they are."""

    def __init__(self, execution: Execution, frame: TestedFrame, subject: Subject, parameters: Parameters) -> None:
        self.execution = execution
        self.frame = frame
        self.subject = subject
        self.state = subject.state
        self.spec = subject.spec
        self.jsonata = subject.jsonata
        self.parameters = parameters
        self.notes: dict[str, Any] = {"input": frame.data}
        self.details: dict[str, Any] = {}

    # ---- the data's way ------------------------------------------------------------------------

    def enter(self) -> Any:
        """The input after InputPath. JSONata states have no InputPath: their input."""
        if self.jsonata:
            return self.frame.data
        path = compile_input_path(self.spec)
        data = self.frame.data if path is None else path.evaluate(self.frame.data, self.frame)
        return self.noted("afterInputPath", data)

    def apply_parameters(self, entered: Any) -> Any:
        """The effective input after Parameters (JSONPath), from the input after InputPath."""
        template = {field: self.spec[field] for field in ("Parameters",) if field in self.spec}
        preparation = compile_preparation(template, jsonata=False)
        return self.noted(
            "afterParameters", entered if preparation is None else preparation.evaluate(entered, self.frame)
        )

    def conclude(self, result: Any) -> None:
        """Make a result the state's output: Assign, Output or ResultSelector, ResultPath and OutputPath.

        In JSONPath the steps are taken one by one, in the engine's order, so that what is between them can be noted.
        """
        if self.jsonata:
            compile_conclusion(self.spec, jsonata=True)(self.execution, self.frame, result, UNKNOWN)
            return
        frame, whole = self.frame, self.frame.data
        assigned = self._template("Assign", result) if "Assign" in self.spec else {}
        result = self._template("ResultSelector", result) if "ResultSelector" in self.spec else result
        self.noted("afterResultSelector", result)
        self._step({"ResultPath": self.spec.get("ResultPath", "$")}, result)
        self.noted("afterResultPath", frame.data)
        merged, frame.data = frame.data, whole
        output = compile_preparation({"InputPath": self.spec.get("OutputPath", "$")}, jsonata=False)
        settle(self.execution, frame, merged if output is None else output.evaluate(merged, frame), UNKNOWN)
        if assigned:
            frame.variables = {**frame.variables, **assigned}

    def _template(self, field: str, data: Any) -> Any:
        from asl.expressions.templates import compile_template

        return compile_template(self.spec[field], field).evaluate(data, self.frame)

    def _step(self, fields: Mapping[str, Any], result: Any) -> None:
        compile_conclusion(fields, jsonata=False)(self.execution, self.frame, result, UNKNOWN)

    # ---- what is noted -------------------------------------------------------------------------

    def noted(self, name: str, value: Any) -> Any:
        """Note a member of InspectionData; returns its value."""
        self.notes[name] = value
        return value

    def inspection(self) -> dict[str, Any]:
        """InspectionData of what has been noted; data as JSON text, variables if there are any."""
        data = {name: value if name in _AS_THEY_ARE else written(value) for name, value in self.notes.items()}
        if self.frame.variables:
            data["variables"] = written(self.frame.variables)
        if self.details:
            data["errorDetails"] = self.details
        return data


_AS_THEY_ARE = frozenset(
    {"maxConcurrency", "request", "response", "toleratedFailureCount", "toleratedFailurePercentage"}
)


def written(value: Any) -> str:
    """A value as JSON text, spaced as recorded answers of TestState are."""
    return json.dumps(value, ensure_ascii=False)
