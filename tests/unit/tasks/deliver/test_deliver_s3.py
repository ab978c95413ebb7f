"""Delivery to S3 buckets on moto: own and foreign ones, existing names, repeats."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from typing import Any

import pytest
from moto.core.models import botocore_stubber

from fileferry.errors import AccessDenied, ConfigurationError, DestinationRefused, IntegrityError, RunClosed
from fileferry.model.job import Step
from tasks.deliver.app import deliver
from tests.unit.tasks.deliver.killing import Killed, kill_at_record
from tests.unit.tasks.deliver.world import JOB_ID, DeliveryWorld

SMALL = b"id,amount\n1,2\n"
BIG = os.urandom(1024**2) * 12
"""More than two parts of 5 MiB."""
ROLE = "arn:aws:iam::222222222222:role/fileferry-writes"


@dataclass(frozen=True)
class Call:
    """A request to AWS: its method, path and query, and the access key that signed it."""

    method: str
    url: str
    access_key: str


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[Call]:
    """Every call to S3 that is made from now on."""
    made: list[Call] = []
    answer = type(botocore_stubber).__call__

    def recorded(self: Any, event_name: str, request: Any, **more: Any) -> Any:
        authorization = request.headers.get("Authorization", b"")
        text = authorization.decode() if isinstance(authorization, bytes) else authorization
        if "/s3/aws4_request" in text:
            made.append(Call(request.method, request.url, text.partition("Credential=")[2].partition("/")[0]))
        return answer(self, event_name, request, **more)

    monkeypatch.setattr(type(botocore_stubber), "__call__", recorded)
    return made


@pytest.fixture
def lake(world: DeliveryWorld) -> DeliveryWorld:
    """The world with the destination `lake`: the bucket `partner`, under a prefix."""
    world.bucket("partner")
    world.destination("lake", target())
    return world


def target(**changes: Any) -> dict[str, Any]:
    return {"kind": "s3", "bucket": "partner", "prefix": "in/daily/", **changes}


def stored(world: DeliveryWorld, bucket: str = "partner") -> dict[str, bytes]:
    s3 = world.services.s3
    listed = s3.list_objects_v2(Bucket=bucket).get("Contents", [])
    return {item["Key"]: s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read() for item in listed}


def versions(world: DeliveryWorld) -> int:
    return len(world.services.s3.list_object_versions(Bucket="partner").get("Versions", []))


def put(world: DeliveryWorld, name: str, content: bytes, **more: Any) -> None:
    world.services.s3.put_object(Bucket="partner", Key=f"in/daily/{name}", Body=content, **more)


def test_the_object_lies_below_the_prefix_with_checksum_and_origin(lake: DeliveryWorld) -> None:
    lake.file(SMALL, "a+b %41 ü.csv")
    deliver(lake.work())
    assert stored(lake) == {"in/daily/a+b %41 ü.csv": SMALL}
    head = lake.services.objects.head("partner", "in/daily/a+b %41 ü.csv")
    sha256 = hashlib.sha256(SMALL).hexdigest()
    assert head.metadata == {"sha256": sha256, "job-id": JOB_ID, "run": "1"}
    delivery = lake.run().deliveries["lake"]
    assert (delivery.status, delivery.sha256) == ("DELIVERED", sha256)
    assert delivery.location == "s3://partner/in/daily/a+b %41 ü.csv"
    assert delivery.detail["version_id"] == head.version_id


@pytest.mark.parametrize(("prefix", "key"), [("", "orders.csv"), ("a", "a/orders.csv"), ("/a/b/", "a/b/orders.csv")])
def test_a_prefix_is_a_folder(lake: DeliveryWorld, prefix: str, key: str) -> None:
    lake.destination("lake", target(prefix=prefix))
    lake.file(SMALL)
    deliver(lake.work())
    assert stored(lake) == {key: SMALL}


@pytest.mark.parametrize("existing", ["overwrite", "refuse"])
@pytest.mark.parametrize("content", [b"", BIG], ids=["empty", "big"])
def test_empty_and_large_files_arrive_whole(lake: DeliveryWorld, existing: str, content: bytes) -> None:
    lake.existing = existing
    lake.file(content)
    deliver(lake.work())
    assert stored(lake) == {"in/daily/orders.csv": content}


def test_a_kms_key_of_the_destination_is_used(lake: DeliveryWorld) -> None:
    lake.destination("lake", target(kms_key="alias/partner"))
    lake.file(SMALL)
    deliver(lake.work())
    head = lake.services.s3.head_object(Bucket="partner", Key="in/daily/orders.csv")
    assert head["ServerSideEncryption"] == "aws:kms"
    assert head["SSEKMSKeyId"].endswith("alias/partner")


class TestForeignBuckets:
    def test_the_partners_role_is_assumed_with_the_external_id_and_writes(
        self, lake: DeliveryWorld, calls: list[Call]
    ) -> None:
        asked: list[dict[str, Any]] = []
        keys: list[str] = []
        events = lake.services.session.events
        events.register("provide-client-params.sts.AssumeRole", lambda params, **_: asked.append(params), "asked")
        events.register(
            "after-call.sts.AssumeRole", lambda parsed, **_: keys.append(parsed["Credentials"]["AccessKeyId"]), "keys"
        )
        lake.destination("lake", target(role_arn=ROLE, external_id="agreed-42"))
        lake.file(SMALL)
        calls.clear()
        try:
            deliver(lake.work())
        finally:
            events.unregister("provide-client-params.sts.AssumeRole", unique_id="asked")
            events.unregister("after-call.sts.AssumeRole", unique_id="keys")
        (request,) = asked
        assert request == {"RoleArn": ROLE, "RoleSessionName": f"fileferry-{JOB_ID}-1", "ExternalId": "agreed-42"}
        there = [call for call in calls if "/partner" in call.url or "//partner." in call.url]
        assert {call.method for call in there} == {"HEAD", "PUT"}
        assert {call.access_key for call in there} == set(keys)
        assert stored(lake) == {"in/daily/orders.csv": SMALL}

    def test_the_staged_file_is_read_with_our_own_role(self, lake: DeliveryWorld, calls: list[Call]) -> None:
        lake.destination("lake", target(role_arn=ROLE))
        lake.file(SMALL)
        calls.clear()
        deliver(lake.work())
        assert {call.access_key for call in calls if "staging" in call.url} == {"testing"}

    def test_a_role_that_may_not_write_is_the_partners_refusal(
        self, lake: DeliveryWorld, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lake.destination("lake", target(role_arn=ROLE))
        lake.file(SMALL)
        _deny(monkeypatch)
        with pytest.raises(DestinationRefused, match="The partner's role may not do this"):
            deliver(lake.work())

    def test_a_denial_of_our_own_role_is_ours_to_mend(
        self, lake: DeliveryWorld, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lake.file(SMALL)
        _deny(monkeypatch)
        with pytest.raises(AccessDenied, match="was refused"):
            deliver(lake.work())


def _deny(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on every PUT to S3 is answered AccessDenied."""
    from botocore.awsrequest import AWSResponse

    answer = type(botocore_stubber).__call__
    body = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"

    class Raw:
        def stream(self, **_: Any) -> Any:
            yield body

    def denying(self: Any, event_name: str, request: Any, **more: Any) -> Any:
        if request.method == "PUT" and event_name.startswith("before-send.s3"):
            return AWSResponse(request.url, 403, {}, Raw())
        return answer(self, event_name, request, **more)

    monkeypatch.setattr(type(botocore_stubber), "__call__", denying)


class TestExistingNames:
    def test_overwrite_makes_a_new_version(self, lake: DeliveryWorld) -> None:
        put(lake, "orders.csv", b"old")
        lake.file(SMALL)
        deliver(lake.work())
        assert stored(lake) == {"in/daily/orders.csv": SMALL}
        assert versions(lake) == 2

    def test_refuse_leaves_the_other_object_alone(self, lake: DeliveryWorld) -> None:
        put(lake, "orders.csv", b"old")
        lake.existing = "refuse"
        lake.file(SMALL)
        with pytest.raises(DestinationRefused, match="exists already"):
            deliver(lake.work())
        assert stored(lake) == {"in/daily/orders.csv": b"old"}
        assert lake.run().deliveries["lake"].status == "FAILED"

    def test_suffix_takes_the_next_free_name(self, lake: DeliveryWorld) -> None:
        put(lake, "orders.csv", b"old")
        put(lake, "orders-1.csv", b"old")
        lake.existing = "suffix"
        lake.file(SMALL)
        deliver(lake.work())
        assert stored(lake)["in/daily/orders-2.csv"] == SMALL
        assert lake.run().deliveries["lake"].name == "orders-2.csv"

    @pytest.mark.parametrize("content", [SMALL, BIG], ids=["small", "big"])
    def test_a_stranger_who_is_faster_is_not_overwritten(
        self, lake: DeliveryWorld, content: bytes, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The stranger writes between our look and our write: the write itself is conditional."""
        lake.existing = "suffix"
        lake.file(content)
        record = lake.services.runs.record_delivery

        def stranger(*arguments: Any) -> None:
            monkeypatch.setattr(lake.services.runs, "record_delivery", record)
            put(lake, "orders.csv", b"stranger")
            record(*arguments)

        monkeypatch.setattr(lake.services.runs, "record_delivery", stranger)
        deliver(lake.work())
        assert stored(lake) == {"in/daily/orders.csv": b"stranger", "in/daily/orders-1.csv": content}


class TestRepeats:
    @pytest.mark.parametrize("existing", ["overwrite", "refuse", "suffix"])
    @pytest.mark.parametrize("number", [1, 2])
    def test_a_killed_try_leaves_one_object_and_one_version(
        self, lake: DeliveryWorld, existing: str, number: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lake.existing = existing
        lake.file(SMALL)
        with monkeypatch.context() as patched:
            kill_at_record(patched, lake, number=number)
            with pytest.raises(Killed):
                deliver(lake.work())
        assert bool(stored(lake)) == (number == 2)
        deliver(lake.work())
        assert stored(lake) == {"in/daily/orders.csv": SMALL}
        assert versions(lake) == 1

    def test_a_killed_multipart_upload_leaves_nothing_visible_and_no_parts(
        self, lake: DeliveryWorld, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lake.existing = "refuse"
        lake.file(BIG)
        with monkeypatch.context() as patched:
            kill_at_record(patched, lake, number=1)
            with pytest.raises(Killed):
                deliver(lake.work())
        assert not stored(lake)
        assert not lake.services.s3.list_multipart_uploads(Bucket="partner").get("Uploads")
        deliver(lake.work())
        assert stored(lake) == {"in/daily/orders.csv": BIG}

    def test_an_owner_that_was_replaced_shows_nothing(self, lake: DeliveryWorld) -> None:
        lake.file(SMALL)
        old = lake.job
        lake.next_owner()
        with pytest.raises(RunClosed):
            deliver(lake.work(job=old))
        assert not stored(lake)

    def test_a_new_run_writes_a_new_version_where_it_may_overwrite(self, lake: DeliveryWorld) -> None:
        lake.file(SMALL)
        deliver(lake.work())
        lake.next_run(SMALL)
        deliver(lake.work())
        assert versions(lake) == 2

    def test_a_new_run_finds_its_jobs_object_where_it_may_not(self, lake: DeliveryWorld) -> None:
        lake.existing = "suffix"
        lake.file(SMALL)
        deliver(lake.work())
        lake.next_run(SMALL)
        deliver(lake.work())
        assert stored(lake) == {"in/daily/orders.csv": SMALL}
        assert versions(lake) == 1


class TestFaults:
    def test_a_bucket_that_does_not_exist_is_a_configuration_error(self, lake: DeliveryWorld) -> None:
        lake.destination("lake", target(bucket="absent-bucket"))
        lake.file(SMALL)
        with pytest.raises(ConfigurationError, match="bucket does not exist"):
            deliver(lake.work())

    @pytest.mark.parametrize("bucket", ["ingest", "staging", "archive"])
    def test_our_own_buckets_are_no_destinations(self, lake: DeliveryWorld, bucket: str) -> None:
        lake.destination("lake", target(bucket=bucket))
        lake.file(SMALL)
        with pytest.raises(ConfigurationError, match="one of Fileferry's own buckets"):
            deliver(lake.work())

    @pytest.mark.parametrize("existing", ["overwrite", "refuse"])
    def test_staged_bytes_that_are_not_the_recorded_ones_are_not_delivered(
        self, lake: DeliveryWorld, existing: str
    ) -> None:
        lake.existing = existing
        lake.file(SMALL)
        result = lake.run().result(Step.TRANSFORM)
        lake.open_run({"transform": result | {"object": result["object"] | {"sha256": "0" * 64}}})
        with pytest.raises(IntegrityError, match="recorded"):
            deliver(lake.work())
        assert lake.run().deliveries["lake"].status == "FAILED"
