from __future__ import annotations

import xml.etree.ElementTree as ET
from itertools import combinations
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from asl.graph import Graph, graph, path_taken, to_svg
from asl.graph.layout import Scope, layout
from tests.unit.asl.graph.definitions import NESTED, STRAIGHT
from tests.unit.asl.histories import history

SVG = "{http://www.w3.org/2000/svg}"
NAMES = tuple("ABCDEFG")


def _states(svg: str) -> dict[str, str]:
    found = {element.get("data-state", ""): element.get("class", "") for element in ET.fromstring(svg).iter(f"{SVG}g")}
    found.pop("", None)
    return found


@st.composite
def machines(draw: st.DrawFn, depth: int = 2) -> dict[str, Any]:
    """Machines with all kinds of transitions, loops among them, and states within states."""
    names = NAMES[: draw(st.integers(1, len(NAMES)))]
    states: dict[str, Any] = {}
    for name in names:
        kind = draw(st.sampled_from(["Pass", "Choice", "Task", "Map" if depth else "Succeed"]))
        state: dict[str, Any] = {"Type": kind}
        if kind == "Choice":
            targets = draw(st.lists(st.sampled_from(names), max_size=3))
            state["Choices"] = [
                {"Variable": "$.a", "StringEquals": "x" * draw(st.integers(0, 40)), "Next": to} for to in targets
            ]
            state["Default"] = draw(st.sampled_from(names))
        elif kind != "Succeed":
            state["Next"] = draw(st.sampled_from(names))
            state["Catch"] = [
                {"ErrorEquals": ["E"], "Next": to} for to in draw(st.lists(st.sampled_from(names), max_size=2))
            ]
        if kind == "Map":
            state["ItemProcessor"] = draw(machines(depth - 1))
        states[name] = state
    return {"StartAt": draw(st.sampled_from(names)), "States": states}


def _scopes(scope: Scope) -> list[Scope]:
    return [scope] + [found for card in scope.cards for inner in card.inner for found in _scopes(inner)]


def test_every_state_at_every_depth_is_drawn() -> None:
    assert set(_states(to_svg(graph(NESTED)))) == {"Each", "Check", "Keep", "Both", "Left", "Right", "Mend"}


def test_the_shipped_workflow_is_drawn_in_one_straight_line_of_tasks() -> None:
    text = (Path(__file__).parents[4] / "workflows/transfer/v1.asl.json").read_text(encoding="utf-8")
    cards = {card.node.name: card for card in layout(graph(text)).cards}
    middles = {
        round(cards[name].x + cards[name].width / 2)
        for name in ("Validate", "Stage", "Transform", "Deliver", "Archive")
    }
    assert len(middles) == 1


def test_marks_tell_what_happened_at_each_state() -> None:
    events = history(
        "ExecutionStarted",
        "TaskStateEntered Fetch",
        "TaskScheduled",
        "TaskFailed Refused",
        "TaskStateExited Fetch",
        "FailStateEntered Give up",
        "ExecutionFailed",
    )
    svg = to_svg(graph(STRAIGHT), path_taken(STRAIGHT, events))
    assert _states(svg) == {
        "Fetch": "state task caught",
        "Big?": "state choice untaken",
        "Pause": "state wait untaken",
        "Done": "state pass untaken",
        "Give up": "state fail failed",
    }
    assert svg.count('class="line catch taken"') == 1


def test_names_are_escaped() -> None:
    name = """<b>"a" & 'b'</b>"""
    svg = to_svg(graph({"Comment": "<&>", "StartAt": name, "States": {name: {"Type": "Pass", "End": True}}}))
    assert list(_states(svg)) == [name]


def test_nothing_to_draw_is_an_empty_picture() -> None:
    assert ET.fromstring(to_svg(graph({}))).get("class") == "asl-graph"


@settings(max_examples=60, deadline=None)
@given(machines())
def test_no_state_covers_another_nor_a_label_nor_leaves_its_frame(machine: dict[str, Any]) -> None:
    drawn: Graph = graph(machine)
    ET.fromstring(to_svg(drawn))
    for scope in _scopes(layout(drawn)):
        boxes = [(card.x, card.y, card.x + card.width, card.y + card.height) for card in scope.cards]
        for curve in scope.curves:
            if curve.labels:
                (x, y), half = curve.middle, curve.label_width / 2
                boxes.append((x - half, y - 9 * len(curve.labels), x + half, y + 9 * len(curve.labels)))
        for left, top, right, bottom in boxes:
            assert left > -0.1 and top > -0.1 and right < scope.width + 0.1 and bottom < scope.height + 0.1
        for one, other in combinations(boxes, 2):
            apart = (
                one[2] < other[0] + 0.1 or other[2] < one[0] + 0.1 or one[3] < other[1] + 0.1 or other[3] < one[1] + 0.1
            )
            assert apart, (one, other)
