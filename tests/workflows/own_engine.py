"""Whole executions on our own engine, in this process and without waiting."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import asl
from asl.testing import Outcome, run_answers
from tests.workflows.engine import Mocks


class OwnEngine:
    """Runs each case on `asl`."""

    def run(self, definition: Mapping[str, Any], input: Mapping[str, Any], mocks: Mocks) -> Outcome:
        outcome = run_answers(asl.load(json.dumps(definition)), input, mocks)
        assert not outcome.unused, f"answers that nobody asked for: {outcome.unused}"
        return outcome
