"""Uploads whose parts are small, so that tests move few bytes."""

from __future__ import annotations

import pytest

PART = 64 * 1024


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """For a test module to import: S3 and we take parts of PART bytes, where AWS takes 5 MiB at least."""
    monkeypatch.setattr("moto.s3.models.S3_UPLOAD_PART_MIN_SIZE", PART)
    monkeypatch.setattr("fileferry.objects.part_sizes.MIN_PART", PART)
