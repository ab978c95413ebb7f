"""Writes of the `config` table: conditions, concurrent writers, revisions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from fileferry.errors import Conflict, NoSuchRecord, TooLarge
from fileferry.model.destination import DestinationSpec
from fileferry.model.route import RouteSpec
from fileferry.model.tenant import TenantSpec, UserSpec
from fileferry.repositories.config import ConfigRepository
from fileferry.repositories.config_writes import ConfigWriter
from fileferry.repositories.logins import LoginRepository
from fileferry.repositories.records import Stale
from fileferry.repositories.route_records import RouteRecords

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ACME = TenantSpec(name="Acme")


def _route(**fields: Any) -> RouteSpec:
    values = {"match": {"glob": "*"}, "deliver": {"destinations": ["d"]}, "validation": {"json": {"schema": {}}}}
    return RouteSpec.model_validate({**values, **fields})


@pytest.fixture
def writer(dynamodb: DynamoDBClient) -> ConfigWriter:
    return ConfigWriter(dynamodb, "config")


class Interrupted:
    """A DynamoDB client before each of whose first transactions another writer comes."""

    def __init__(self, dynamodb: DynamoDBClient, *others: Callable[[], object]) -> None:
        self._dynamodb = dynamodb
        self._others = list(others)

    def transact_write_items(self, **request: Any) -> Any:
        if self._others:
            self._others.pop(0)()
        return self._dynamodb.transact_write_items(**request)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._dynamodb, name)


def test_what_is_written_is_what_the_data_plane_reads(dynamodb: DynamoDBClient, writer: ConfigWriter) -> None:
    config = ConfigRepository(dynamodb, "config")
    assert writer.create_tenant("acme", ACME).value == config.tenant("acme")
    user = writer.create_user("acme", "bob", UserSpec()).value
    assert config.user("acme", "bob") == config.user_by_login("bob") == user
    spec = DestinationSpec.model_validate({"target": {"kind": "s3", "bucket": "partner"}})
    assert writer.create_destination("acme", "d", spec).value == config.destination("acme", "d")
    first = writer.create_route("acme", "r", _route(), "me").value
    second = writer.replace_route("acme", "r", _route(priority=1), by="you").value
    assert config.active_routes("acme", fresh=True) == (second,)
    assert config.route_revision("acme", "r", 1) == first
    assert config.route_revision("acme", "r", 2) == second
    assert (first.created_by, second.created_by) == ("me", "you")


def test_what_was_never_written_is_missing(writer: ConfigWriter, dynamodb: DynamoDBClient) -> None:
    for read in (
        lambda: writer.tenant("x"),
        lambda: writer.user("x", "bob"),
        lambda: writer.destination("x", "d"),
        lambda: writer.route("x", "r"),
        lambda: RouteRecords(dynamodb, "config").revision("x", "r", 1),
        lambda: writer.replace_tenant("x", ACME),
        lambda: writer.replace_route("x", "r", _route()),
    ):
        with pytest.raises(NoSuchRecord):
            read()


def test_a_refused_user_leaves_no_login_behind(dynamodb: DynamoDBClient, writer: ConfigWriter) -> None:
    writer.create_tenant("acme", ACME)
    writer.create_user("acme", "bob", UserSpec())
    with pytest.raises(Conflict, match="unique over all tenants"):
        writer.create_user("other", "bob", UserSpec())
    found = LoginRepository(dynamodb, "config").find("bob")
    assert found is not None
    assert found.tenant == "acme"


def test_an_entity_tag_changes_with_the_record_and_only_then(writer: ConfigWriter) -> None:
    first = writer.create_tenant("acme", ACME)
    assert writer.tenant("acme").etag == first.etag
    second = writer.replace_tenant("acme", ACME.model_copy(update={"enabled": False}), first.etag)
    assert second.etag != first.etag
    with pytest.raises(Stale):
        writer.replace_tenant("acme", ACME, first.etag)
    assert writer.tenant("acme").value.enabled is False


def test_a_write_between_read_and_write_is_not_lost_when_an_entity_tag_was_given(dynamodb: DynamoDBClient) -> None:
    calm = ConfigWriter(dynamodb, "config")
    etag = calm.create_tenant("acme", ACME).etag
    disturbed: Any = Interrupted(dynamodb, lambda: calm.replace_tenant("acme", TenantSpec(name="Theirs")))
    with pytest.raises(Stale):
        ConfigWriter(disturbed, "config").replace_tenant("acme", TenantSpec(name="Ours"), etag)
    assert calm.tenant("acme").value.name == "Theirs"


def test_two_writers_of_one_route_make_two_revisions(dynamodb: DynamoDBClient) -> None:
    calm = ConfigWriter(dynamodb, "config")
    calm.create_route("acme", "r", _route())
    disturbed: Any = Interrupted(dynamodb, lambda: calm.replace_route("acme", "r", _route(priority=2)))
    mine = ConfigWriter(disturbed, "config").replace_route("acme", "r", _route(priority=3))
    assert mine.value.revision == 3
    revisions = RouteRecords(dynamodb, "config").revisions("acme", "r", 10).items
    assert [(route.revision, route.priority) for route in revisions] == [(3, 3), (2, 2), (1, 100)]


def test_a_writer_who_is_disturbed_for_ever_gives_up_with_a_conflict(dynamodb: DynamoDBClient) -> None:
    calm = ConfigWriter(dynamodb, "config")
    calm.create_route("acme", "r", _route())
    others = [lambda n=number: calm.replace_route("acme", "r", _route(priority=n)) for number in range(1, 50)]
    disturbed: Any = Interrupted(dynamodb, *others)
    with pytest.raises(Conflict, match="at this moment"):
        ConfigWriter(disturbed, "config").replace_route("acme", "r", _route(priority=99))


def test_a_route_that_does_not_change_makes_no_revision(writer: ConfigWriter) -> None:
    writer.create_route("acme", "r", _route())
    assert writer.replace_route("acme", "r", _route()).value.revision == 1


def test_revisions_of_a_route_are_not_those_of_one_whose_id_begins_alike(
    writer: ConfigWriter, dynamodb: DynamoDBClient
) -> None:
    for name in ("a", "a-b"):
        writer.create_route("acme", name, _route())
    assert [route.id for route in RouteRecords(dynamodb, "config").revisions("acme", "a", 10).items] == ["a"]
    assert [route.id for route in writer.routes("acme", 10).items] == ["a", "a-b"]


def test_pages_hold_everything_once_whatever_their_size(writer: ConfigWriter) -> None:
    for number in range(7):
        writer.create_tenant(f"t{number}", ACME)
        writer.create_user("t0", f"user{number}", UserSpec())
    for limit in (1, 2, 3, 7, 8):
        for listing in (writer.tenants, lambda limit, cursor: writer.users("t0", limit, cursor)):
            found, cursor = [], None
            while True:
                page = listing(limit, cursor)
                assert 0 < len(page.items) <= limit
                found += [item.id for item in page.items]
                cursor = page.cursor
                if cursor is None:
                    break
            assert len(found) == len(set(found)) == 7
            assert found == sorted(found)


def test_what_does_not_fit_an_item_is_refused_before_it_is_sent(writer: ConfigWriter) -> None:
    with pytest.raises(TooLarge, match="bytes"):
        writer.create_route("acme", "r", _route(validation={"json": {"schema": {"description": "x" * 400_000}}}))
    with pytest.raises(NoSuchRecord):
        writer.route("acme", "r")
