"""Secrets that the API stores and the data plane reads, on moto's Secrets Manager."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from fileferry.errors import ConfigurationError, TooLarge
from fileferry.secret_writer import SecretWriter
from fileferry.secrets import PENDING, PREVIOUS, Secrets

NAME = "ferry/acme/key"


@pytest.fixture
def manager() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client(
            "secretsmanager", region_name="eu-central-1", aws_access_key_id="x", aws_secret_access_key="x"
        )


@pytest.fixture
def written(manager: Any) -> SecretWriter:
    return SecretWriter(manager, "ferry/")


def test_what_is_put_is_read_and_put_again(manager: Any, written: SecretWriter) -> None:
    written.put(NAME, "one", "a key")
    assert Secrets(manager, "ferry/").text(NAME) == "one"
    written.put(NAME, "two")
    assert Secrets(manager, "ferry/").text(NAME) == "two"
    assert manager.get_secret_value(SecretId=NAME, VersionStage="AWSPREVIOUS")["SecretString"] == "one"


def test_what_secrets_manager_cannot_hold_is_refused_before_it_is_sent(manager: Any, written: SecretWriter) -> None:
    written.put(NAME, "ü" * 32_768)
    for write in (written.put, written.put_pending):
        with pytest.raises(TooLarge, match="65,537 bytes"):
            write(NAME, "ü" * 32_768 + "x")
    assert Secrets(manager, "ferry/").text(NAME) == "ü" * 32_768


def test_a_deleted_secret_is_gone_for_readers(manager: Any, written: SecretWriter) -> None:
    written.put(NAME, "one")
    written.delete(NAME)
    written.delete(NAME)
    written.delete("ferry/acme/never-there")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        Secrets(manager, "ferry/").text(NAME)


def test_a_secret_that_is_about_to_be_deleted_comes_back_with_a_new_value(manager: Any) -> None:
    # moto creates it anew; Secrets Manager refuses that while the old one may still be restored (CreateSecret).
    with Stubber(manager) as stubbed:
        stubbed.add_client_error("create_secret", "InvalidRequestException")
        stubbed.add_response("restore_secret", {}, {"SecretId": NAME})
        stubbed.add_response("put_secret_value", {}, {"SecretId": NAME, "SecretString": "two"})
        SecretWriter(manager, "ferry/").put(NAME, "two")
        stubbed.assert_no_pending_responses()


def test_a_pending_value_becomes_current_and_the_old_one_previous(manager: Any, written: SecretWriter) -> None:
    secrets = Secrets(manager, "ferry/")
    written.put(NAME, "one")
    written.put_pending(NAME, "forgotten")
    written.put_pending(NAME, "two")
    assert (secrets.text(NAME), secrets.text(NAME, PENDING)) == ("one", "two")
    for _ in range(2):  # a repeat changes nothing
        written.activate(NAME)
        assert (secrets.text(NAME), secrets.text(NAME, PREVIOUS)) == ("two", "one")
        with pytest.raises(ConfigurationError):
            secrets.text(NAME, PENDING)


@pytest.mark.parametrize("prefix", ["ferry/", ""])
def test_nothing_is_written_outside_of_the_prefix(manager: Any, prefix: str) -> None:
    for act in (lambda w: w.put("other/key", "one"), lambda w: w.delete("other/key")):
        with pytest.raises(ConfigurationError, match="outside"):
            act(SecretWriter(manager, prefix))
    assert manager.list_secrets()["SecretList"] == []
