"""Drafts of routes and their activation, with writers who come between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fileferry.errors import NoSuchRecord
from fileferry.model.route import RevisionState, RouteSpec
from fileferry.repositories.config import ConfigRepository
from fileferry.repositories.records import Stale
from fileferry.repositories.route_records import RouteRecords
from tests.unit.fileferry.repositories.test_config_writes import Interrupted, _route

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@pytest.fixture
def records(dynamodb: DynamoDBClient) -> RouteRecords:
    """With route `r` in revision 1."""
    records = RouteRecords(dynamodb, "config")
    records.create_route("acme", "r", _route(), "me")
    return records


def priority(number: int) -> RouteSpec:
    return _route(priority=number)


def states(records: RouteRecords) -> dict[int, str]:
    return {revision.revision: revision.state.value for revision in records.revisions("acme", "r", 20).items}


def active(dynamodb: DynamoDBClient) -> int:
    """The priority of what the data plane takes files by."""
    (route,) = ConfigRepository(dynamodb, "config").active_routes("acme", fresh=True)
    return route.priority


def test_a_draft_takes_no_files_until_it_is_activated(records: RouteRecords, dynamodb: DynamoDBClient) -> None:
    draft = records.draft_route("acme", "r", priority(7), "you", "a try").value
    assert (draft.revision, draft.state, draft.created_by, draft.comment) == (2, RevisionState.DRAFT, "you", "a try")
    assert active(dynamodb) == 100
    activated = records.activate_route("acme", "r", 2)
    assert active(dynamodb) == 7
    assert activated == records.route("acme", "r")
    assert states(records) == {2: "active", 1: "retired"}


def test_a_change_beside_a_draft_takes_the_next_number(records: RouteRecords) -> None:
    records.draft_route("acme", "r", priority(7))
    assert records.replace_route("acme", "r", priority(8)).value.revision == 3
    records.draft_route("acme", "r", priority(9))
    assert states(records) == {4: "draft", 3: "active", 2: "draft", 1: "retired"}


def test_an_earlier_revision_is_activated_as_it_was(records: RouteRecords, dynamodb: DynamoDBClient) -> None:
    records.replace_route("acme", "r", priority(8))
    before = ConfigRepository(dynamodb, "config").route_revision("acme", "r", 1)
    back = records.activate_route("acme", "r", 1).value
    assert back == before
    assert states(records) == {2: "retired", 1: "active"}
    assert records.replace_route("acme", "r", priority(9)).value.revision == 3


def test_a_revision_tag_tells_its_state(records: RouteRecords) -> None:
    drafted = records.draft_route("acme", "r", priority(7))
    assert records.revision("acme", "r", 2).etag == drafted.etag
    records.activate_route("acme", "r", 2)
    assert records.revision("acme", "r", 2).etag != drafted.etag


def test_an_activation_over_anothers_change_is_refused(records: RouteRecords, dynamodb: DynamoDBClient) -> None:
    records.draft_route("acme", "r", priority(7))
    seen = records.route("acme", "r").etag
    disturbed: Any = Interrupted(dynamodb, lambda: records.replace_route("acme", "r", priority(8)))
    with pytest.raises(Stale):
        RouteRecords(disturbed, "config").activate_route("acme", "r", 2, seen)
    assert active(dynamodb) == 8
    records.activate_route("acme", "r", 2)
    assert active(dynamodb) == 7


def test_two_drafts_at_the_same_moment_are_two_revisions(records: RouteRecords, dynamodb: DynamoDBClient) -> None:
    disturbed: Any = Interrupted(dynamodb, lambda: records.draft_route("acme", "r", priority(7)))
    assert RouteRecords(disturbed, "config").draft_route("acme", "r", priority(8)).value.revision == 3
    assert states(records) == {3: "draft", 2: "draft", 1: "active"}


def test_what_is_not_there_is_neither_drafted_nor_activated(records: RouteRecords) -> None:
    for write in (
        lambda: records.draft_route("acme", "none", priority(1)),
        lambda: records.activate_route("acme", "none", 1),
        lambda: records.activate_route("acme", "r", 2),
        lambda: records.revision("acme", "r", 2),
        lambda: records.revisions("acme", "none", 1),
    ):
        with pytest.raises(NoSuchRecord):
            write()
