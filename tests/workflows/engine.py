"""What an engine must do to run a workflow's cases, and what it tells afterwards.

Four engines stand here: `own_engine.py` (our own, in this process), `worker_engine.py` (our own, as the worker drives
it), `executions.py` (whole executions on Step Functions) and `single_states.py` (state by state through TestState).
Another engine joins them by implementing `Engine`. The values are those of `asl.testing`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from asl.testing import Answer, Call, Completion, Outcome, Script, TooManyCalls

__all__ = ["Answer", "Call", "Completion", "Engine", "Mocks", "Outcome", "Script", "TooManyCalls"]

Mocks = Mapping[str, Sequence[Answer]]
"""State → answers in their order, one a call."""


class Engine(Protocol):
    """Runs a definition (ASL, with its substitutions still in it) on an input, with mocked tasks."""

    def run(self, definition: Mapping[str, Any], input: Mapping[str, Any], mocks: Mocks) -> Outcome: ...
