"""Whatever the definition and the input are, nothing but the errors of the language comes out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

import asl
from tests.unit.asl.reference import expressions as exp
from tests.unit.asl.reference.chance import Chance
from tests.unit.asl.reference.corruptions import corrupted
from tests.unit.asl.reference.definitions import definitions
from tests.unit.asl.reference.profile import PROFILE
from tests.unit.asl.reference.tasks import perform

FEW = asl.Quotas(data_bytes=20_000, history_events=400)
"""Corrupted definitions may go round for ever: then the quotas end them."""

NUMBERS = (
    st.floats(allow_nan=False, allow_infinity=False) | st.integers() | st.sampled_from([10**400, -(10**25), 2**53 + 1])
)
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=8)
"""Lone surrogates too, which JSON text can hold."""

ANY_JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT | exp.members, inner, max_size=4),
    max_leaves=12,
)


@PROFILE
@given(corrupted(), exp.inputs() | ANY_JSON)
def test_a_corrupted_definition_is_refused_or_runs_to_an_end(definition: Any, data: Any) -> None:
    try:
        machine = asl.load(definition)
    except asl.InvalidDefinition as refusal:
        assert refusal.diagnostics
        event("refused")
        return
    event("accepted")
    try:
        execution = machine.run(data, perform, clock=asl.VirtualClock(), randomness=Chance(), quotas=FEW)
    except asl.Stalled:
        return
    assert execution.done
    execution.history()


@PROFILE
@given(definitions(), ANY_JSON)
def test_any_json_value_goes_through_any_definition(definition: dict[str, Any], data: Any) -> None:
    execution = asl.load(definition).run(data, perform, clock=asl.VirtualClock(), randomness=Chance())

    assert execution.done
    execution.history()


@PROFILE
@given(corrupted())
def test_validation_of_a_corrupted_definition_gives_findings_and_no_exception(definition: Any) -> None:
    for finding in asl.validate(definition):
        assert finding.severity in ("ERROR", "WARNING")
        assert finding.code
        assert finding.message


@pytest.mark.parametrize("data", [{1, 2}, object(), {"x": float("nan")}, float("inf"), b"bytes"])
def test_an_input_that_is_no_json_value_is_refused(data: Any) -> None:
    machine = asl.load({"StartAt": "S", "States": {"S": {"Type": "Succeed"}}})

    with pytest.raises((TypeError, ValueError)):
        machine.start(data)
