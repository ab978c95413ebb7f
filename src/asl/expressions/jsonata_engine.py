"""The only module that knows jlens, the JSONata library.

A `Program` is one expression, compiled for evaluation with `$states` and the workflow variables. jlens converts
bindings whole at each evaluation but reads its input only as far as the expression reaches, so a program gives it the
input `{"states": …, "x": …}` and takes `$states`, `$x` … from there in a prelude. An expression that looks at the input
itself (`$`, `$$`, bare names), of which AWS has none, is evaluated with plain bindings and no input.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

from asl.errors import BadExpression
from asl.expressions.expression import Randomness
from asl.expressions.jsonata_functions import SIGNATURES, FunctionRefusal, host_functions

UNDEFINED: Any = type("Undefined", (), {"__repr__": lambda _: "UNDEFINED"})()
"""What an expression gives that gives nothing; null is None."""

_NAME = re.compile(r"\$([A-Za-z_]\w*)")
_HEAVY = re.compile(r"function|λ|\.\.|\$pad|\$replace")
"""Only an expression with one of these can run for ever, or make much out of little."""
_LIMITS = {
    "max_steps": 20_000_000,  # about a second
    "max_array_length": 873_782,  # measured by others on AWS: [1..873782] is accepted, [1..873783] refused
    "max_string_length": 1 << 22,  # 2^22 characters are accepted, 2^23 refused
}
_PARSE = "$parse:=function($s)<s:x>{$__parse($s).v};"


class JsonataFailure(Exception):
    """An evaluation failed. The message ends AWS's sentence "… threw an error during evaluation"."""


class Program:
    """One compiled expression. Safe to use from several threads.

    Raises `BadExpression`, with JSONata's error code and message, if the text is no expression.
    """

    __slots__ = (
        "_bound",
        "_draws",
        "_exact",
        "_looks_at_input",
        "_mentioned",
        "_reads",
        "_run",
        "_shadowable",
        "_variables",
        "tells_time",
        "text",
    )

    def __init__(self, text: str) -> None:
        self.text = text
        jlens = _jlens()
        try:
            raw = jlens.Expression(text)
        except jlens.JlensError as error:
            raise BadExpression(f"{error.code}: {error}", text, error.start) from error
        except UnicodeEncodeError as error:
            raise BadExpression("S0101: A lone surrogate is no character", text, error.start) from error
        self._mentioned = frozenset(_NAME.findall(text))
        self._reads = raw.reads(dict.fromkeys(self._mentioned & SIGNATURES.keys(), _unused))
        self._variables = frozenset(self._reads["bindings"]).difference(SIGNATURES, ("states",))
        self._shadowable = self._mentioned - self._variables - {"states"}
        self._draws = not self._mentioned.isdisjoint(("random", "uuid"))
        self.tells_time = not self._mentioned.isdisjoint(("now", "millis"))
        self._looks_at_input = "input" in self._reads or "everyBinding" in self._reads
        self._run: Any = self._first_run
        self._exact: Any = None
        self._bound: Any = None

    @property
    def variables(self) -> frozenset[str]:
        """The names of the workflow variables that it reads, without `$`."""
        return self._variables

    @property
    def states(self) -> Any:
        """What it reads of `$states`: nothing (None), all (True), or a dict by members of the same again."""
        return True if "everyBinding" in self._reads else self._reads["bindings"].get("states")

    @property
    def top_level(self) -> tuple[str, ...]:
        """The bare names that it takes from the input, which AWS does not have; `$$` where it takes it whole."""
        read = self._reads.get("input", {})
        return ("$$",) if read is True else tuple(read)

    @property
    def is_constant(self) -> bool:
        """Whether its value is the same at every evaluation."""
        return "$" not in self.text and "input" not in self._reads and _HEAVY.search(self.text) is None

    def evaluate(
        self,
        states: Mapping[str, Any] | None,
        variables: Mapping[str, Any],
        randomness: Randomness,
        now: float | None = None,
    ) -> Any:
        """The value, or UNDEFINED. `states` holds the members that it reads. Raises `JsonataFailure`.

        `now` (seconds since the epoch) is for an expression that `tells_time`.
        """
        try:
            if self._looks_at_input or (self._shadowable and not self._shadowable.isdisjoint(variables)):
                _running.randomness = randomness
                return self._evaluate_bound(states, variables, now)
            given = self._input(states, variables) if self._variables else states
            if self._draws or self.tells_time:
                _running.randomness = randomness  # and no second evaluation, which would draw again
                return self._evaluate_exactly(given, **_moment(now))
            value = self._run(given)
            return self._evaluate_exactly(given) if value is None else value
        except FunctionRefusal as refusal:
            raise JsonataFailure(f". {refusal.code}: {refusal.message}") from refusal
        except _jlens().JlensError as error:
            raise JsonataFailure(_ending(error)) from error

    def _first_run(self, given: Any) -> Any:
        """Compile for evaluation with an input, at the first one: most of a definition's expressions wait for it."""
        self._run = self._compiled(f"({self._prelude()}({self.text}))")
        return self._run(given)

    def _evaluate_exactly(self, given: Any, **moment: int) -> Any:
        """The value with null told from nothing, both of which the library gives as None."""
        if self._exact is None:
            self._exact = self._compiled(f"{{'v':({self._prelude()}({self.text}))}}")
        return self._exact(given, **moment).get("v", UNDEFINED)

    def _evaluate_bound(self, states: Mapping[str, Any] | None, variables: Mapping[str, Any], now: float | None) -> Any:
        bindings = {name: variables[name] for name in self._mentioned if name in variables}
        if "eval" in self._mentioned:
            bindings.setdefault("eval", None)  # Step Functions has no $eval
        if "states" in self._mentioned:
            bindings["states"] = states
        hidden = frozenset(bindings)
        if self._bound is None or self._bound[0] != hidden:
            self._bound = hidden, self._compiled(f"{{'v':({self._functions(hidden)}({self.text}))}}", hidden)
        try:
            return self._bound[1](None, bindings, **_moment(now)).get("v", UNDEFINED)
        except (TypeError, ValueError) as error:  # a number beyond those of JSONata, a value nested too deeply
            raise JsonataFailure(f": {error}") from error

    def _input(self, states: Mapping[str, Any] | None, variables: Mapping[str, Any]) -> Any:
        """What the prelude finds its values in, for an expression that reads variables."""
        given = {name: variables[name] for name in self._variables if name in variables}
        if states is not None:
            given["states"] = states
        return given

    def _prelude(self) -> str:
        taken = "".join(f"${name}:=$$.{name};" for name in self._variables)
        if self.states is not None:
            taken += "$states:=$$.states;" if self._variables else "$states:=$$;"
        return taken + self._functions(frozenset())

    def _functions(self, hidden: frozenset[str]) -> str:
        return _PARSE if "parse" in self._mentioned - hidden else ""

    def _compiled(self, source: str, hidden: frozenset[str] = frozenset()) -> Callable[..., Any]:
        expression = _jlens().Expression(source)
        for name, function in _functions().items():
            if name in self._mentioned and name not in hidden:
                registered = f"__{name}" if name == "parse" else name
                expression.register_function(registered, function, SIGNATURES[name])
        return partial(expression.evaluate, **_LIMITS) if _HEAVY.search(self.text) else expression.evaluate


def _moment(now: float | None) -> dict[str, int]:
    """The library's argument for the time of `$now` and `$millis`."""
    return {} if now is None else {"now": round(now * 1000)}


class _Running(threading.local):
    randomness: Randomness


_running = _Running()


@cache
def _functions() -> dict[str, Callable[..., Any]]:
    return host_functions(lambda: _running.randomness)


@cache
def _jlens() -> Any:
    import jlens  # here, for it takes as long as the rest of the package

    return jlens


def _unused(*_: Any) -> None:
    raise NotImplementedError


def _ending(error: Any) -> str:
    """How AWS ends the sentence: with the code and message, or for an exceeded bound with words and no code."""
    if error.code == "U1001":
        return ": Expression evaluation memory limit exceeded: Check for excessive memory usage"
    if error.code == "D1011":
        return (
            ": Stack overflow error: Check for non-terminating recursive function."
            " Consider rewriting as tail-recursive."
        )
    if error.code in ("D1012", "U1006"):
        return ": Expression evaluation timeout: Check for infinite loop"
    return f". {error.code}: {error}"
