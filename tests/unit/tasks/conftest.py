"""What the tests of all tasks share."""

from __future__ import annotations

import boto3
import pytest


@pytest.fixture(scope="session")
def aws() -> boto3.Session:
    """One session for all tests: it keeps the service models that it has read."""
    return boto3.Session("testing", "testing", region_name="eu-central-1")
