from __future__ import annotations

import json

import pytest

from asl.graph import Edge, Retrier, graph
from tests.unit.asl.graph.definitions import NESTED, STRAIGHT


def test_every_transition_is_an_edge_with_its_kind_and_label() -> None:
    edges = [(edge.source, edge.target, edge.kind, edge.label) for edge in graph(STRAIGHT).edges]
    assert edges == [
        ("/States/Fetch", "/States/Big?", "next", ""),
        ("/States/Fetch", "/States/Give up", "catch", "Refused, Late"),
        ("/States/Big?", "/States/Pause", "choice", "size > 5"),
        ("/States/Big?", "/States/Give up", "choice", "not size is present"),
        ("/States/Big?", "/States/Done", "default", "otherwise"),
        ("/States/Pause", "/States/Fetch", "next", ""),
    ]


def test_a_node_tells_what_its_state_does_and_how_it_retries() -> None:
    fetch, _, pause, done, give_up = graph(STRAIGHT).nodes
    assert (fetch.type, fetch.detail, fetch.comment) == ("Task", "lambda:invoke.waitForTaskToken", "Gets the file.")
    assert fetch.retriers == (Retrier(("Busy",), 5), Retrier(("States.ALL",), 3))
    assert pause.detail == "30 s"
    assert (done.end, give_up.end, fetch.end) == (True, True, False)


def test_branches_and_processors_are_graphs_within_their_node() -> None:
    each, both, _ = graph(NESTED).nodes
    assert [inner.id for inner in each.graphs] == ["/States/Each/ItemProcessor"]
    assert [inner.start for inner in both.graphs] == [
        "/States/Both/Branches/0/States/Left",
        "/States/Both/Branches/1/States/Right",
    ]
    assert [node.name for _, node, _ in graph(NESTED).walk()] == [
        "Each",
        "Check",
        "Keep",
        "Both",
        "Left",
        "Right",
        "Mend",
    ]


def test_the_text_of_a_definition_will_do() -> None:
    assert graph(json.dumps(NESTED)) == graph(NESTED)


def test_text_that_is_no_json_is_refused() -> None:
    with pytest.raises(ValueError):
        graph("{")


def test_a_name_without_a_state_becomes_a_missing_node() -> None:
    drawn = graph({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "a/b~c"}}})
    assert drawn.edges == (Edge("/States/A", "/States/a~1b~0c", "next"),)
    assert [(node.name, node.type) for node in drawn.nodes] == [("A", "Pass"), ("a/b~c", "Missing")]


@pytest.mark.parametrize(
    "definition",
    [
        {},
        [],
        {"StartAt": 3, "States": []},
        {
            "States": {
                "A": "no",
                "B": {"Type": 3, "Next": 5, "Catch": {}, "Choices": [1], "Retry": [2], "Branches": [3]},
            }
        },
        {"StartAt": "A", "States": {"A": {"Type": "Choice", "Choices": [{"Next": "A"}, {"Next": "A", "And": 3}]}}},
    ],
)
def test_what_is_malformed_is_left_out(definition: dict[str, object]) -> None:
    graph(definition)
