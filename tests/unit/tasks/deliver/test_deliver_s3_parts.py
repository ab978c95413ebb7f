"""Large files to S3 buckets from a home that keeps progress: gone on with, copied in parts, never shown by two."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

import pytest

from fileferry.errors import DestinationRefused, IntegrityError, RunClosed, StepInterrupted
from fileferry.model.job import Step
from fileferry.objects import Objects
from fileferry.steps import Work
from tasks.deliver.app import deliver
from tests.unit.aws_parts import AwsParts
from tests.unit.faults import Faults, Killed
from tests.unit.kept_progress import KeptProgress
from tests.unit.small_parts import PART, small_parts
from tests.unit.tasks.deliver.world import DeliveryWorld

__all__ = ["small_parts"]

pytestmark = pytest.mark.usefixtures("small_parts")
CONTENT = os.urandom(18 * PART // 5)
"""Four parts, the last one smaller."""
KEY = "orders.csv"


class Worker:
    """Runs the step as a worker does; what one has begun another goes on with."""

    def __init__(self, world: DeliveryWorld) -> None:
        self.world = world
        self.raw: Any = world.services.s3
        self.s3 = AwsParts(self.raw)
        self.faults = Faults()
        self.progress = KeptProgress(self.faults)
        self.copy_limit = 10**10
        self.pulses: list[int] = []
        world.services.__dict__["s3"] = self.faults.client(self.s3)
        world.services.__dict__["objects"] = Objects(world.services.s3)

    def work(self, **more: Any) -> Work:
        work = self.world.work(**more)
        home = replace(
            work.home,
            part_size=2 * PART,
            lanes=2,
            copy_limit=self.copy_limit,
            progress=self.progress,
            pulse=self.pulse,
        )
        return replace(work, home=home)

    def pulse(self, safe: int) -> None:
        self.pulses.append(safe)

    def stored(self) -> list[bytes]:
        """Every version in the partner's bucket."""
        versions = self.raw.list_object_versions(Bucket="partner").get("Versions", [])
        return [
            self.raw.get_object(Bucket="partner", Key=one["Key"], VersionId=one["VersionId"])["Body"].read()
            for one in versions
        ]

    def uploads(self) -> int:
        return len(self.raw.list_multipart_uploads(Bucket="partner").get("Uploads", []))


@pytest.fixture
def worker(world: DeliveryWorld) -> Worker:
    world.bucket("partner")
    world.destination("lake", {"kind": "s3", "bucket": "partner"})
    world.existing = "refuse"
    world.file(CONTENT)
    return Worker(world)


class TestStreamed:
    """The route does not overwrite, so that the bytes are sent."""

    @pytest.mark.parametrize("moment", ["before", "after"])
    @pytest.mark.parametrize("number", range(1, 9))
    def test_killed_at_any_call_the_next_worker_sends_no_more_than_a_part_again(
        self, worker: Worker, number: int, moment: str
    ) -> None:
        worker.faults.number, worker.faults.moment = number, moment
        with pytest.raises(Killed):
            deliver(worker.work())
        worker.faults.number = 0
        worker.world.next_owner()
        deliver(worker.work())
        assert worker.stored() == [CONTENT]
        assert worker.s3.sent <= len(CONTENT) + 2 * PART
        assert worker.world.run().deliveries["lake"].status == "DELIVERED"

    def test_these_are_all_side_effects(self, worker: Worker) -> None:
        deliver(worker.work())
        assert worker.faults.log == [
            "s3.create_multipart_upload",
            "progress.save",
            *["s3.upload_part"] * 4,
            "s3.complete_multipart_upload",
            "progress.save",
        ]

    def test_a_worker_that_must_stop_leaves_its_upload_and_records_no_failure(self, worker: Worker) -> None:
        def stop(safe: int) -> None:
            if safe >= 2 * PART:
                raise StepInterrupted

        worker.pulse = stop  # type: ignore[method-assign]
        with pytest.raises(StepInterrupted):
            deliver(worker.work())
        assert worker.uploads() == 1
        assert not worker.world.run().deliveries
        worker.pulse = worker.pulses.append  # type: ignore[method-assign]
        deliver(worker.work())
        assert worker.stored() == [CONTENT]
        assert worker.s3.sent == len(CONTENT)
        assert worker.pulses[-1] == len(CONTENT)

    def test_an_owner_that_was_replaced_during_the_upload_shows_nothing_and_leaves_it_to_the_next(
        self, worker: Worker
    ) -> None:
        old = worker.work()
        worker.world.next_owner()
        with pytest.raises(RunClosed):
            deliver(old)
        assert not worker.stored()
        deliver(worker.work())
        assert worker.stored() == [CONTENT]
        assert worker.s3.sent == len(CONTENT)

    def test_staged_bytes_that_are_not_the_recorded_ones_are_not_shown(self, worker: Worker) -> None:
        result = worker.world.run().result(Step.TRANSFORM)
        worker.world.open_run({"transform": result | {"object": result["object"] | {"sha256": "0" * 64}}})
        with pytest.raises(IntegrityError, match="recorded"):
            deliver(worker.work())
        assert not worker.stored()
        assert worker.uploads() == 0


class TestCopied:
    """Above the limit of CopyObject, to a bucket that our own role writes."""

    @pytest.fixture(autouse=True)
    def large(self, worker: Worker) -> None:
        worker.copy_limit = 1

    @pytest.mark.parametrize("existing", ["overwrite", "refuse"])
    def test_s3_copies_the_parts_itself(self, worker: Worker, existing: str) -> None:
        worker.world.existing = existing
        deliver(worker.work())
        assert worker.stored() == [CONTENT]
        assert worker.s3.sent == 0
        head = worker.raw.head_object(Bucket="partner", Key=KEY)
        assert head["Metadata"]["job-id"] == worker.world.job.job_id
        assert head["ContentType"] == "text/csv"

    def test_an_object_that_is_there_is_not_overwritten_where_the_route_refuses(self, worker: Worker) -> None:
        worker.raw.put_object(Bucket="partner", Key=KEY, Body=b"there")
        with pytest.raises(DestinationRefused, match="exists already"):
            deliver(worker.work())
        assert worker.stored() == [b"there"]

    def test_an_owner_that_was_replaced_during_the_copy_shows_nothing(self, worker: Worker) -> None:
        old = worker.work()
        worker.world.next_owner()
        with pytest.raises(RunClosed):
            deliver(old)
        assert not worker.stored()

    def test_a_part_that_s3_copied_with_other_bytes_is_refused(self, worker: Worker) -> None:
        worker.s3.corrupted = {2}
        with pytest.raises(IntegrityError, match="S3 copied bytes"):
            deliver(worker.work())
        assert not worker.stored()
        assert worker.uploads() == 0
