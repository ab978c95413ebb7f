"""Which executor runs a job: by the longest step, always with a reason and the facts that it was chosen by."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fileferry.executor_choice import ENOUGH_SAMPLES, ExecutorChoice, choose_executor, needs_rates
from fileferry.model.destination import Destination
from fileferry.model.job import Executor, RateUsed, Step
from fileferry.model.route import Route
from fileferry.repositories.rates import Rate
from tests.unit.tasks.deliver.world import SETTINGS

MB = 10**6
GIB = 1024**3


def route(*destinations: str, **spec: Any) -> Route:
    fields = {"match": {"glob": "**"}, "deliver": {"destinations": destinations or ("d",)}, **spec}
    return Route.model_validate({"tenant": "acme", "id": "r", "revision": 1, **fields})


def destination(rate: float | None, name: str = "d") -> Destination:
    target = {"kind": "s3", "bucket": "far", "prefix": ""}
    return Destination.model_validate({"tenant": "acme", "id": name, "target": target, "rate_bytes_per_second": rate})


def chosen(
    size: int, *, rates: dict[str, float | None] | None = None, learned: dict[str, Rate] | None = None, **spec: Any
) -> ExecutorChoice:
    rates = rates or {"d": 1e9}
    known = {name: destination(rate, name) for name, rate in rates.items()}
    return choose_executor(route(*rates, **spec), size, known, SETTINGS, learned)


@pytest.mark.parametrize("size", [0, 1, 60 * MB])
def test_small_files_need_no_look_at_their_destinations(size: int) -> None:
    assert not needs_rates(route(), size, SETTINGS)
    choice = choose_executor(route(), size, {}, SETTINGS)
    assert (choice.executor, choice.facts.decided_by) == (Executor.STEP_FUNCTIONS, "small")


def test_what_is_small_for_one_destination_is_not_for_ten() -> None:
    ten = route(*"abcdefghij")
    assert needs_rates(ten, 60 * MB, SETTINGS)
    assert not needs_rates(ten, 6 * MB, SETTINGS)


@pytest.mark.parametrize(
    ("rate", "size", "executor"),
    [
        (1e6, 600 * MB, Executor.STEP_FUNCTIONS),
        (1e6, 601 * MB, Executor.WORKER),
        (None, 4000 * MB, Executor.STEP_FUNCTIONS),
        (1e9, 5 * GIB + 1, Executor.WORKER),
    ],
)
def test_the_executor_follows_the_estimated_time(rate: float | None, size: int, executor: Executor) -> None:
    choice = chosen(size, rates={"d": rate})
    assert choice.executor is executor
    assert choice.reason


def test_a_file_above_a_single_copy_is_the_workers_whatever_the_rate() -> None:
    choice = chosen(5 * GIB + 1)
    assert choice.facts.decided_by == "bytes"
    assert choice.facts.limits.bytes == 5 * GIB


def test_destinations_are_served_one_after_the_other_so_their_times_add_up() -> None:
    one, two = chosen(400 * MB, rates={"d": 1e6}), chosen(400 * MB, rates={"d": 1e6, "e": 1e6})
    assert (one.executor, two.executor) == (Executor.STEP_FUNCTIONS, Executor.WORKER)
    assert two.facts.seconds[Step.DELIVER] == 800


def test_the_reason_names_the_longest_step_and_the_slowest_destinations_first() -> None:
    choice = chosen(1000 * MB, rates={"d": 1e9, "e": 1e5})
    assert choice.executor is Executor.WORKER
    assert choice.facts.longest_step == "deliver"
    assert choice.reason == (
        "deliver takes longest, about 10001 s: 10000 s to e at 0.1 MB/s (configured), "
        "1 s to d at 1000.0 MB/s (configured); Lambda is used up to 600 s"
    )


def test_of_many_destinations_the_reason_names_three() -> None:
    choice = chosen(100 * MB, rates=dict.fromkeys("abcde", 1e6))
    assert choice.reason.count(" s to ") == 3
    assert "(configured), 2 more; " in choice.reason
    assert len(choice.facts.rates) == 5


# Rates


def test_a_configured_rate_comes_before_a_learned_one_and_that_before_the_kinds_usual() -> None:
    learned = {"d": Rate(2e6, ENOUGH_SAMPLES, "2026-11-01T00:00:00Z")}
    rates = [
        chosen(100 * MB, rates={"d": 1e6}, learned=learned).facts.rates["d"],
        chosen(100 * MB, rates={"d": None}, learned=learned).facts.rates["d"],
        chosen(100 * MB, rates={"d": None}).facts.rates["d"],
    ]
    assert rates == [
        RateUsed(bytes_per_second=1_000_000, source="configured"),
        RateUsed(bytes_per_second=2_000_000, source="learned", samples=ENOUGH_SAMPLES, at="2026-11-01T00:00:00Z"),
        RateUsed(bytes_per_second=60_000_000, source="default"),
    ]


def test_a_rate_of_too_few_deliveries_is_not_trusted() -> None:
    learned = {"d": Rate(1.0, ENOUGH_SAMPLES - 1, "2026-11-01T00:00:00Z")}
    choice = chosen(100 * MB, rates={"d": None}, learned=learned)
    assert (choice.executor, choice.facts.rates["d"].source) == (Executor.STEP_FUNCTIONS, "default")


def test_a_destination_that_was_seen_to_be_slow_gets_its_files_from_the_worker() -> None:
    learned = {"d": Rate(2e5, 12, "2026-11-01T00:00:00Z")}
    choice = chosen(200 * MB, rates={"d": None}, learned=learned)
    assert choice.executor is Executor.WORKER
    assert "1000 s to d at 0.2 MB/s (learned)" in choice.reason


# What the other steps take


@pytest.mark.parametrize(
    ("spec", "step"),
    [
        ({"validation": {"csv": {"columns": [{"name": "id"}]}}}, Step.VALIDATE),
        ({"transform": [{"op": "pack", "format": "gzip"}]}, Step.TRANSFORM),
        ({"transform": [{"op": "unpack", "format": "gzip"}, {"op": "charset"}]}, Step.TRANSFORM),
        ({"transform": [{"op": "unpack", "format": "zstd"}], "validation": {"checksum": "none"}}, Step.ARCHIVE),
    ],
)
def test_the_longest_step_may_be_another_than_deliver(spec: dict[str, Any], step: Step) -> None:
    choice = chosen(4000 * MB, **spec)
    assert choice.facts.longest_step == step
    assert step in choice.reason


def test_a_slow_check_of_every_row_sends_a_file_to_the_worker() -> None:
    table = {"validation": {"csv": {"columns": [{"name": "id"}]}}}
    assert chosen(3000 * MB, **table).executor is Executor.STEP_FUNCTIONS
    assert chosen(3001 * MB, **table).executor is Executor.WORKER


def test_what_is_unpacked_is_what_is_sent() -> None:
    packed, plain = chosen(200 * MB, rates={"d": 1e6}, transform=[{"op": "unpack", "format": "gzip"}]), chosen(200 * MB)
    assert packed.facts.seconds[Step.DELIVER] == 1000
    assert packed.facts.seconds[Step.ARCHIVE] > plain.facts.seconds[Step.ARCHIVE]
    bound = [{"op": "unpack", "format": "gzip", "max_size": 300 * MB}]
    assert chosen(200 * MB, rates={"d": 1e6}, transform=bound).facts.seconds[Step.DELIVER] == 300


@pytest.mark.parametrize(
    ("operations", "files"),
    [
        ([{"op": "rename", "to": "{name}"}], 0),
        ([{"op": "pack", "format": "gzip"}], 0),
        ([{"op": "charset"}], 0),
        ([{"op": "pack", "format": "zip"}], 2),
        ([{"op": "unpack", "format": "zip"}], 1),
        ([{"op": "decrypt", "key_secret": "k"}], 2),
        ([{"op": "convert", "source": "csv", "target": "parquet"}], 2),
        ([{"op": "decrypt", "key_secret": "k"}, {"op": "convert", "source": "csv", "target": "parquet"}], 3),
        ([{"op": "decrypt", "key_secret": "k"}, {"op": "charset"}, {"op": "pack", "format": "zip"}], 4),
    ],
)
def test_temporary_files_are_counted_until_the_step_ends(operations: list[dict[str, Any]], files: int) -> None:
    assert chosen(1000 * MB, transform=operations).facts.scratch_bytes == files * 1000 * MB


def test_temporary_files_beyond_the_functions_disk_send_a_file_to_the_worker() -> None:
    operations = [{"op": "decrypt", "key_secret": "k"}, {"op": "encrypt", "recipients": ["c"]}]
    fits, beyond = chosen(3 * GIB, transform=operations), chosen(4 * GIB, transform=operations)
    assert (fits.executor, beyond.executor) == (Executor.STEP_FUNCTIONS, Executor.WORKER)
    assert beyond.facts.decided_by == "scratch"
    assert beyond.reason == (f"transform needs about {12 * GIB} bytes of temporary files; a function has {10 * GIB}")


# Properties


@pytest.mark.parametrize("executor", list(Executor))
@given(size=st.integers(0, 10**11))
def test_a_route_s_own_word_decides(executor: Executor, size: int) -> None:
    asked = route(executor=executor.value)
    choice = choose_executor(asked, size, {}, SETTINGS)
    assert (choice.executor, choice.facts.decided_by) == (executor, "route")
    assert not needs_rates(asked, size, SETTINGS)


OPERATIONS = st.lists(
    st.sampled_from(
        [
            {"op": "pack", "format": "gzip"},
            {"op": "unpack", "format": "zip"},
            {"op": "decrypt", "key_secret": "k"},
            {"op": "convert", "source": "csv", "target": "json"},
        ]
    ),
    max_size=3,
)


@given(
    sizes=st.lists(st.integers(0, 10**10), min_size=2, max_size=6),
    rate=st.none() | st.floats(1e4, 1e9),
    operations=OPERATIONS,
)
def test_a_larger_file_never_comes_back_to_step_functions(
    sizes: list[int], rate: float | None, operations: list[dict[str, Any]]
) -> None:
    executors = [chosen(size, rates={"d": rate}, transform=operations).executor for size in sorted(sizes)]
    assert executors == sorted(executors, key=list(Executor).index)


def test_the_bounds_are_settings() -> None:
    settings = replace(SETTINGS, lambda_seconds=1000)
    known = {"d": destination(1e6)}
    assert choose_executor(route(), 900 * MB, known, settings).executor is Executor.STEP_FUNCTIONS
    assert choose_executor(route(), 900 * MB, known, SETTINGS).executor is Executor.WORKER


NO_WORKER = replace(SETTINGS, worker_deployed=False)


def test_where_no_worker_is_deployed_lambda_tries_what_may_take_too_long() -> None:
    choice = choose_executor(route(), 900 * MB, {"d": destination(1e6)}, NO_WORKER)
    assert choice.executor is Executor.STEP_FUNCTIONS
    assert (choice.facts.decided_by, choice.facts.worker_deployed) == ("seconds", False)
    assert choice.reason.endswith("Lambda is used up to 600 s, or where no worker is deployed, as here")


@pytest.mark.parametrize(
    ("spec", "size", "decided_by"),
    [
        ({"executor": "worker"}, 1, "route"),
        ({}, 5 * GIB + 1, "bytes"),
        ({"transform": [{"op": "decrypt", "key_secret": "k"}] * 2}, 5 * GIB, "scratch"),
    ],
)
def test_where_no_worker_is_deployed_a_job_waits_that_lambda_cannot_do(
    spec: dict[str, Any], size: int, decided_by: str
) -> None:
    choice = choose_executor(route(**spec), size, {"d": destination(1e9)}, NO_WORKER)
    assert (choice.executor, choice.facts.decided_by) == (Executor.WORKER, decided_by)
    assert not choice.facts.worker_deployed
    assert choice.reason.endswith("; no worker is deployed, and the job waits for one")
