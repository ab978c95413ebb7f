"""Random state machines that are valid by construction: they end, every state is reachable, every name is there."""

from __future__ import annotations

from functools import cache
from typing import Any

from hypothesis import strategies as st

from tests.unit.asl.reference import expressions as exp
from tests.unit.asl.reference.tasks import JOB, LAMBDA, QUEUE

State = dict[str, Any]
NAMES = ["Step", "Schritt/", "~ ", "状態"]
FUNCTIONS = ["echo-1", "echo-1", "fail-Custom", "fail-States.Timeout", "flaky-1", "flaky-2", "slow-4", "later-fail-2"]
ERRORS = [
    ["States.ALL"],
    ["Custom"],
    ["States.TaskFailed"],
    ["Flaky", "Late"],
    ["States.Timeout"],
    ["States.QueryEvaluationError"],
]
KEPT = "{% $merge([$states.input, {'r': $states.result}]) %}"
KINDS = ["Pass", "Pass", "Task", "Task", "Choice", "Wait", "Parallel", "Map"]
DEEPEST = 2


def definitions() -> st.SearchStrategy[State]:
    """A whole machine, in JSONPath with some states in JSONata, or all in JSONata."""
    return st.sampled_from(["JSONPath", "JSONata"]).flatmap(_machines)


@st.composite
def _machines(draw: st.DrawFn, language: str) -> State:
    machine = draw(blocks(language, 0, ""))
    if language == "JSONata":
        machine["QueryLanguage"] = language
    if draw(st.integers(0, 7)) == 5:
        machine["TimeoutSeconds"] = draw(st.integers(1, 12))
    return machine


@st.composite
def blocks(draw: st.DrawFn, language: str, depth: int, prefix: str) -> State:
    """A set of states, each of which leads to later ones only."""
    number = draw(st.integers(1, 4 - depth))
    names = [f"{draw(st.sampled_from(NAMES))}{prefix}{index}" for index in range(number)]
    states = {}
    for index, name in enumerate(names):
        local = draw(st.sampled_from(["JSONPath", "JSONPath", "JSONata"])) if language == "JSONPath" else language
        state = draw(_states(local, names[index + 1 :], depth, f"{prefix}{index}.", language))
        if local != language:
            state["QueryLanguage"] = local
        states[name] = state
    return {"StartAt": names[0], "States": states}


@st.composite
def _states(draw: st.DrawFn, language: str, later: list[str], depth: int, prefix: str, machine: str) -> State:
    if not later and draw(st.integers(0, 4)) == 3:
        return draw(_endings(language))
    kind = draw(st.sampled_from(KINDS[:-2] if depth == DEEPEST else KINDS))
    if kind == "Choice" and not later:
        kind = "Pass"
    state: State = {"Type": kind}
    if kind != "Choice":
        state |= {"Next": later[0]} if later else {"End": True}
        state |= draw(_flow(language, kind))
    state |= draw(_WORKS[kind](language, later, depth, prefix, machine))
    if kind in ("Task", "Parallel", "Map"):
        state |= draw(_error_handling(language, later))
    return state


@st.composite
def _endings(draw: st.DrawFn, language: str) -> State:
    if draw(st.booleans()):
        return {"Type": "Succeed", **draw(_flow(language, "Succeed"))}
    state: State = {"Type": "Fail", **draw(_maybe(Error=st.sampled_from(["Custom", "Own.Error"]), Cause=exp.WORDS))}
    if draw(st.booleans()):
        state.pop("Error", None)
        if language == "JSONata":
            state["Error"] = draw(exp.expression("$states.input.s", "'E' & $states.input.n", "$states.input.n"))
        else:
            state["ErrorPath"] = draw(st.sampled_from(["$.s", "$.n", "$.missing", "States.Format('E{}', $.n)"]))
    return state


def _maybe(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[State]:
    return st.fixed_dictionaries({}, optional=fields)


def _rarely(fields: st.SearchStrategy[State]) -> st.SearchStrategy[State]:
    """Some of the fields in one state of three, so that data often reaches the later states as they expect it."""
    return st.one_of(st.just({}), st.just({}), fields)


# ---- data flow ---------------------------------------------------------------------------------


@cache
def _flow(language: str, kind: str) -> st.SearchStrategy[State]:
    """The fields between input and output. A result is mostly put beside the input, or little of it would be left."""
    works = kind in ("Task", "Parallel", "Map")
    if language == "JSONata":
        result = "result" if works else None
        fields = {"Output": exp.jsonata_values(result)}
        if kind != "Succeed":
            fields["Assign"] = exp.jsonata_assignments(result)
        kept = st.just({"Output": KEPT})
    else:
        fields = {"InputPath": exp.paths | st.none(), "OutputPath": exp.paths | st.none()} | _jsonpath_fields(
            kind, works
        )
        kept = st.just({"ResultPath": "$.r"})
    return st.one_of(kept, kept, _maybe(**fields)) if works else _rarely(_maybe(**fields))


def _jsonpath_fields(kind: str, works: bool) -> dict[str, st.SearchStrategy[Any]]:
    fields: dict[str, st.SearchStrategy[Any]] = {}
    if kind not in ("Succeed", "Choice"):
        fields["Assign"] = exp.assignments()
    if works or kind == "Pass":
        fields["ResultPath"] = exp.result_paths
    if works:
        fields["ResultSelector"] = exp.templates()
    if kind in ("Pass", "Task", "Parallel"):
        fields["Parameters"] = exp.templates()
    if kind == "Pass":
        fields["Result"] = exp.JSON
    return fields


@st.composite
def _error_handling(draw: st.DrawFn, language: str, later: list[str]) -> State:
    state: State = {}
    if draw(st.booleans()):
        state["Retry"] = _all_last(draw(st.lists(_retriers(), min_size=1, max_size=2)))
    if later and draw(st.booleans()):
        state["Catch"] = _all_last(draw(st.lists(_catchers(language, later), min_size=1, max_size=2)))
    return state


def _all_last(entries: list[State]) -> list[State]:
    """States.ALL may stand only in the last entry."""
    *first, last = entries
    return [*(entry for entry in first if entry["ErrorEquals"] != ["States.ALL"]), last]


@cache
def _retriers() -> st.SearchStrategy[State]:
    return st.fixed_dictionaries(
        {"ErrorEquals": st.sampled_from(ERRORS)},
        optional={
            "IntervalSeconds": st.integers(1, 5),
            "MaxAttempts": st.integers(0, 3),
            "BackoffRate": st.sampled_from([1, 1.5, 2.0]),
            "MaxDelaySeconds": st.integers(6, 8),
            "JitterStrategy": st.sampled_from(["FULL", "NONE"]),
        },
    )


@st.composite
def _catchers(draw: st.DrawFn, language: str, later: list[str]) -> State:
    catcher = {"ErrorEquals": draw(st.sampled_from(ERRORS)), "Next": draw(st.sampled_from(later))}
    return catcher | draw(_catcher_fields(language))


@cache
def _catcher_fields(language: str) -> st.SearchStrategy[State]:
    if language == "JSONata":
        fields = {"Output": exp.jsonata_values("errorOutput"), "Assign": exp.jsonata_assignments("errorOutput")}
    else:
        assigned = st.sampled_from([{"x.$": "$.Error"}, {"y.$": "$"}, {"x": 1}, {"x.$": "$.missing"}])
        fields = {"ResultPath": st.sampled_from([None, "$.caught", "$"]), "Assign": assigned}
    return _maybe(**fields)


# ---- the work of each type ---------------------------------------------------------------------


def _pass(*_: Any) -> st.SearchStrategy[State]:
    return st.just({})


@st.composite
def _task(draw: st.DrawFn, language: str, *_: Any) -> State:
    state: State = {"Resource": draw(st.sampled_from([f"{LAMBDA}{name}" for name in FUNCTIONS] * 2 + [QUEUE, JOB]))}
    if language == "JSONata" and draw(st.booleans()):
        state["Arguments"] = draw(exp.jsonata_values())
    if state["Resource"] == QUEUE:
        state |= _parameters(language, {"QueueUrl": "q", "MessageBody": {"Token": "token"}})
        state |= draw(_maybe(HeartbeatSeconds=st.sampled_from([1, 2])))
    elif state["Resource"] == JOB:
        state |= _parameters(language, {"StateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:Other"})
    return state | draw(_maybe(TimeoutSeconds=st.integers(3, 5)))


def _parameters(language: str, value: State) -> State:
    return {"Arguments": value} if language == "JSONata" else {"Parameters": value}


@st.composite
def _choice(draw: st.DrawFn, language: str, later: list[str], *_: Any) -> State:
    """One rule or two, to any of the later states; the Default leads on, so that all states are reachable."""
    choices = []
    for _number in range(draw(st.integers(1, 2))):
        if language == "JSONata":
            rule = {"Condition": draw(exp.expression(*exp.CONDITIONS))}
            rule |= draw(_choice_fields(language))
        else:
            rule = draw(exp.rules) | draw(_choice_fields(language))
        choices.append({**rule, "Next": draw(st.sampled_from(later))})
    if draw(st.integers(0, 6)) == 4:
        choices[0]["Next"] = later[0]
        return {"Choices": choices}
    return {"Choices": choices, "Default": later[0]} | (
        draw(_flow(language, "Choice")) if language == "JSONata" else {}
    )


@cache
def _choice_fields(language: str) -> st.SearchStrategy[State]:
    if language == "JSONata":
        return _rarely(_maybe(Output=exp.jsonata_values(), Assign=exp.jsonata_assignments()))
    return _rarely(_maybe(Assign=exp.assignments()))


@st.composite
def _wait(draw: st.DrawFn, language: str, *_: Any) -> State:
    if language == "JSONata":
        texts = exp.expression("$states.input.n", "3", "$states.input.s", "-1")
        return draw(st.fixed_dictionaries({"Seconds": st.integers(0, 9) | texts}))
    return draw(
        st.one_of(
            st.fixed_dictionaries({"Seconds": st.integers(0, 9)}),
            st.fixed_dictionaries({"SecondsPath": st.sampled_from(["$.n", "$.items[0].n", "$.s", "$.missing"])}),
            st.fixed_dictionaries({"Timestamp": exp.TIMESTAMPS}),
            st.fixed_dictionaries({"TimestampPath": st.sampled_from(["$.t", "$.s"])}),
        )
    )


@st.composite
def _parallel(draw: st.DrawFn, _language: str, _later: list[str], depth: int, prefix: str, machine: str) -> State:
    number = draw(st.integers(1, 3))
    return {"Branches": [draw(blocks(machine, depth + 1, f"{prefix}{index}.")) for index in range(number)]}


@st.composite
def _map(draw: st.DrawFn, language: str, _later: list[str], depth: int, prefix: str, machine: str) -> State:
    state: State = {"ItemProcessor": draw(blocks(machine, depth + 1, prefix))}
    if language == "JSONata":
        items = exp.expression("$states.input.items", "[1, 2, 3]", "$states.input.a") | st.just(
            [1, "{% $states.input.n %}"]
        )
        selector = exp.expression("$states.context.Map.Item.Value", "$states.context.Map.Item.Index", "$states.input")
        state |= draw(
            st.fixed_dictionaries({"Items": items}, optional={"ItemSelector": st.dictionaries(exp.members, selector)})
        )
    else:
        given = st.sampled_from(["$$.Map.Item.Value", "$$.Map.Item.Index", "$.n", "$.missing", "$"])
        selector = st.dictionaries(exp.members.map(lambda name: f"{name}.$"), given, min_size=1, max_size=2)
        state["ItemsPath"] = draw(st.sampled_from(["$.items", "$.items", "$.items", "$.a", "$.missing"]))
        state |= draw(_maybe(ItemSelector=selector))
    if depth == 0 and draw(st.integers(0, 4)) == 3:
        state["ItemProcessor"]["ProcessorConfig"] = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
        batcher = st.fixed_dictionaries({"MaxItemsPerBatch": st.integers(1, 3)})
        return state | draw(_maybe(ToleratedFailureCount=st.integers(0, 2), ItemBatcher=batcher))
    return state | draw(_maybe(MaxConcurrency=st.integers(0, 2)))


_WORKS = {"Pass": _pass, "Task": _task, "Choice": _choice, "Wait": _wait, "Parallel": _parallel, "Map": _map}
