"""The deliver step: send the transformed file to every destination of the route that has not got it yet.

Each destination's outcome is recorded as soon as it is known, so that a repeat sends only to those that failed.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from fileferry.clock import timestamp
from fileferry.destinations.credentials import credentials_of
from fileferry.errors import (
    DestinationRefused,
    DestinationUnavailable,
    FerryError,
    NoSuchRecord,
    RunClosed,
    TransientError,
)
from fileferry.home import Home, LambdaContext, lambda_home
from fileferry.model.destination import Destination, HttpsDestination, S3Destination, SftpDestination
from fileferry.model.job import Delivery, JobRef, ObjectRef, Run, Step
from fileferry.services import Services, services
from fileferry.steps import Work, as_ferry_error, logger, run_step, tell_other_version

from .leftovers import remove_leftovers
from .shipment import Receipt, Shipment, candidate_names, checked_name

RESERVE_SECONDS = 10.0
"""Kept back of the task's time: sending stops this much before the deadline, so that the outcome is recorded."""
LEARNED_BYTES = 8 * 1024**2
"""From this size on a delivery tells the destination's rate; a smaller one tells how long a login takes."""
_ANNOUNCED = "announced_as"


def handler(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry."""
    return run(event, lambda_home(context))


def run(event: Mapping[str, Any], home: Home, world: Services | None = None) -> dict[str, Any]:
    """The step in any home. Of a cancelled run nothing is left at the destinations but what was delivered before."""
    try:
        return run_step(Step.DELIVER, event, home, deliver, world)
    except RunClosed as closed:
        if closed.cancelled:
            remove_leftovers(JobRef.model_validate(event["job"]), world or services())
        raise


def deliver(work: Work) -> dict[str, Any]:
    """`{"destinations": {id: Delivery}}` once all of them have the file.

    Raises, after every destination was tried, DestinationUnavailable when a repeat can help, else the error of
    those that failed; RunClosed at once.
    """
    delivered: dict[str, Delivery] = {}
    failures: dict[str, FerryError] = {}
    for destination in work.route.deliver.destinations:
        earlier = work.run.deliveries.get(destination)
        if earlier and earlier.status == "DELIVERED":
            delivered[destination] = earlier
            continue
        attempt = _Attempt(work, destination, earlier)
        try:
            delivered[destination] = attempt.run()
        except RunClosed:
            raise
        except Exception as error:
            failures[destination] = as_ferry_error(error)
            logger.warning("delivery failed", destination=destination, exc_info=True)
            attempt.record_failure(failures[destination])
    if failures:
        raise combined(failures, len(work.route.deliver.destinations)) from next(iter(failures.values()))
    return {"destinations": {name: delivery.model_dump() for name, delivery in delivered.items()}}


def combined(failures: Mapping[str, FerryError], total: int) -> FerryError:
    """One error for all destinations that failed; retryable if one of them is."""
    kinds = {type(error) for error in failures.values()}
    if any(issubclass(kind, DestinationUnavailable | TransientError) for kind in kinds):
        kind: type[FerryError] = DestinationUnavailable
    else:
        kind = kinds.pop() if len(kinds) == 1 else DestinationRefused
    told = " ".join(f"{name}: {type(error).__name__}: {error}" for name, error in failures.items())
    return kind(f"{len(failures)} of {total} destinations failed. {told}")


class _Attempt:
    """One try at one destination."""

    def __init__(self, work: Work, destination: str, earlier: Delivery | None) -> None:
        self._work = work
        self._destination = destination
        self._earlier = earlier
        self._ref = ObjectRef.model_validate(work.run.result(Step.TRANSFORM)["object"])
        self._name = str(work.run.result(Step.TRANSFORM)["filename"])
        self._kind = ""
        self._announced = str(earlier.detail.get(_ANNOUNCED, "")) if earlier else ""

    def run(self) -> Delivery:
        """Send the file and record that it is delivered."""
        record = self._work.services.config.destination(self._work.job.tenant, self._destination)
        target = record.target
        self._kind = target.kind
        checked_name(self._name)
        shipment = self._shipment()
        shipment.check_time(0)
        begun = time.monotonic()
        receipt = _send(self._work, record, shipment)
        seconds = time.monotonic() - begun
        delivery = Delivery(
            status="DELIVERED",
            kind=target.kind,
            name=receipt.name,
            location=receipt.location,
            size=self._ref.size,
            sha256=self._ref.sha256,
            at=timestamp(),
            detail=receipt.detail,
        )
        self._record(delivery)
        if receipt.sent >= LEARNED_BYTES:
            self._learn(receipt.sent, seconds)
        return delivery

    def record_failure(self, error: FerryError) -> None:
        """Record what failed, and keep the name under which the file may be there nevertheless."""
        self._record(self._undelivered(f"{type(error).__name__}: {error}"[:1000]))

    def _shipment(self) -> Shipment:
        return Shipment(
            job=self._work.job,
            destination=self._destination,
            name=self._name,
            object=self._ref,
            existing=self._work.route.deliver.existing,
            transfer=self._work.transfer(self._destination),
            stop_at=self._work.home.deadline - RESERVE_SECONDS,
            announce=self._announce,
            announced=frozenset(name for name in (self._announced, self._left_by_previous_run()) if name),
            owners=self._owners(),
        )

    def _announce(self, name: str) -> None:
        self._announced = name
        self._record(self._undelivered("The last try was interrupted before its outcome was recorded."))

    def _undelivered(self, error: str) -> Delivery:
        return Delivery(
            status="FAILED",
            kind=self._kind,
            name=self._announced or self._name,
            location="",
            size=self._ref.size,
            sha256=self._ref.sha256,
            at=timestamp(),
            error=error,
            detail={_ANNOUNCED: self._announced} if self._announced else {},
        )

    def _record(self, delivery: Delivery) -> None:
        self._work.services.runs.record_delivery(self._work.job, self._destination, delivery)

    def _learn(self, sent: int, seconds: float) -> None:
        try:
            self._work.services.rates.record(self._work.job.tenant, self._destination, sent, seconds)
        except Exception:
            # An estimate for later jobs: this one is delivered.
            logger.warning("the destination's rate was not recorded", destination=self._destination, exc_info=True)

    def _left_by_previous_run(self) -> str:
        """The name that the job's previous run has delivered, or may have, to this destination.

        Empty where this run would not give it: a replay with another revision is another file to the partner.
        """
        delivery = self._previous_run.deliveries.get(self._destination) if self._previous_run else None
        if not delivery:
            return ""
        name = delivery.name if delivery.status == "DELIVERED" else str(delivery.detail.get(_ANNOUNCED, ""))
        return name if name in candidate_names(self._name, self._work.route.deliver.existing) else ""

    def _owners(self) -> tuple[tuple[int, int], ...]:
        """(run, fence) of those before us, the latest first."""
        job = self._work.job
        before = [(job.run, fence) for fence in range(job.fence - 1, 0, -1)]
        if self._previous_run:
            before += [(self._previous_run.run, fence) for fence in range(self._previous_run.fence, 0, -1)]
        return tuple(before)

    @cached_property
    def _previous_run(self) -> Run | None:
        job = self._work.job
        try:
            return self._work.services.runs.get(job.job_id, job.run - 1) if job.run > 1 else None
        except NoSuchRecord:
            return None


def _send(work: Work, record: Destination, shipment: Shipment) -> Receipt:
    """Send by the target's kind; each kind's libraries are loaded only where a route needs them."""
    world = work.services
    allowed = world.settings.allow_private_destinations
    credentials = credentials_of(world.secrets, record, tell_other_version(record.id))
    match target := record.target:
        case SftpDestination():
            from fileferry.destinations.sftp_session import SftpAccess

            from . import sftp

            return sftp.send(world.objects, SftpAccess(target, credentials, allowed), shipment)
        case HttpsDestination():
            from fileferry.destinations.https_requests import HttpsAccess

            from . import https

            return https.send(world.objects, HttpsAccess(target, credentials, allowed), shipment)
        case S3Destination():
            from . import s3

            return s3.send(world, target, shipment)
