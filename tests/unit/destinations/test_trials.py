"""Destinations are tried out, against real servers: which step fails, why, and what is left behind."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from fileferry.destinations.credentials import credentials_of
from fileferry.destinations.https_requests import HttpsAccess
from fileferry.destinations.sftp_session import SftpAccess
from fileferry.destinations.trials import https, s3, sftp
from fileferry.destinations.trials.https import https_trial
from fileferry.destinations.trials.s3 import s3_trial
from fileferry.destinations.trials.sftp import OfferedKey, SftpTrial
from fileferry.destinations.trials.trial import StepReport, Trial
from fileferry.model.destination import HttpsDestination, S3Destination, SftpDestination
from tests.unit.tasks.deliver.https_partner import Answer, HttpsPartner, https_partner
from tests.unit.tasks.deliver.sftp_partner import PASSWORD, SftpPartner
from tests.unit.tasks.deliver.world import DeliveryWorld

Reports = Mapping[str, StepReport]


def sftp_reports(world: DeliveryWorld, seconds: float = 20) -> tuple[Reports, OfferedKey | None]:
    """The reports of the destination `bank` by step, and the key that the server offered."""
    record = world.services.config.destination("acme", "bank")
    assert isinstance(record.target, SftpDestination)
    settings = world.services.settings
    credentials = credentials_of(world.services.secrets, record)
    trial = SftpTrial(
        SftpAccess(record.target, credentials, settings.allow_private_destinations), Trial(sftp.STEPS, seconds)
    )
    return by_step(trial.run()), trial.offered


def by_step(reports: tuple[StepReport, ...]) -> Reports:
    text = str(reports)
    assert PASSWORD not in text and "t0ken" not in text
    assert all(report.todo for report in reports if report.status == "failed" and "refused" in report.detail)
    return {report.step: report for report in reports}


def statuses(reports: Reports) -> str:
    """`o` ok, `f` failed, `s` skipped, a letter a step."""
    return "".join(report.status[0] for report in reports.values())


class TestSftp:
    def test_every_step_is_ok_and_nothing_is_left(self, world: DeliveryWorld, bank: SftpPartner) -> None:
        reports, offered = sftp_reports(world)
        assert statuses(reports) == "o" * len(sftp.STEPS)
        assert list(bank.folder.iterdir()) == []
        assert offered is not None and offered.pinned
        assert offered.key == bank.host_key
        assert offered.fingerprint == asyncssh.import_public_key(bank.host_key).get_fingerprint()
        assert bank.count("posix_rename") == 1

    def test_a_strange_host_key_is_shown_and_gets_no_credential(self, world: DeliveryWorld, bank: SftpPartner) -> None:
        for kind in ("ssh-ed25519", "ecdsa-sha2-nistp256"):
            other = asyncssh.generate_private_key(kind).export_public_key().decode().strip()
            world.destination("bank", bank.target("ferry/bank", host_keys=[other]))
            reports, offered = sftp_reports(world)
            assert statuses(reports) == "ooof" + "s" * 5
            assert offered == OfferedKey(bank.host_key, offered.fingerprint if offered else "", pinned=False)
            assert offered.fingerprint in reports["host_key"].detail
        assert bank.logins == []

    def test_a_wrong_password_fails_the_login(self, world: DeliveryWorld, bank: SftpPartner) -> None:
        bank.passwords = {"another"}
        reports, _ = sftp_reports(world)
        assert statuses(reports) == "oooof" + "s" * 4
        assert "login was refused" in reports["login"].detail
        assert "check user name" in reports["login"].todo

    def test_a_previous_version_that_is_taken_is_told(self, world: DeliveryWorld, bank: SftpPartner) -> None:
        world.put_secret("bank", password="another-Passw0rd")
        reports, _ = sftp_reports(world)
        assert statuses(reports) == "o" * len(sftp.STEPS)
        assert "AWSPREVIOUS" in reports["login"].detail

    def test_a_folder_that_cannot_be_written_to_is_told(self, world: DeliveryWorld, bank: SftpPartner) -> None:
        bank.faults.read_only = True
        reports, _ = sftp_reports(world)
        assert statuses(reports) == "ooooo" + "o" + "f" + "ss"
        assert "denies permission" in reports["write"].detail

    def test_a_full_disk_is_told_and_nothing_is_left(self, world: DeliveryWorld, bank: SftpPartner) -> None:
        bank.faults.full_at = 0
        reports, _ = sftp_reports(world)
        assert reports["write"].status == "failed"
        assert list(bank.folder.iterdir()) == []

    def test_a_server_without_an_atomic_rename_passes(self, world: DeliveryWorld, bank: SftpPartner) -> None:
        bank.faults.no_posix_rename = True
        reports, _ = sftp_reports(world)
        assert statuses(reports) == "o" * len(sftp.STEPS)
        assert "gone for a moment" in reports["rename"].detail

    def test_a_missing_folder_is_made_as_a_delivery_makes_it(self, world: DeliveryWorld, bank: SftpPartner) -> None:
        world.destination("bank", bank.target("ferry/bank", folder="/in/daily"))
        reports, _ = sftp_reports(world)
        assert statuses(reports) == "o" * len(sftp.STEPS)
        assert "has been made" in reports["folder"].detail

    def test_a_private_address_is_not_connected_to(self, world: DeliveryWorld, bank: SftpPartner) -> None:
        world.allow()
        reports, offered = sftp_reports(world)
        assert statuses(reports) == "of" + "s" * 7
        assert "ALLOW_PRIVATE_DESTINATIONS" in reports["address"].todo
        assert offered is None

    def test_a_port_that_nobody_listens_at_fails_the_connection(self, world: DeliveryWorld, bank: SftpPartner) -> None:
        world.destination("bank", bank.target("ferry/bank", port=1))
        reports, _ = sftp_reports(world)
        assert statuses(reports) == "oof" + "s" * 6

    def test_a_missing_secret_fails_first(self, world: DeliveryWorld, bank: SftpPartner) -> None:
        world.destination("bank", bank.target("ferry/absent"))
        reports, _ = sftp_reports(world)
        assert statuses(reports) == "f" + "s" * 8

    def test_a_server_that_never_answers_ends_the_trial_in_time(self, world: DeliveryWorld, bank: SftpPartner) -> None:
        with socket.create_server(("127.0.0.1", 0)) as mute:
            world.destination("bank", bank.target("ferry/bank", port=mute.getsockname()[1]))
            begun = time.monotonic()
            reports, _ = sftp_reports(world, seconds=2)
            assert time.monotonic() - begun < 4
        assert reports["connect"].status == "ok"
        assert reports["host_key"].status == "failed"

    def test_a_server_that_stalls_at_a_write_ends_the_trial_in_time(
        self, world: DeliveryWorld, bank: SftpPartner
    ) -> None:
        bank.faults.hang_at_write = True
        begun = time.monotonic()
        reports, _ = sftp_reports(world, seconds=3)
        assert time.monotonic() - begun < 6
        assert reports["write"].status == "failed"


def test_a_step_that_hangs_is_cut_off_and_reports_nothing_later() -> None:
    def work(trial: Trial) -> None:
        trial.begin("address")
        time.sleep(0.6)
        trial.done("too late")

    trial = Trial(("address", "connect"), seconds=0.2)
    reports = by_step(trial.run(work))
    assert statuses(reports) == "fs"
    time.sleep(0.6)
    assert by_step(trial.reports) == reports


class TestHttps:
    @pytest.fixture
    def endpoint(self, world: DeliveryWorld, tmp_path: Path) -> Iterator[HttpsPartner]:
        with https_partner(tmp_path) as partner:
            secret = world.secret("endpoint", secret="hmac-t0ken", authorization="Bearer t0ken")
            world.destination("api", partner.target(hmac_secret=secret))
            yield partner

    def reports(self, world: DeliveryWorld) -> Reports:
        record = world.services.config.destination("acme", "api")
        assert isinstance(record.target, HttpsDestination)
        credentials = credentials_of(world.services.secrets, record)
        allowed = world.services.settings.allow_private_destinations
        return by_step(https_trial(HttpsAccess(record.target, credentials, allowed)))

    def test_an_endpoint_is_asked_with_our_credentials_and_sent_nothing(
        self, world: DeliveryWorld, endpoint: HttpsPartner
    ) -> None:
        endpoint.answers = [Answer(204)]
        assert statuses(self.reports(world)) == "ooooos"
        (request,) = endpoint.requests
        assert (request.method, request.body) == ("OPTIONS", b"")
        assert request.headers["authorization"] == "Bearer t0ken"
        assert request.headers["x-fileferry-signature"].startswith("t=")
        assert endpoint.stored == {}

    @pytest.mark.parametrize(
        ("answers", "status", "words"),
        [
            ([401], "failed", "does not take the credentials"),
            ([405, 403], "failed", "does not take the credentials"),
            ([405, 200], "ok", "answers 200"),
            ([404, 404], "ok", "seen when one is sent"),
            ([308], "failed", "redirects are not followed"),
            ([503], "failed", "answers 503"),
        ],
    )
    def test_the_answer_is_judged(
        self, world: DeliveryWorld, endpoint: HttpsPartner, answers: list[int], status: str, words: str
    ) -> None:
        endpoint.answers = [Answer(number) for number in answers]
        report = self.reports(world)["request"]
        assert (report.status, words in report.detail) == (status, True), report

    def test_a_token_that_is_refused_leads_to_the_previous_one(
        self, world: DeliveryWorld, endpoint: HttpsPartner
    ) -> None:
        world.put_secret("endpoint", authorization="Bearer new-t0ken")
        endpoint.answers = [Answer(401), Answer(204)]
        assert statuses(self.reports(world)) == "ooooos"
        assert [request.headers["authorization"] for request in endpoint.requests] == [
            "Bearer new-t0ken",
            "Bearer t0ken",
        ]

    def test_a_certificate_of_an_unknown_authority_gets_no_request(
        self, world: DeliveryWorld, endpoint: HttpsPartner
    ) -> None:
        world.destination("api", endpoint.target(ca_certificate=None))
        reports = self.reports(world)
        assert statuses(reports) == ("oof" if reports["connect"].status == "failed" else "ooof") + "ss"
        assert "not trusted" in reports["certificate"].detail
        assert not endpoint.requests

    def test_a_private_address_is_not_connected_to(self, world: DeliveryWorld, endpoint: HttpsPartner) -> None:
        world.allow()
        assert statuses(self.reports(world)) == "ofssss"
        assert list(self.reports(world)) == list(https.STEPS)


class TestS3:
    def reports(self, world: DeliveryWorld, **target: Any) -> Reports:
        return by_step(s3_trial(world.services, S3Destination(kind="s3", **target)))

    def test_a_bucket_is_tried_without_anything_that_is_visible(self, world: DeliveryWorld) -> None:
        world.bucket("lake")
        reports = self.reports(world, bucket="lake", prefix="in")
        assert list(reports) == list(s3.STEPS)
        assert statuses(reports) == "sooo"
        assert "Versions" not in world.services.s3.list_object_versions(Bucket="lake")
        assert "Uploads" not in world.services.s3.list_multipart_uploads(Bucket="lake")

    def test_a_role_of_the_partners_is_assumed(self, world: DeliveryWorld) -> None:
        world.bucket("lake")
        arn = "arn:aws:iam::123456789012:role/partner"
        assert statuses(self.reports(world, bucket="lake", role_arn=arn)) == "oooo"

    def test_a_bucket_that_is_not_there_is_told(self, world: DeliveryWorld) -> None:
        reports = self.reports(world, bucket="nowhere")
        assert statuses(reports) == "sfss"
        assert "does not exist" in reports["bucket"].detail

    def test_fileferrys_own_buckets_are_refused(self, world: DeliveryWorld) -> None:
        reports = self.reports(world, bucket="staging")
        assert statuses(reports) == "fsss"
        assert "own buckets" in reports["role"].detail
