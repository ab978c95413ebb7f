"""What each kind of destination is asked after the delivery."""

from __future__ import annotations

import base64
import hashlib
import os
from typing import Any

import pytest

from fileferry.errors import ConfigurationError, DestinationUnavailable, IntegrityError
from fileferry.model.job import Step
from tests.unit.tasks.confirm.conftest import ConfirmStep
from tests.unit.tasks.deliver.https_partner import Answer, HttpsPartner
from tests.unit.tasks.deliver.sftp_partner import PASSWORD, SftpPartner
from tests.unit.tasks.deliver.world import DeliveryWorld

SMALL = b"id,amount\n1,2\n"
SHA256 = hashlib.sha256(SMALL).hexdigest()


@pytest.fixture
def lake(world: DeliveryWorld) -> DeliveryWorld:
    world.bucket("partner")
    world.destination("lake", {"kind": "s3", "bucket": "partner"})
    return world


def test_the_result_completes_the_token_after_it_was_recorded(step: ConfirmStep, bank: SftpPartner) -> None:
    step.delivered(SMALL)
    result = step()
    assert step.completed == [("token-1", result)]
    assert step.world.run().result(Step.CONFIRM) == result
    assert result["acknowledged_by"] is None


def test_a_repeat_looks_at_nothing_and_completes_the_new_token(step: ConfirmStep, bank: SftpPartner) -> None:
    step.delivered(SMALL)
    first = step()
    (bank.folder / "orders.csv").unlink()
    assert step("token-2", attempt=1) == first
    assert step.completed == [("token-1", first), ("token-2", first)]


def test_mode_none_asks_nobody(step: ConfirmStep, bank: SftpPartner) -> None:
    step.delivered(SMALL)
    step.world.confirm = {"mode": "none"}
    (bank.folder / "orders.csv").unlink()
    bank.log.clear()
    assert step() == {"confirmed": {}, "acknowledged_by": None}
    assert step.completed
    assert not bank.log


class TestSftp:
    def test_size_and_checksum_are_compared(self, step: ConfirmStep, bank: SftpPartner) -> None:
        step.delivered(SMALL, "a+b %41 ü.csv")
        assert step()["confirmed"] == {
            "bank": {
                "size": len(SMALL),
                "sha256": SHA256,
                "how": "SFTP: size by stat, SHA-256 of the file read back",
            }
        }

    def test_a_file_too_large_to_read_back_is_compared_by_size(
        self, step: ConfirmStep, bank: SftpPartner, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tasks.confirm.checks.READ_BACK_BYTES", 10)
        step.delivered(SMALL)
        bank.log.clear()
        assert step()["confirmed"]["bank"] == {"size": len(SMALL), "sha256": None, "how": "SFTP: size by stat"}
        assert bank.count("read") == 0

    @pytest.mark.parametrize("there", [SMALL[:-1], b"x" * len(SMALL)])
    def test_other_bytes_are_an_integrity_error(self, step: ConfirmStep, bank: SftpPartner, there: bytes) -> None:
        step.delivered(SMALL)
        (bank.folder / "orders.csv").write_bytes(there)
        with pytest.raises(IntegrityError, match=rf"The far side has {len(there)} bytes.*{SHA256} were delivered"):
            step()
        assert not step.completed
        assert step.world.run().steps[Step.CONFIRM].error

    def test_a_file_that_is_gone_is_an_integrity_error(self, step: ConfirmStep, bank: SftpPartner) -> None:
        step.delivered(SMALL)
        (bank.folder / "orders.csv").unlink()
        with pytest.raises(IntegrityError, match="The delivered file is not there: sftp://"):
            step()

    def test_a_server_that_is_down_is_asked_again(self, step: ConfirmStep, bank: SftpPartner) -> None:
        step.delivered(SMALL)
        step.world.destination("bank", bank.target("ferry/bank", port=1))
        with pytest.raises(DestinationUnavailable):
            step()
        assert not step.completed

    def test_no_error_tells_the_password(self, step: ConfirmStep, bank: SftpPartner) -> None:
        step.delivered(SMALL)
        step.world.destination("bank", bank.target("ferry/gone"))
        with pytest.raises(ConfigurationError, match="'ferry/gone' cannot be read") as caught:
            step()
        assert PASSWORD not in f"{caught.value} {step.events}"


class TestS3:
    def test_size_and_the_checksum_that_s3_holds_are_compared(self, step: ConfirmStep, lake: DeliveryWorld) -> None:
        step.delivered(SMALL)
        confirmed = step()["confirmed"]["lake"]
        assert (confirmed["size"], confirmed["sha256"]) == (len(SMALL), SHA256)
        assert confirmed["how"].startswith("S3: size")

    def test_a_multipart_object_is_compared_too(self, step: ConfirmStep, lake: DeliveryWorld) -> None:
        lake.existing = "refuse"
        content = os.urandom(1024**2) * 6
        step.delivered(content)
        confirmed = step()["confirmed"]["lake"]
        assert (confirmed["size"], confirmed["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())

    def test_the_version_that_was_delivered_counts_not_a_later_one(
        self, step: ConfirmStep, lake: DeliveryWorld
    ) -> None:
        step.delivered(SMALL)
        lake.services.s3.put_object(Bucket="partner", Key="orders.csv", Body=b"later")
        assert step()["confirmed"]["lake"]["size"] == len(SMALL)

    def test_a_version_that_is_gone_is_an_integrity_error(self, step: ConfirmStep, lake: DeliveryWorld) -> None:
        step.delivered(SMALL)
        version = lake.run().steps[Step.DELIVER].result or {}
        version_id = version["destinations"]["lake"]["detail"]["version_id"]
        lake.services.s3.delete_object(Bucket="partner", Key="orders.csv", VersionId=version_id)
        with pytest.raises(IntegrityError, match="not there: s3://partner/orders"):
            step()


class TestHttps:
    def test_the_status_of_the_delivery_is_what_there_is(self, step: ConfirmStep, api: HttpsPartner) -> None:
        step.delivered(SMALL)
        assert step()["confirmed"] == {"api": {"size": len(SMALL), "sha256": None, "how": "HTTPS: status 201"}}
        assert len(api.requests) == 1

    @pytest.mark.parametrize(("received", "confirmed"), [(SMALL, True), (SMALL[:-1], False)])
    def test_a_digest_that_the_endpoint_stated_is_compared(
        self, step: ConfirmStep, api: HttpsPartner, received: bytes, confirmed: bool
    ) -> None:
        digest = base64.b64encode(hashlib.sha256(received).digest()).decode()
        api.answers = [Answer(200, {"repr-digest": f"sha-256=:{digest}:"})]
        step.delivered(SMALL)
        if confirmed:
            assert step()["confirmed"]["api"]["sha256"] == SHA256
        else:
            with pytest.raises(IntegrityError, match="The far side has"):
                step()


def test_every_destination_is_checked(step: ConfirmStep, lake: Any, bank: Any, api: Any) -> None:
    step.delivered(SMALL)
    assert sorted(step()["confirmed"]) == ["api", "bank", "lake"]
