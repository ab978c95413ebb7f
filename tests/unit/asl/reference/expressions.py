"""Random paths, intrinsic calls, templates, choice rules and JSONata expressions that are valid by construction.

They mostly fit the input that `inputs` makes (`a` … anything, `n` a number, `s` a text, `t` a timestamp, `items` an
array, `b` an object), and sometimes do not: then the state fails.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from hypothesis import strategies as st

TEXTS = st.text(max_size=6)
PLAIN_FLOATS = st.sampled_from([0.5, 2.5, -1.5, 100.25, 2.0])
"""Floats that Java and Python print alike."""

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-100, 100),
    st.integers(),
    PLAIN_FLOATS,
    TEXTS,
    st.sampled_from(["é", "x", "日本"]),
)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=6
)
TIMESTAMPS = st.sampled_from(["2025-01-01T00:00:07Z", "2024-02-29T12:00:00.5Z", "2025-01-01T00:01:00Z"])
ITEMS = st.lists(st.fixed_dictionaries({"n": st.integers(0, 5)}, optional={"a": SCALARS}) | SCALARS, max_size=4)


@cache
def inputs() -> st.SearchStrategy[Any]:
    """An execution's input: mostly what the expressions expect, now and then any JSON value."""
    expected = st.fixed_dictionaries(
        {
            "a": JSON,
            "n": st.integers(0, 9) | PLAIN_FLOATS,
            "s": TEXTS | st.sampled_from(["x", "a,b", "[1, 2]"]),
            "t": TIMESTAMPS,
            "items": ITEMS,
            "b": st.dictionaries(st.sampled_from(["c", "d", "ключ"]), JSON, max_size=2),
        },
        optional={"a b": SCALARS},
    )
    return st.integers(0, 9).flatmap(lambda chance: expected if chance < 9 else JSON)


# ---- JSONPath ----------------------------------------------------------------------------------

DEFINITE = [
    "$",
    "$.a",
    "$.n",
    "$.s",
    "$.b",
    "$.b.c",
    "$.items",
    "$.items[0]",
    "$.items[0].n",
    "$.items[-1]",
    "$['a b']",
]
INDEFINITE = ["$.items[*].n", "$.items[0:2]", "$.items[1:]", "$..n", "$.b.*", "$.items[0,1]", "$.items.length()"]
CONTEXT = ["$$.State.Name", "$$.Execution.Input", "$$.Execution.StartTime", "$$.State.EnteredTime"]
VARIABLES = ["$x", "$y", "$x.n", "$x[0]"]
MISSING = ["$.missing", "$.b.missing.more", "$.items[9]"]

paths = st.sampled_from(DEFINITE * 8 + INDEFINITE * 4 + CONTEXT * 2 + VARIABLES + MISSING)
reference_paths = st.sampled_from(DEFINITE * 3 + ["$.missing"])
result_paths = st.sampled_from(["$", None, "$.r", "$.r.deep", "$.b.new", "$.items[0]", "$['a b']", "$.n.no"])


def literal(value: Any) -> str:
    """As an argument of an intrinsic function."""
    if isinstance(value, str):
        return f"'{value}'"
    return json.dumps(value)


WORDS = st.sampled_from(["x", "a-b", "", "é", "1"])
numbers = st.sampled_from(["$.n", "$.items[0].n", "0", "3", "-2", "2.5", "$.s", "$.missing"])
arrays = st.sampled_from(
    ["$.items", "$..n", "$.items[*].n", "States.Array(1, 'x', $.n)", "States.ArrayRange(1, 5, 2)", "$.a"]
)
strings = st.sampled_from(["$.s", "'a,b c'", "'x'", "$$.State.Name", "$.n"])
values = st.one_of(
    paths.filter(lambda path: path != "$$.Execution.Input"), WORDS.map(literal), st.integers(-5, 5).map(str)
)


def call(name: str, *arguments: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*arguments).map(lambda given: f"States.{name}({', '.join(given)})")


intrinsics: st.SearchStrategy[str] = st.one_of(
    call("Format", st.sampled_from(["'{}'", "'<{}>'", "'{} {}'", "'é'"]), values),
    call("Format", st.just("'{}-{}'"), values, numbers),
    call("MathAdd", numbers, numbers),
    call("MathRandom", numbers, st.sampled_from(["10", "$.n"])),
    call("Array", values, values),
    call("ArrayLength", arrays),
    call("ArrayContains", arrays, values),
    call("ArrayGetItem", arrays, numbers),
    call("ArrayPartition", arrays, numbers),
    call("ArrayRange", numbers, numbers, numbers),
    call("StringSplit", strings, st.sampled_from(["','", "', '", "'x'"])),
    call(
        "JsonMerge", st.sampled_from(["$", "$.b"]), st.sampled_from(["$.b", "$.a"]), st.sampled_from(["false", "true"])
    ),
    call("JsonToString", st.sampled_from(["$.b", "$.n", "$.items"])),
    call("StringToJson", st.sampled_from(["'[1, {}]'", "$.s", "'{}'", "'nul'"])),
    call("Base64Encode", strings),
    call("Base64Decode", st.sampled_from(["'aGk='", "States.Base64Encode($.s)"])),
    call("Hash", strings, st.sampled_from(["'SHA-256'", "'MD5'", "'CRC'"])),
)

members = st.sampled_from(["a", "n", "s", "items", "b", "new"])


@cache
def templates(depth: int = 1) -> st.SearchStrategy[dict[str, Any]]:
    """A payload template: constants, paths and calls."""
    moving = st.tuples(members.map(lambda name: f"{name}.$"), st.one_of(paths, intrinsics))
    still = st.tuples(members, SCALARS)
    entries = [moving, moving, still]
    if depth:
        entries.append(st.tuples(members, templates(depth - 1) | st.lists(templates(depth - 1), max_size=2)))
    return st.lists(st.one_of(*entries), max_size=3).map(one_name_each)


def one_name_each(entries: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, tuple[str, Any]] = {}
    for key, value in entries:
        found[key.removesuffix(".$")] = (key, value)
    return dict(found.values())


@cache
def assignments() -> st.SearchStrategy[dict[str, Any]]:
    moving = st.tuples(st.sampled_from(["x.$", "y.$"]), st.one_of(paths, intrinsics))
    still = st.tuples(st.sampled_from(["x", "y"]), SCALARS)
    return st.lists(moving | still, min_size=1, max_size=2).map(one_name_each)


COMPARANDS: dict[str, st.SearchStrategy[Any]] = {
    "String": WORDS,
    "Numeric": st.integers(0, 9) | PLAIN_FLOATS,
    "Boolean": st.booleans(),
    "Timestamp": TIMESTAMPS,
}
ORDERS = ["Equals", "LessThan", "GreaterThan", "LessThanEquals", "GreaterThanEquals"]
variables = st.sampled_from(["$.a", "$.n", "$.s", "$.t", "$.b.c", "$.items[0].n", "$x", "$$.State.Name", "$.missing"])


@st.composite
def comparisons(draw: st.DrawFn) -> dict[str, Any]:
    variable = draw(variables)
    form = draw(st.sampled_from(["constant", "path", "is", "matches"]))
    if form == "is":
        kind = draw(st.sampled_from(["Null", "Present", "Numeric", "String", "Boolean", "Timestamp"]))
        return {"Variable": variable, f"Is{kind}": draw(st.booleans())}
    if form == "matches":
        return {"Variable": variable, "StringMatches": draw(st.sampled_from(["*", "x*", "*,*", "a*b", "é"]))}
    kind = draw(st.sampled_from(sorted(COMPARANDS)))
    order = "Equals" if kind == "Boolean" else draw(st.sampled_from(ORDERS))
    if form == "path":
        return {"Variable": variable, f"{kind}{order}Path": draw(variables)}
    return {"Variable": variable, f"{kind}{order}": draw(COMPARANDS[kind])}


rules: st.SearchStrategy[dict[str, Any]] = st.recursive(
    comparisons(),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=2).map(lambda parts: {"And": parts}),
        st.lists(inner, min_size=1, max_size=2).map(lambda parts: {"Or": parts}),
        inner.map(lambda part: {"Not": part}),
    ),
    max_leaves=3,
)

# ---- JSONata -----------------------------------------------------------------------------------

EXPRESSIONS = [
    "$states.input",
    "$states.input.a",
    "$states.input.b.c",
    "$states.input.items[0]",
    "$states.input.items.n",
    "$states.input.items",
    "$states.input.n + 1",
    "$states.input.n",
    "$states.input.s & '!'",
    "$uppercase($states.input.s)",
    "$count($states.input.items)",
    "$sum($states.input.items.n)",
    "$map($states.input.items, function($item) {$item})",
    "$filter($states.input.items, function($item) {$item.n > 1})",
    "$exists($states.input.b) ? 1 : 'no'",
    "$merge([$states.input.b, {'new': $states.input.n}])",
    "{'a': $states.input.a, 'n': 5}",
    "[1, 2, 3]",
    "null",
    "$keys($states.input.b)",
    "$type($states.input.a)",
    "$states.context.State.Name",
    "$states.context.Execution.Input.n",
    "$x",
    "$x.n",
    "$y",
    "($y := 2; $y * $states.input.n)",
    "$states.input.missing",
    "$states.input.`a b`",
    "$number($states.input.s)",
]
CONDITIONS = [
    "$states.input.n > 1",
    "$states.input.n = 5",
    "$exists($states.input.a)",
    "$count($states.input.items) > 1 and $states.input.s != 'x'",
    "$states.input.s = 'x'",
    "true",
    "false",
    "$x = 1",
    "$states.input.n",
]


@cache
def expression(*texts: str) -> st.SearchStrategy[str]:
    return st.sampled_from(texts).map(lambda text: "{% " + text + " %}")


@cache
def jsonata_values(result: str | None = None) -> st.SearchStrategy[Any]:
    """A field's value; `result` is the member of `$states` that it knows besides the input."""
    known = (
        [] if result is None else [f"$states.{result}", f"[$states.{result}, $states.input.n]", f"$states.{result}[0]"]
    )
    single = expression(*EXPRESSIONS, *known * 4)
    return st.one_of(
        single,
        st.dictionaries(members, single | SCALARS.filter(is_no_expression), min_size=1, max_size=3),
        st.lists(single, min_size=1, max_size=2),
    )


@cache
def jsonata_assignments(result: str | None = None) -> st.SearchStrategy[dict[str, Any]]:
    known = [] if result is None else [f"$states.{result}"]
    return st.dictionaries(st.sampled_from(["x", "y"]), expression(*EXPRESSIONS, *known * 4), min_size=1)


def is_no_expression(value: Any) -> bool:
    return not (isinstance(value, str) and value.startswith("{%"))
