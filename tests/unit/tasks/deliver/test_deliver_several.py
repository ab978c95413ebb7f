"""Several destinations of one route: each has its own outcome, and no outcome tells a secret."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fileferry.errors import DestinationRefused, DestinationUnavailable, FerryError
from fileferry.model.job import Step
from fileferry.steps import run_step
from tasks.deliver.app import combined, deliver
from tests.unit.tasks.deliver.https_partner import Answer, HttpsPartner, https_partner
from tests.unit.tasks.deliver.sftp_partner import PASSWORD, Faults, SftpPartner
from tests.unit.tasks.deliver.world import DeliveryWorld, visible

SMALL = b"id,amount\n1,2\n"
TOKEN = "Bearer t0ken-0123456789"
KEY = "hmac-key-0123456789"


@pytest.fixture
def api(world: DeliveryWorld, tmp_path: Path) -> Iterator[HttpsPartner]:
    with https_partner(tmp_path) as partner:
        secret = world.secret("api", secret=KEY, authorization=TOKEN)
        world.destination("api", partner.target(hmac_secret=secret))
        yield partner


@pytest.fixture
def lake(world: DeliveryWorld) -> DeliveryWorld:
    world.bucket("partner")
    world.destination("lake", {"kind": "s3", "bucket": "partner"})
    return world


def lake_versions(world: DeliveryWorld) -> int:
    return len(world.services.s3.list_object_versions(Bucket="partner").get("Versions", []))


def test_all_destinations_get_the_file(lake: DeliveryWorld, bank: SftpPartner, api: HttpsPartner) -> None:
    lake.file(SMALL)
    result = deliver(lake.work())
    assert sorted(result["destinations"]) == ["api", "bank", "lake"]
    assert {delivery["status"] for delivery in result["destinations"].values()} == {"DELIVERED"}
    assert visible(bank.folder) == {"orders.csv": SMALL}
    assert api.stored == {"/in/orders.csv": SMALL}
    assert lake_versions(lake) == 1


def test_partly_failed_is_an_error_and_a_retry_sends_only_to_those_that_failed(
    lake: DeliveryWorld, bank: SftpPartner, api: HttpsPartner
) -> None:
    lake.file(SMALL)
    bank.faults.full_at = 0
    with pytest.raises(DestinationUnavailable, match=r"1 of 3 destinations failed\. bank: DestinationUnavailable"):
        deliver(lake.work())
    run = lake.run()
    assert {name: delivery.status for name, delivery in run.deliveries.items()} == {
        "api": "DELIVERED",
        "bank": "FAILED",
        "lake": "DELIVERED",
    }
    bank.faults = Faults()
    result = deliver(lake.work())
    assert len(api.requests) == 1
    assert lake_versions(lake) == 1
    assert visible(bank.folder) == {"orders.csv": SMALL}
    assert result["destinations"]["api"] == run.deliveries["api"].model_dump()


def test_a_destination_that_does_not_exist_stops_no_other(lake: DeliveryWorld) -> None:
    lake.destinations.insert(0, "absent")
    lake.file(SMALL)
    with pytest.raises(FerryError, match=r"1 of 2 destinations failed\. absent: "):
        deliver(lake.work())
    assert lake.run().deliveries["lake"].status == "DELIVERED"
    assert lake.run().deliveries["absent"].status == "FAILED"


def test_the_error_is_retryable_if_one_of_them_is() -> None:
    refused, unavailable = DestinationRefused("no"), DestinationUnavailable("later")
    assert type(combined({"a": refused, "b": unavailable}, 2)) is DestinationUnavailable
    assert type(combined({"a": refused}, 2)) is DestinationRefused
    assert str(combined({"a": refused, "b": unavailable}, 3)) == (
        "2 of 3 destinations failed. a: DestinationRefused: no b: DestinationUnavailable: later"
    )


@pytest.mark.parametrize(
    ("fault", "answer"),
    [("wrong password", Answer(401, body=TOKEN.encode())), ("full disk", Answer(500)), ("", Answer(302))],
)
def test_no_secret_is_in_errors_records_events_and_logs(
    lake: DeliveryWorld,
    bank: SftpPartner,
    api: HttpsPartner,
    fault: str,
    answer: Answer,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The whole step as Lambda runs it, with everything that it tells the outside."""
    caplog.set_level("INFO")
    told: list[Any] = []
    monkeypatch.setattr(lake.services.notifier, "step_failed", lambda *event: told.append(event))
    wrong = "wr0ng-passw0rd"
    if fault == "wrong password":
        lake.destination("bank", bank.target(lake.secret("wrong", password=wrong)))
    bank.faults.full_at = 0 if fault == "full disk" else None
    lake.file(SMALL)
    api.answers = [answer] * 3
    work = lake.work(seconds=30)
    monkeypatch.setattr(lake.services.config, "route_revision", lambda *_: work.route)
    with pytest.raises(FerryError) as caught:
        run_step(Step.DELIVER, {"job": lake.job.model_dump()}, work.home, deliver, lake.services)
    records = lake.services.dynamodb.scan(TableName="runs")["Items"]
    assert told, "the failure was published"
    out, err = capsys.readouterr()
    everything = f"{caught.value!r} {caught.value} {told!r} {json.dumps(records)} {out} {err} {caplog.text}"
    assert "destinations failed" in everything
    for secret in (PASSWORD, wrong, TOKEN, "t0ken", KEY):
        assert secret not in everything
