"""Every case of a workflow goes the same way when its execution is stored and taken up again after each transition."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

import asl
from asl.testing import Script, play, read_definition
from tests.unit.asl.reference.chance import Chance
from tests.unit.asl.resuming.endings import ending, written_history
from tests.unit.asl.resuming.walk import reloading, unchanged, walk
from tests.workflows.case_files import case_paths, load


@pytest.mark.parametrize("path", case_paths(), ids=lambda path: path.stem)
def test_stopping_at_every_transition_changes_nothing_of(path: Path) -> None:
    case = load(path)
    machine = asl.load(read_definition(case.definition))

    expected, resumed = (
        walk(
            machine.start(case.input, clock=asl.VirtualClock(), randomness=Chance()),
            partial(play, Script(case.answers)),
            store,
        )
        for store in (unchanged, reloading(machine))
    )

    assert resumed.status == case.expected.status
    assert ending(resumed) == ending(expected)
    assert written_history(resumed) == written_history(expected)
