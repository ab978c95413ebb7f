"""Fixtures of the deliver step: the world on moto and the partners' servers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from fileferry.services import Services
from tests.unit.tasks.deliver.sftp_partner import PASSWORD, SftpPartner, sftp_partner
from tests.unit.tasks.deliver.world import SETTINGS, DeliveryWorld


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, aws: boto3.Session) -> Iterator[DeliveryWorld]:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        world = DeliveryWorld(Services(SETTINGS, aws), tmp_path)
        world.create()
        yield world


@pytest.fixture
def partner(tmp_path: Path) -> Iterator[SftpPartner]:
    folder = tmp_path / "partner"
    folder.mkdir()
    with sftp_partner(folder) as server:
        yield server


@pytest.fixture
def bank(world: DeliveryWorld, partner: SftpPartner) -> SftpPartner:
    """The partner's server as the route's destination `bank`, with a password."""
    world.destination("bank", partner.target(world.secret("bank", password=PASSWORD)))
    return partner
