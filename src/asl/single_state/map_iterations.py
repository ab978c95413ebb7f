"""A Map's iterations: what each would get, and whether as many may fail as the test says have failed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from asl.errors import ExceedToleratedFailureThreshold
from asl.items.reading import ReaderConfig, listed_items, read_items
from asl.items.tolerance import integer_at
from asl.single_state.mocks import check_iterations
from asl.states.distributed_map import compile_batcher, compile_reader_config, compile_tolerance
from asl.states.fields import compile_number, whole
from asl.states.map import compile_items, compile_selection

if TYPE_CHECKING:
    from asl.single_state.trial import Trial


def note_iterations(trial: Trial) -> None:
    """Evaluate a Map's fields up to where its iterations would begin, and note what they give.

    Raises `StateError` as the state would, States.ExceedToleratedFailureThreshold if too many iterations are said to
    have failed, and `ApiError` if they are more than there are.
    """
    trial.enter()
    items = _selected(trial, _items(trial))
    tolerance = compile_tolerance(trial.spec, trial.jsonata)(trial.frame)
    concurrency = compile_number(trial.spec, "MaxConcurrency", trial.jsonata, integer_at)
    trial.noted("maxConcurrency", 0 if concurrency is None else whole("MaxConcurrency", concurrency(trial.frame)))
    if tolerance.count is not None:
        trial.noted("toleratedFailureCount", tolerance.count)
    if tolerance.percentage is not None:
        trial.noted("toleratedFailurePercentage", tolerance.percentage)
    mock, failed = trial.parameters.mock, trial.parameters.failed_iterations or 0
    check_iterations(trial.parameters, items)
    tolerant = tolerance.count is not None or tolerance.percentage is not None
    if tolerant and mock is not None and not mock.failing and tolerance.exceeded(failed, len(items)):
        raise ExceedToleratedFailureThreshold


def _items(trial: Trial) -> list[Any]:
    if "ItemReader" in trial.spec:
        return _read_items(trial)
    items = compile_items(trial.spec, trial.jsonata)(trial.frame)
    return items if trial.jsonata else _noted_items(trial, "afterItemsPath", items)


def _read_items(trial: Trial) -> list[Any]:
    """The items in the data that the test says the ItemReader reads; without such data, as many as the mock has."""
    reader, mock = trial.spec["ItemReader"], trial.parameters.mock
    data = trial.parameters.item_reader_data
    if data is None:
        return mock.result if mock is not None and isinstance(mock.result, list) else []
    fields = compile_reader_config(reader, trial.jsonata)(trial.frame)
    config = ReaderConfig.of(fields)
    if reader["Resource"].endswith(":listObjectsV2"):
        import json

        return list(listed_items(config, json.loads(data), {}))
    items = list(read_items(config, data))
    return _noted_items(trial, "afterItemsPointer", items) if config.pointer else items


def _selected(trial: Trial, items: Iterable[Any]) -> list[Any]:
    """What the iterations get: the items after ItemSelector and ItemBatcher."""
    items = list(items)
    select = compile_selection(trial.spec, trial.jsonata)
    if select is not None:
        selected = [select(trial.frame, index, item) for index, item in enumerate(items)]
        items = _noted_items(trial, "afterItemSelector", selected)
    if "ItemBatcher" in trial.spec:
        batch = compile_batcher(trial.spec["ItemBatcher"], trial.jsonata)
        items = _noted_items(trial, "afterItemBatcher", list(batch(trial.frame, iter(items))))
    return items


def _noted_items(trial: Trial, name: str, items: list[Any]) -> list[Any]:
    trial.noted(name, items)
    return items
