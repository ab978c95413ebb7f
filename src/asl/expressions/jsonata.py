"""JSONata in ASL: the `{% … %}` strings and the templates that hold them.

`compile_jsonata` takes the inner text of one string, `compile_jsonata_template` any JSON value of a field. The data
that their expressions are evaluated with is a `States`; `$states.context` is `scope.context()`, the workflow variables
are `scope.variables`. Failures are `QueryEvaluationError` in AWS's words, with the field's path as location
(`Output/result`, `Arguments/list[0]`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from asl.errors import QueryEvaluationError
from asl.expressions.expression import Evaluate, Expression, Scope
from asl.expressions.jsonata_engine import UNDEFINED, JsonataFailure, Program
from asl.expressions.jsonata_paths import ABSENT, States, compile_path, path_of, states_reader
from asl.json_values import compact

__all__ = [
    "ABSENT",
    "References",
    "States",
    "compact",
    "compile_jsonata",
    "compile_jsonata_template",
    "compile_typed",
    "inner_text",
    "references",
    "type_name",
]


@dataclass(frozen=True, slots=True)
class References:
    """What an expression refers to.

    `states`: the paths into `$states` as far as they are static, dotted ("input.a.b"); "" for `$states` as a whole.
    `variables`: names of workflow variables, without `$`. `top_level`: bare names (or "$$") that would be taken from an
    input, which AWS refuses: "Reference to 'x' at the top level is not supported."
    """

    states: frozenset[str]
    variables: frozenset[str]
    top_level: tuple[str, ...] = ()


def inner_text(value: Any) -> str | None:
    """The expression in a `{% … %}` string, without delimiters and the blanks around it; None for any other value."""
    if isinstance(value, str) and value.startswith("{%") and value.endswith("%}") and len(value) >= 4:
        return value[2:-2].strip()
    return None


def compile_jsonata(text: str, field: str) -> Expression:
    """The expression whose inner text is `text`, in the field at `field`. Raises `BadExpression`."""
    if path_of(text) is None:
        program = Program(text)
        if program.is_constant:
            constant = _constant(program)
            if constant is not None:
                return constant
        return Expression(_evaluation(program, field))
    engine: list[Evaluate] = []

    def fallback(data: States, scope: Scope) -> Any:
        if not engine:
            engine.append(_evaluation(Program(text), field))
        return engine[0](data, scope)

    path = compile_path(text, fallback)
    copies = 1 if text == "$states.input" or text.startswith("$states.input.") else None
    return Expression(path or fallback, copies)


def compile_typed(value: Any, field: str, expected: str) -> Expression:
    """A field that takes one type: a `{% … %}` string, or a literal, which is given as it is.

    `expected` is "array", "number", "string", "boolean" or "object". An expression that gives another type fails with
    AWS's "… returned an unexpected result type. Expected 'array', but was 'number' for value: 1". Raises
    `BadExpression`.
    """
    text = inner_text(value)
    if text is None:
        return _shared(value)
    expression = compile_jsonata(text, field)
    evaluate = expression.evaluate
    classes = _CLASSES[expected]

    def checked(data: States, scope: Scope) -> Any:
        result = evaluate(data, scope)
        if result.__class__ in classes:
            return result
        raise QueryEvaluationError(
            f"The JSONata expression '{text}' specified for the field '{field}' returned an unexpected result type. "
            f"Expected '{expected}', but was '{type_name(result)}' for value: {compact(result)}",
            field,
        )

    return Expression(checked, expression.copies, expression.constant)


def compile_jsonata_template(template: Any, field: str) -> Expression:
    """A field's JSON value in which strings `{% … %}` are expressions. Parts without expressions are shared by all
    results.
    """
    text = inner_text(template)
    if text is not None:
        return compile_jsonata(text, field)
    if isinstance(template, dict):
        parts = {key: compile_jsonata_template(value, f"{field}/{key}") for key, value in template.items()}
        return _composed(template, list(parts.items()))
    if isinstance(template, list):
        items = [compile_jsonata_template(value, f"{field}[{index}]") for index, value in enumerate(template)]
        return _composed(template, list(enumerate(items)))
    return _shared(template)


def references(text: str) -> References:
    """What the expression with this inner text refers to. Raises `BadExpression`."""
    program = Program(text)
    states: set[str] = set()
    _collect(program.states, "", states)
    return References(frozenset(states), program.variables, program.top_level)


def type_name(value: Any) -> str:
    """The JSON type of a value in AWS's words."""
    for name, classes in _CLASSES.items():
        if value.__class__ in classes:
            return name
    return "null"


_CLASSES: dict[str, tuple[type, ...]] = {
    "array": (list,),
    "number": (int, float),
    "string": (str,),
    "boolean": (bool,),
    "object": (dict,),
}


def _evaluation(program: Program, field: str) -> Evaluate:
    """The evaluation in the full engine."""
    run = program.evaluate
    tells_time = program.tells_time
    states_of = states_reader(program.states)
    said = f"The JSONata expression '{program.text}' specified for the field '{field}'"

    def evaluate(data: States, scope: Scope) -> Any:
        try:
            states, now = states_of(data, scope), scope.now() if tells_time else None
            value = run(states, scope.variables, scope.randomness, now)
        except JsonataFailure as failure:
            raise QueryEvaluationError(f"{said} threw an error during evaluation{failure}", field) from failure
        if value is UNDEFINED:
            raise QueryEvaluationError(f"{said} returned nothing (undefined).", field)
        return value

    return evaluate


def _constant(program: Program) -> Expression | None:
    """The expression's value as a constant; None if it has none, so that it fails at each evaluation."""
    try:
        value = program.evaluate(None, {}, None)  # type: ignore[arg-type]  # a constant draws no random numbers
    except JsonataFailure:
        return None
    return None if value is UNDEFINED else _shared(value)


def _shared(value: Any) -> Expression:
    return Expression(_Shared(value), 0, len(compact(value).encode()))


class _Shared:
    """The evaluation of a part without expressions: always the same object."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __call__(self, _data: Any, _scope: Scope) -> Any:
        return self.value


def _composed(template: Any, parts: list[tuple[Any, Expression]]) -> Expression:
    """An object or array of parts; `parts` are its keys or indexes with what stands there."""
    moving = [(key, part.evaluate) for key, part in parts if not isinstance(part.evaluate, _Shared)]
    still = template.copy()
    for key, part in parts:
        if isinstance(part.evaluate, _Shared):
            still[key] = part.evaluate.value
    if not moving:
        return _shared(still)
    copies = [part.copies for _, part in parts]
    bound = None if None in copies else sum(copy for copy in copies if copy is not None)
    overhead = len(compact(dict.fromkeys(template)).encode()) if isinstance(template, dict) else 2 + 2 * len(template)
    return Expression(_filled(still, moving), bound, overhead + sum(part.constant for _, part in parts))


def _filled(still: Any, moving: list[tuple[Any, Callable[[Any, Scope], Any]]]) -> Evaluate:
    if len(moving) == 1:
        ((key, evaluate),) = moving

        def one(data: Any, scope: Scope) -> Any:
            filled = still.copy()
            filled[key] = evaluate(data, scope)
            return filled

        return one

    def several(data: Any, scope: Scope) -> Any:
        filled = still.copy()
        for key, evaluate in moving:
            filled[key] = evaluate(data, scope)
        return filled

    return several


def _collect(read: Any, path: str, found: set[str]) -> None:
    """Add the dotted paths of what jlens says is read."""
    if read is None:
        return
    if read is True or not read:
        found.add(path)
        return
    for name, below in read.items():
        _collect(below, f"{path}.{name}" if path else name, found)
