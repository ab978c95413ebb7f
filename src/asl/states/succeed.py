"""Succeed: ends its execution, branch or iteration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from asl.states.pass_ import compile_pass
from asl.states.state import State


def compile_succeed(state: State, spec: Mapping[str, Any], jsonata: bool) -> None:
    """Compile a Succeed state: data flows as through a Pass state without Result and Parameters."""
    allowed = ("Output",) if jsonata else ("InputPath", "OutputPath")
    compile_pass(state, {field: spec[field] for field in allowed if field in spec}, jsonata)
