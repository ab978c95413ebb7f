"""Which route takes a file: the same for the same values, always with a reason."""

from __future__ import annotations

import fnmatch
import random
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fileferry.errors import ConfigurationError
from fileferry.model.route import Match, Route
from fileferry.routing import IncomingFile, decide, path_matches, rejection_reason


def route(name: str = "r", **spec: Any) -> Route:
    fields = {"match": {"glob": "**"}, "deliver": {"destinations": ["d"]}, **spec}
    return Route.model_validate({"tenant": "acme", "id": name, "revision": 1, **fields})


def file(path: str = "a.csv", size: int = 5, user: str = "bob") -> IncomingFile:
    return IncomingFile("acme", user, path, size)


# Matching


@pytest.mark.parametrize(
    ("glob", "path", "matches"),
    [
        ("*.csv", "a.csv", True),
        ("*.csv", "x/a.csv", False),
        ("*.csv", "a.CSV", False),
        ("**/*.csv", "a.csv", True),
        ("**/*.csv", "x/y/a.csv", True),
        ("**", "x/y/.a", True),
        ("x/*/a.csv", "x/y/a.csv", True),
        ("x/*/a.csv", "x/y/z/a.csv", False),
        ("*.{csv,json}", "a.json", True),
        ("*.{csv,json}", "a.xml", False),
        ("a?c", "abc", True),
        ("a?c", "a/c", False),
        ("[ab]*", "b1", True),
        ("[!ab]*", "b1", False),
        ("a+b %41 ü.csv", "a+b %41 ü.csv", True),
        ("a+b %41 ü.csv", "aab A ü.csv", False),
        ("in/*", "in/.hidden", True),
        ("*", "a\nb", True),
        ("*.csv", "a.csv\n", False),
    ],
)
def test_globs(glob: str, path: str, matches: bool) -> None:
    assert path_matches(Match(glob=glob), path) is matches


@pytest.mark.parametrize(
    ("regex", "path", "matches"),
    [("[a-z]+\\.csv", "abc.csv", True), ("[a-z]+\\.csv", "abc.csv2", False), ("b", "abc", False), ("a|b", "a", True)],
)
def test_a_regular_expression_matches_the_whole_path(regex: str, path: str, matches: bool) -> None:
    assert path_matches(Match(regex=regex), path) is matches


@given(glob=st.text("ab*?.x", max_size=8), path=st.text("ab.x", min_size=1, max_size=8))
def test_within_a_folder_globs_are_those_of_the_shell(glob: str, path: str) -> None:
    assume("**" not in glob)
    assume(path not in (".", ".."))  # no names of files
    assert path_matches(Match(glob=glob), path) is fnmatch.fnmatchcase(path, glob)


@given(glob=st.text(max_size=30), path=st.text(max_size=30))
def test_every_glob_is_either_understood_or_a_configuration_error(glob: str, path: str) -> None:
    try:
        assert path_matches(Match(glob=glob), path) in (True, False)
    except ConfigurationError as error:
        assert repr(glob) in str(error)


def test_a_glob_of_too_many_alternatives_is_a_configuration_error() -> None:
    with pytest.raises(ConfigurationError, match="glob"):
        path_matches(Match(glob="{a,b}" * 12), "a")


@pytest.mark.parametrize(
    ("spec", "given_file", "reason"),
    [
        ({}, file(), None),
        ({"enabled": False}, file(), "the route is disabled"),
        ({"match": {"glob": "**", "users": ["eve", "ann"]}}, file(), "user 'bob' is not one of eve, ann"),
        ({"match": {"glob": "*.x"}}, file(), "path 'a.csv' does not match glob '*.x'"),
        ({"match": {"regex": "x"}}, file(), "path 'a.csv' does not match regex 'x'"),
        ({"match": {"glob": "*", "min_size": 6}}, file(), "5 bytes are fewer than min_size 6"),
        ({"match": {"glob": "*", "min_size": 5, "max_size": 5}}, file(), None),
        ({"match": {"glob": "*", "max_size": 4}}, file(), "5 bytes are more than max_size 4"),
        ({"match": {"glob": "*", "min_size": 6}}, file(size=0), None),
        ({"zero_bytes": "accept"}, file(size=0), None),
        ({"zero_bytes": "skip"}, file(size=0), "empty files are skipped"),
    ],
)
def test_every_rejection_has_its_reason(spec: dict[str, Any], given_file: IncomingFile, reason: str | None) -> None:
    assert rejection_reason(given_file, route(**spec)) == reason


ROUTES = st.lists(
    st.builds(
        route,
        st.sampled_from(["a", "b", "c", "d", "e"]),
        priority=st.integers(0, 3),
        enabled=st.booleans(),
        match=st.builds(
            dict,
            glob=st.sampled_from(["*", "*.csv", "**", "x/*"]),
            min_size=st.integers(0, 9),
            max_size=st.none() | st.integers(0, 9),
        ),
        zero_bytes=st.sampled_from(["accept", "quarantine", "skip"]),
    ),
    max_size=5,
    unique_by=lambda each: each.id,
)
FILES = st.builds(file, st.sampled_from(["a.csv", "b", "x/a.csv"]), st.integers(0, 9))


@given(routes=ROUTES, given_file=FILES, seed=st.integers())
def test_the_order_of_the_routes_as_read_changes_nothing(routes: list[Route], given_file: Any, seed: int) -> None:
    shuffled = list(routes)
    random.Random(seed).shuffle(shuffled)
    assert decide(given_file, routes) == decide(given_file, shuffled)


@given(routes=ROUTES, given_file=FILES)
def test_the_first_route_by_priority_and_id_that_takes_the_file_has_it(routes: list[Route], given_file: Any) -> None:
    decision = decide(given_file, routes)
    ranked = sorted(routes, key=lambda each: (each.priority, each.id))
    takers = [each for each in ranked if rejection_reason(given_file, each) is None]
    assert decision.route == (takers[0] if takers else None)
    tried = ranked[: ranked.index(takers[0])] if takers else ranked
    assert [each.route for each in decision.rejections] == [each.id for each in tried]
    assert all(each.reason for each in decision.rejections)


@given(routes=ROUTES, given_file=FILES)
def test_a_route_that_does_not_take_the_file_changes_only_the_reasons(routes: list[Route], given_file: Any) -> None:
    other = route("zz", enabled=False, priority=0)
    assert decide(given_file, [*routes, other]).route == decide(given_file, routes).route
