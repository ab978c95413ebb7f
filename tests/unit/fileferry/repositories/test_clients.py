"""Machine clients: unique principals, and the one read that every request of a machine makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from fileferry.errors import Conflict, NoSuchRecord
from fileferry.model.client import ClientSpec, NoPrincipal, principal_of
from fileferry.repositories.clients import CACHE_SECONDS, ClientRepository, ClientWriter
from fileferry.repositories.records import Stale

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ROLE = "arn:aws:iam::123456789012:role/erp"
OPERATOR = ClientSpec(principal=ROLE, role="tenant-operator")


@pytest.fixture
def writer(dynamodb: DynamoDBClient) -> ClientWriter:
    return ClientWriter(dynamodb, "config")


@pytest.fixture
def repository(dynamodb: DynamoDBClient) -> ClientRepository:
    return ClientRepository(dynamodb, "config")


@pytest.mark.parametrize(
    ("text", "principal"),
    [
        ("3n4b5urk1ft4fl3mg5e62d9ado", "3n4b5urk1ft4fl3mg5e62d9ado"),
        ("arn:aws:sts::123456789012:assumed-role/erp/i-0abc", ROLE),
        ("arn:aws:iam::123456789012:role/erp", ROLE),
        ("arn:aws:iam::123456789012:role/team/a/erp", ROLE),
        ("arn:aws-cn:sts::123456789012:assumed-role/erp/s", "arn:aws-cn:iam::123456789012:role/erp"),
        ("arn:aws:iam::123456789012:user/team/erp", "arn:aws:iam::123456789012:user/team/erp"),
    ],
)
def test_a_principal_has_one_form(text: str, principal: str) -> None:
    assert principal_of(text) == principal
    assert principal_of(principal) == principal


@pytest.mark.parametrize(
    "text",
    [
        "",
        "two words",
        "a/b",
        "arn:aws:iam::123456789012:root",
        "arn:aws:iam::123456789012:role/*",
        "arn:aws:iam::*:role/erp",
        "arn:aws:sts::123456789012:assumed-role/erp",
        "arn:aws:iam::123456789012:group/erp",
        "a\n",
    ],
)
def test_what_names_nobody_in_particular_is_no_principal(text: str) -> None:
    with pytest.raises(NoPrincipal):
        principal_of(text)
    with pytest.raises(ValidationError, match="neither the id of an OAuth client"):
        ClientSpec(principal=text)


def test_no_record_makes_a_platform_admin() -> None:
    with pytest.raises(ValidationError):
        ClientSpec.model_validate({"principal": ROLE, "role": "platform-admin"})


def test_a_client_is_found_by_its_principal(writer: ClientWriter, repository: ClientRepository) -> None:
    created = writer.create_client("acme", "erp", OPERATOR)

    assert repository.find(ROLE) == created.value == writer.client("acme", "erp").value
    assert (created.value.tenant, created.value.role) == ("acme", "tenant-operator")
    assert repository.find("arn:aws:iam::123456789012:role/other") is None


def test_a_principal_belongs_to_one_tenant(writer: ClientWriter, repository: ClientRepository) -> None:
    writer.create_client("acme", "erp", OPERATOR)

    with pytest.raises(Conflict, match="unique over all tenants"):
        writer.create_client("globex", "mine", ClientSpec(principal=ROLE.replace("/erp", "/path/erp")))

    found = repository.find(ROLE)
    assert found is not None and found.tenant == "acme"
    assert writer.clients("globex", 10).items == ()
    with pytest.raises(NoSuchRecord):
        writer.client("globex", "mine")


def test_a_replacement_is_seen_in_both_places_and_keeps_the_principal(
    writer: ClientWriter, repository: ClientRepository
) -> None:
    first = writer.create_client("acme", "erp", OPERATOR)

    disabled = writer.replace_client("acme", "erp", ClientSpec(principal=ROLE, enabled=False), first.etag)

    found = repository.find(ROLE)
    assert found == disabled.value == writer.client("acme", "erp").value
    assert found is not None and not found.enabled and found.role == "tenant-viewer"
    with pytest.raises(Stale):
        writer.replace_client("acme", "erp", OPERATOR, first.etag)
    with pytest.raises(Conflict, match="cannot be changed"):
        writer.replace_client("acme", "erp", ClientSpec(principal="another"))


def test_what_was_found_is_kept_for_seconds_and_what_was_not_is_asked_again(
    writer: ClientWriter, repository: ClientRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr("fileferry.repositories.clients.time.monotonic", lambda: now)
    assert repository.find(ROLE) is None
    writer.create_client("acme", "erp", OPERATOR)
    first: Any = repository.find(ROLE)

    writer.replace_client("acme", "erp", ClientSpec(principal=ROLE, enabled=False))

    assert repository.find(ROLE) is first
    now += CACHE_SECONDS + 0.1
    again = repository.find(ROLE)
    assert again is not None and not again.enabled


def test_clients_are_listed_page_by_page(writer: ClientWriter) -> None:
    for number in range(3):
        writer.create_client("acme", f"c{number}", ClientSpec(principal=f"id{number}"))

    first = writer.clients("acme", 2)
    second = writer.clients("acme", 2, first.cursor)

    assert [client.id for client in (*first.items, *second.items)] == ["c0", "c1", "c2"]
    assert second.cursor is None
