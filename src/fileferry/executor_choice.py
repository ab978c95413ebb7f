"""Which executor runs a job: Step Functions where each step fits its Lambda function, else the worker.

Each step is a function of its own, so what counts is the longest step and not the whole run. The figures are rough on
purpose: they need only be right about files near a function's limits, and a wrong one costs time, never a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import assert_never

from fileferry.model.destination import Destination
from fileferry.model.job import Executor, ExecutorFacts, ExecutorLimits, RateUsed, Step
from fileferry.model.route import (
    Charset,
    Convert,
    Decrypt,
    Encrypt,
    Operation,
    Pack,
    Rename,
    Route,
    Sign,
    Unpack,
    Validation,
    Verify,
)
from fileferry.repositories.rates import Rate
from fileferry.settings import Settings

ENOUGH_SAMPLES = 3
"""Deliveries from which a learned rate is trusted."""
_DEFAULT_RATES = {"sftp": 10e6, "https": 10e6, "s3": 60e6}
_SLOWEST_RATE = 100e3
"""Bytes/s that every destination is trusted with; smaller files are not looked into further."""

# Bytes/s of one function, by order of magnitude. `_S3_RATE`: reading, or S3's own copy.
_S3_RATE = 80e6
_CSV_RATE = 5e6
_JSON_RATE = 10e6
_PGP_RATE = 50e6
_UNPACK_RATE = 80e6
_PACK_RATES = {"gzip": 20e6, "zip": 20e6, "zstd": 100e6}
_CHARSET_RATE = 50e6
_CONVERT_RATE = 10e6
_UNPACKED = 5
"""Bytes that come out of one packed byte, as texts and tables do."""


@dataclass(frozen=True)
class ExecutorChoice:
    """`reason` in words, `facts` for machines."""

    executor: Executor
    reason: str
    facts: ExecutorFacts


@dataclass(frozen=True)
class _Transformed:
    """What a route's operations make of a file: bytes that come out, seconds, bytes of temporary files.

    `in_file` while the content lies in a file of its own.
    """

    size: float
    seconds: float = 0
    scratch: float = 0
    in_file: bool = False

    def after(self, rate: float, *, files: float = 0, size: float | None = None) -> _Transformed:
        """One operation more, which writes `files` bytes of temporary files and puts out `size`."""
        size = self.size if size is None else size
        seconds = self.seconds + max(self.size, size) / rate
        return _Transformed(size, seconds, self.scratch + files, in_file=files > 0)


def needs_rates(route: Route, size: int, settings: Settings) -> bool:
    """Whether the executor depends on the destinations' rates, so that they must be read."""
    sent = size * len(route.deliver.destinations)
    return route.executor == "auto" and sent > settings.lambda_seconds * _SLOWEST_RATE and size <= settings.lambda_bytes


def choose_executor(
    route: Route,
    size: int,
    destinations: Mapping[str, Destination],
    settings: Settings,
    learned: Mapping[str, Rate] | None = None,
) -> ExecutorChoice:
    """Step Functions for what fits its Lambda functions, the worker for the rest.

    `size` in bytes; `destinations` and their `learned` rates by name, looked at where `needs_rates` says so.
    """
    choice = _choose(route, size, destinations, settings, learned or {})
    if choice.executor is Executor.WORKER and not settings.worker_deployed:
        return _without_worker(choice)
    return choice


def _without_worker(choice: ExecutorChoice) -> ExecutorChoice:
    """Lambda tries what only an estimate of time keeps from it; what it cannot do waits until there is a worker."""
    facts = choice.facts.model_copy(update={"worker_deployed": False})
    if facts.decided_by == "seconds":
        reason = f"{choice.reason}, or where no worker is deployed, as here"
        return ExecutorChoice(Executor.STEP_FUNCTIONS, reason, facts)
    return replace(choice, reason=f"{choice.reason}; no worker is deployed, and the job waits for one", facts=facts)


def _choose(
    route: Route,
    size: int,
    destinations: Mapping[str, Destination],
    settings: Settings,
    learned: Mapping[str, Rate],
) -> ExecutorChoice:
    limits = ExecutorLimits(
        seconds=settings.lambda_seconds, bytes=settings.lambda_bytes, scratch_bytes=settings.lambda_scratch_bytes
    )
    if route.executor != "auto":
        facts = ExecutorFacts(decided_by="route", limits=limits)
        return ExecutorChoice(Executor(route.executor), "the route says so", facts)
    if size > limits.bytes:
        facts = ExecutorFacts(decided_by="bytes", limits=limits)
        reason = f"{size} bytes are more than the {limits.bytes} of a single copy"
        return ExecutorChoice(Executor.WORKER, reason, facts)
    if not needs_rates(route, size, settings):
        facts = ExecutorFacts(decided_by="small", limits=limits)
        return ExecutorChoice(Executor.STEP_FUNCTIONS, f"{size} bytes are few for any destination", facts)
    rates = {name: rate_of(destinations.get(name), learned.get(name)) for name in route.deliver.destinations}
    return _by_estimate(route, size, rates, limits)


def rate_of(destination: Destination | None, learned: Rate | None) -> RateUsed:
    """The configured rate of a destination, else the learned one if it is trusted, else what its kind usually has."""
    if destination is None:
        return RateUsed(bytes_per_second=int(_SLOWEST_RATE), source="default")
    if destination.rate_bytes_per_second:
        return RateUsed(bytes_per_second=_whole(destination.rate_bytes_per_second), source="configured")
    if learned and learned.samples >= ENOUGH_SAMPLES:
        rate = _whole(learned.bytes_per_second)
        return RateUsed(bytes_per_second=rate, source="learned", samples=learned.samples, at=learned.at)
    return RateUsed(bytes_per_second=int(_DEFAULT_RATES[destination.target.kind]), source="default")


def _whole(rate: float) -> int:
    return max(1, round(rate))


def _by_estimate(route: Route, size: int, rates: Mapping[str, RateUsed], limits: ExecutorLimits) -> ExecutorChoice:
    output = _transformed(route.transform, size)
    archived = size + output.size if output.seconds else size
    # Destinations are served one after the other, so their times add up.
    sending = {name: output.size / rate.bytes_per_second for name, rate in rates.items()}
    seconds = {
        Step.VALIDATE: _validation_seconds(route.validation, size),
        Step.STAGE: size / _S3_RATE,
        Step.TRANSFORM: output.seconds,
        Step.DELIVER: sum(sending.values()),
        Step.ARCHIVE: archived / _S3_RATE,
    }
    longest = max(seconds, key=lambda step: seconds[step])
    facts = ExecutorFacts(
        decided_by="scratch" if output.scratch > limits.scratch_bytes else "seconds",
        longest_step=longest,
        seconds={step: round(estimate) for step, estimate in seconds.items()},
        rates=dict(rates),
        scratch_bytes=round(output.scratch),
        limits=limits,
    )
    if facts.decided_by == "scratch":
        reason = f"transform needs about {facts.scratch_bytes} bytes of temporary files; a function has "
        return ExecutorChoice(Executor.WORKER, f"{reason}{limits.scratch_bytes}", facts)
    told = f": {_told(sending, rates)}" if longest is Step.DELIVER else ""
    return ExecutorChoice(
        Executor.STEP_FUNCTIONS if seconds[longest] <= limits.seconds else Executor.WORKER,
        f"{longest} takes longest, about {seconds[longest]:.0f} s{told}; Lambda is used up to {limits.seconds} s",
        facts,
    )


def _told(sending: Mapping[str, float], rates: Mapping[str, RateUsed]) -> str:
    """The three slowest destinations in words."""
    slowest = sorted(sending, key=lambda name: -sending[name])
    words = [
        f"{sending[name]:.0f} s to {name} at {rates[name].bytes_per_second / 1e6:.1f} MB/s ({rates[name].source})"
        for name in slowest[:3]
    ]
    return ", ".join([*words, f"{len(slowest) - 3} more"] if len(slowest) > 3 else words)


def _validation_seconds(validation: Validation, size: int) -> float:
    if validation.csv:
        return size / _CSV_RATE
    if validation.json_ or validation.ndjson:
        return size / _JSON_RATE
    return size / _S3_RATE if validation.encoding or validation.checksum != "none" else 0


def _transformed(operations: list[Operation], size: int) -> _Transformed:
    """The estimate for a route's operations on a file of `size` bytes."""
    done = _Transformed(float(size))
    for operation in operations:
        done = _after(done, operation)
    return done


def _after(done: _Transformed, operation: Operation) -> _Transformed:
    # What an operation that works on a file writes first when it is given a stream.
    spooled = 0.0 if done.in_file else done.size
    match operation:
        case Decrypt() | Verify() | Encrypt() | Sign():
            return done.after(_PGP_RATE, files=spooled + done.size)
        case Unpack():
            unpacked = min(done.size * min(_UNPACKED, operation.max_ratio), operation.max_size)
            files = spooled if operation.format == "zip" else 0
            return done.after(_UNPACK_RATE, files=files, size=unpacked)
        case Pack():
            files = spooled + done.size if operation.format == "zip" else 0
            return done.after(_PACK_RATES[operation.format], files=files)
        case Charset():
            return done.after(_CHARSET_RATE)
        case Convert():
            return done.after(_CONVERT_RATE, files=spooled + done.size)
        case Rename():
            return done
    assert_never(operation)
