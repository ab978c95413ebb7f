"""Step Functions and the worker run the same definition: the samples come to the same end through both."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fileferry.model.job import Executor
from local.demo.samples import Sample
from local.temporary import System
from tests.passes import Ending, Pass, samples_of
from tests.published import Recorder

Endings = dict[str, Ending]


@pytest.fixture(scope="module")
def samples(system: System) -> list[Sample]:
    return samples_of(system)


@pytest.fixture(scope="module")
def endings(system: System, published: Recorder, samples: list[Sample]) -> Iterator[dict[Executor, Endings]]:
    """What came of every sample through each executor."""
    passes = {executor: Pass(system, published, executor, samples) for executor in Executor}
    try:
        yield {executor: one.run() for executor, one in passes.items()}
    finally:
        for one in passes.values():
            one.release()


@pytest.mark.parametrize("executor", Executor)
def test_every_sample_ends_as_expected_through(
    executor: Executor, endings: dict[Executor, Endings], samples: list[Sample]
) -> None:
    expected = {sample.path: sample.expected.value for sample in samples}

    assert {path: ending.status for path, ending in endings[executor].items()} == expected


@pytest.mark.parametrize("field", ["reason", "steps", "events", "delivered", "archived", "in_ingest"])
def test_both_executors_give_the_same(field: str, endings: dict[Executor, Endings]) -> None:
    functions, worker = (
        {path: getattr(ending, field) for path, ending in endings[executor].items()}
        for executor in (Executor.STEP_FUNCTIONS, Executor.WORKER)
    )

    assert worker == functions
