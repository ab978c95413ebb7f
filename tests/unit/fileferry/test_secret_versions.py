"""The versions of a secret, in the order in which a login tries them, while their labels move."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from fileferry.errors import ConfigurationError
from fileferry.secret_writer import SecretWriter
from fileferry.secrets import Secrets

NAME = "ferry/acme/partner"


@pytest.fixture
def manager() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client(
            "secretsmanager", region_name="eu-central-1", aws_access_key_id="x", aws_secret_access_key="x"
        )


@pytest.fixture
def secrets(manager: Any) -> Secrets:
    return Secrets(manager, "ferry/")


@pytest.fixture
def writer(manager: Any) -> SecretWriter:
    return SecretWriter(manager, "ferry/")


def value(password: str) -> str:
    return json.dumps({"password": password})


def test_the_current_one_comes_first_then_the_one_to_come_then_the_one_before(
    secrets: Secrets, writer: SecretWriter
) -> None:
    writer.put(NAME, value("before"))
    writer.put(NAME, value("current"))
    writer.put_pending(NAME, value("to come"))
    found = [(stage, fields["password"]) for stage, fields in secrets.each_version(NAME)]
    assert found == [
        ("AWSCURRENT", "current"),
        ("AWSPENDING", "to come"),
        ("AWSPREVIOUS", "before"),
        ("AWSCURRENT", "current"),
    ]


def test_a_single_value_is_tried_once(secrets: Secrets, writer: SecretWriter) -> None:
    for _ in range(2):
        writer.put(NAME, value("same"))
    writer.put_pending(NAME, value("same"))
    assert [fields["password"] for _, fields in secrets.each_version(NAME)] == ["same"]


def test_what_becomes_current_while_it_is_looked_for_is_found(secrets: Secrets, writer: SecretWriter) -> None:
    """GIVEN the old value was read WHEN the new one is activated before the others are looked at THEN it is tried."""
    writer.put(NAME, value("old"))
    writer.put_pending(NAME, value("new"))
    versions = secrets.each_version(NAME)
    assert next(versions)[1]["password"] == "old"
    writer.activate(NAME)
    assert [(stage, fields["password"]) for stage, fields in versions] == [("AWSCURRENT", "new")]


def test_what_is_put_while_it_is_looked_for_is_found(secrets: Secrets, writer: SecretWriter) -> None:
    writer.put(NAME, value("old"))
    versions = secrets.each_version(NAME)
    next(versions)
    writer.put(NAME, value("new"))
    assert [fields["password"] for _, fields in versions] == ["new"]


def test_another_version_that_is_useless_is_passed_over(secrets: Secrets, writer: SecretWriter) -> None:
    writer.put(NAME, "no JSON")
    with pytest.raises(ConfigurationError, match="not a JSON object"):
        list(secrets.each_version(NAME))
    writer.put(NAME, value("current"))
    assert len(list(secrets.each_version(NAME))) == 1
