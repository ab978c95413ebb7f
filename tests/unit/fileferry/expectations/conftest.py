"""Expectations over moto's tables: files come by records of jobs, and time is what the test says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto import mock_aws

from tests.unit.fileferry.expectations.world import ExpectationWorld


@pytest.fixture(scope="module")
def _moto() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.delenv("AWS_ENDPOINT_URL", raising=False)
        yield


@pytest.fixture
def world(_moto: None, monkeypatch: pytest.MonkeyPatch) -> ExpectationWorld:
    return ExpectationWorld.create(monkeypatch)
