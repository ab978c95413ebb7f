"""What is explained is what the router decides, for any file and any routes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fileferry.errors import ConfigurationError
from fileferry.explain import consider, explain, notes_of
from fileferry.model.route import Match, Route
from fileferry.model.tenant import Tenant, User
from fileferry.routing import decide
from tests.unit.fileferry.test_routing import file, route
from tests.unit.world import SETTINGS

TENANT = Tenant(id="acme", name="Acme")
_ROUTES = st.lists(
    st.builds(
        route,
        name=st.sampled_from("abcdefgh"),
        priority=st.integers(0, 3),
        enabled=st.booleans(),
        match=st.fixed_dictionaries(
            {"glob": st.sampled_from(["**", "*.csv", "x/*"])},
            optional={"users": st.just(["eve"]), "min_size": st.integers(0, 3), "max_size": st.integers(3, 9)},
        ),
        zero_bytes=st.sampled_from(["quarantine", "accept", "skip"]),
    ),
    max_size=6,
    unique_by=lambda r: r.id,
)


@given(_ROUTES, st.sampled_from(["a.csv", "x/b.txt", "c"]), st.integers(0, 12), st.sampled_from(["bob", "eve"]))
def test_the_route_and_every_reason_are_the_routers(routes: list[Route], path: str, size: int, user: str) -> None:
    incoming = file(path, size, user)
    decision = decide(incoming, routes)
    considered = consider(incoming, routes)
    assert [(c.route, c.reason) for c in considered[: len(decision.rejections)]] == [
        (rejection.route, rejection.reason) for rejection in decision.rejections
    ]
    assert [c.route for c in considered if c.taken] == ([decision.route.id] if decision.route else [])
    assert {c.route for c in considered} == {r.id for r in routes}
    assert all(c.matched is (c.reason == "") for c in considered)
    found = explain(incoming, TENANT, routes)
    assert found.route == decision.route
    assert (found.outcome == "job") is (
        decision.route is not None and (size > 0 or decision.route.zero_bytes != "quarantine")
    )


def _broken(name: str, **spec: Any) -> Route:
    """A route as it can only lie in the table: writing it is refused."""
    return route(name, **spec).model_copy(
        update={"match": Match.model_construct(glob="{1..99999}", regex=None, users=[], min_size=0, max_size=None)}
    )


def test_a_route_that_cannot_be_used_keeps_the_file_from_those_behind_it() -> None:
    routes = [_broken("a"), route("b")]
    with pytest.raises(ConfigurationError):
        decide(file(), routes)
    found = explain(file(), TENANT, routes)
    assert (found.outcome, found.route, found.why) == ("failed", None, "route 'a' cannot be used")
    assert [(c.route, c.matched, c.taken, c.usable) for c in found.routes] == [
        ("a", False, False, False),
        ("b", True, False, True),
    ]
    assert explain(file(), TENANT, [route("0", priority=1), *routes]).outcome == "job"


@pytest.mark.parametrize(
    ("path", "spec", "tenant", "here", "outcome", "why"),
    [
        ("a.csv", {}, {}, False, "ignored", "another region"),
        ("a.csv.filepart", {}, {}, True, "ignored", "temporary name"),
        ("in/.hidden", {}, {}, True, "ignored", "hidden"),
        ("a.csv", {}, {"enabled": False}, True, "quarantined", "disabled"),
        ("a.csv", {"match": {"glob": "*.txt"}}, {}, True, "quarantined", "no route"),
        ("a.csv.sha256", {}, {}, True, "control_file", "a sidecar of the file 'a.csv'"),
        ("a.csv.sha256", {"validation": {"checksum": "none"}}, {}, True, "job", "first that matches"),
        (
            "a.ack",
            {"confirm": {"mode": "acknowledgement", "user": "bob"}},
            {},
            True,
            "control_file",
            "an acknowledgement",
        ),
        ("a.csv", {}, {}, True, "job", "first that matches"),
    ],
)
def test_what_becomes_of_a_file_is_told_with_the_reason(
    path: str, spec: dict[str, Any], tenant: dict[str, Any], here: bool, outcome: str, why: str
) -> None:
    found = explain(file(path), TENANT.model_copy(update=tenant), [route(**spec)], taken_region=here)
    assert found.outcome == outcome
    assert why in found.why


def test_an_empty_file_is_quarantined_where_the_route_says_so() -> None:
    found = explain(file(size=0), TENANT, [route()])
    assert (found.outcome, found.why) == ("quarantined", "the file is empty")
    assert explain(file(size=0), TENANT, [route(zero_bytes="accept")]).outcome == "job"


def test_notes_tell_what_cannot_be_told_beforehand() -> None:
    bob = User(tenant="acme", id="bob")
    demanding = route(
        duplicates="skip", validation={"checksum": "required", "encoding": "utf-8", "csv": {"columns": [{"name": "a"}]}}
    )

    def topics(taken: Route, user: User | None, size: int = 5) -> list[str]:
        return [note.topic for note in notes_of(taken, file(size=size), user, SETTINGS)]

    assert topics(demanding, bob) == ["duplicates", "checksum", "content"]
    assert topics(route(validation={"checksum": "none"}), bob) == []
    assert topics(route(validation={"checksum": "none"}), None) == ["user"]
    assert topics(route(validation={"checksum": "none"}), bob.model_copy(update={"enabled": False})) == ["user"]
    large = next(iter(notes_of(demanding, file(size=10**9), bob, SETTINGS)))
    assert "the stage step" in large.text
