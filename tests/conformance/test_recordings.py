"""The engine answers as AWS did, in every recording that is at hand but for the named exceptions."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance.adapter import World, begun
from tests.conformance.recordings import EXCEPTIONS, FOLDER, Score, executions, scores
from tests.unit.asl.reference.chance import Chance
from tests.unit.asl.resuming.endings import ending, written_history
from tests.unit.asl.resuming.walk import reloading, unchanged, walk

pytestmark = pytest.mark.skipif(
    not (FOLDER / "run.py").is_file(), reason=f"there are no recordings in {FOLDER}; ASL_CORPUS names another folder"
)


@pytest.fixture(scope="module")
def scored() -> list[Score]:
    return scores()


def test_every_case_passes_in_full_or_is_a_named_exception(scored: list[Score]) -> None:
    failed = {score.id: score.notes[:3] for score in scored if not score.full and score.id not in EXCEPTIONS}
    assert failed == {}


def test_every_exception_is_still_one(scored: list[Score]) -> None:
    assert {score.id for score in scored if score.full} & EXCEPTIONS.keys() == set()
    assert EXCEPTIONS.keys() <= {score.id for score in scored}


@pytest.mark.parametrize(
    ("kinds", "needs", "outcome", "full"),
    [
        (("execution", "sync"), ("none", "lambda"), 1.00, 0.98),
        (("execution", "sync"), ("other",), 0.95, 0.90),
        (("test_state",), ("none", "lambda", "other"), 0.98, 0.95),
        (("validate",), ("none", "lambda", "other"), 1.00, 0.90),
        (("create_error",), ("none", "lambda", "other"), 1.00, 0.90),
    ],
)
def test_enough_cases_pass(
    scored: list[Score], kinds: tuple[str, ...], needs: tuple[str, ...], outcome: float, full: float
) -> None:
    """An exception whose outcome no engine can give is not counted."""
    group = [score for score in scored if score.kind in kinds and score.needs in needs]
    possible = [score for score in group if score.outcome or score.id not in EXCEPTIONS]

    assert sum(score.outcome for score in possible) >= outcome * len(possible)
    assert sum(score.full for score in possible) >= full * len(possible)


def test_stopping_at_every_transition_changes_nothing_of_any_recorded_execution() -> None:
    changed = [case["id"] for case in executions() if resumed(case) != undisturbed(case)]
    assert changed == []


def undisturbed(case: dict[str, Any]) -> tuple[Any, ...]:
    world = World(case)
    execution = begun(case, world)
    execution.randomness = Chance()
    execution = walk(execution, world.perform, unchanged)
    return ending(execution), written_history(execution)


def resumed(case: dict[str, Any]) -> tuple[Any, ...]:
    world = World(case)
    execution = begun(case, world)
    execution.randomness = Chance()
    execution = walk(execution, world.perform, reloading(execution.machine, reader=world.read))
    return ending(execution), written_history(execution)
