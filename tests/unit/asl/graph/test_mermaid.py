from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from asl.graph import graph, path_taken, to_mermaid
from tests.unit.asl.graph.definitions import NESTED, STRAIGHT
from tests.unit.asl.histories import history

LINE = re.compile(
    r'flowchart TD|\s+start\d+\(\(\( \)\)\)|\s+end|\s+subgraph s\d+(b\d+)?\["[^"]*"\]'
    r'|\s+s\d+(\[|\(|\(\[|\{|>)"[^"]*"(\]|\)|\]\)|\})'
    r'|\s+(s|start)\d+ (-->|-\.->)(\|"[^"]*"\|)? s\d+'
    r"|\s+linkStyle [\d,]+ [\w:#,-]+|\s+classDef \w+ [\w:#,-]+|\s+class [s\d,]+ \w+"
)


def test_a_machine_is_a_flowchart_with_catchers_dashed() -> None:
    assert to_mermaid(graph(STRAIGHT)) == (
        "flowchart TD\n"
        "    start0((( )))\n"
        '    s0["Fetch<br/>Task · lambda:invoke.waitForTaskToken<br/>↻ Busy ×5, States.ALL ×3"]\n'
        '    s1{"Big?<br/>Choice"}\n'
        '    s2("Pause<br/>Wait · 30 s")\n'
        '    s3("Done<br/>Pass")\n'
        '    s4(["Give up<br/>Fail · Refused"])\n'
        "    start0 --> s0\n"
        "    s0 --> s1\n"
        '    s0 -.->|"Refused, Late"| s4\n'
        '    s1 -->|"size #gt; 5"| s2\n'
        '    s1 -->|"not size is present"| s4\n'
        '    s1 -->|"otherwise"| s3\n'
        "    s2 --> s0\n"
    )


def test_branches_are_subgraphs_within_subgraphs() -> None:
    text = to_mermaid(graph(NESTED))
    assert '    subgraph s1["Both · Parallel · 2 branches"]\n        subgraph s1b0[" "]\n            start' in text
    assert text.count("subgraph") == text.count("\n    end") + text.count("\n        end") == 4


def test_the_way_taken_is_thick_and_the_states_are_marked() -> None:
    events = history("ExecutionStarted", "TaskStateEntered Fetch", "TaskStateExited Fetch", "ChoiceStateEntered Big?")
    text = to_mermaid(graph(STRAIGHT), path_taken(STRAIGHT, events))
    assert "    linkStyle 0,1 stroke" in text
    assert '"✓ Fetch' in text
    assert "    class s1 current\n" in text


@given(name=st.text(min_size=1, max_size=80), error=st.text(max_size=20))
def test_any_name_gives_valid_lines(name: str, error: str) -> None:
    state = {"Type": "Task", "Resource": name, "Catch": [{"ErrorEquals": [error], "Next": name}], "Next": "x"}
    for line in to_mermaid(graph({"StartAt": name, "States": {name: state}})).removesuffix("\n").split("\n"):
        assert LINE.fullmatch(line), line
