"""Makes states out of their definitions. What comes in has been validated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from asl.states.choice import compile_choice
from asl.states.error_handling import compile_catchers, compile_retriers
from asl.states.fail import compile_fail
from asl.states.map import compile_map
from asl.states.parallel import compile_parallel
from asl.states.pass_ import compile_pass
from asl.states.state import END, Block, State
from asl.states.succeed import compile_succeed
from asl.states.task import compile_task
from asl.states.wait import compile_wait


def compile_block(definition: Mapping[str, Any], place: str, language: str) -> Block:
    """The states of a machine, branch or item processor. `place` is its JSON pointer, `language` its QueryLanguage."""
    block = Block(place, {}, END)
    states = {
        name: State(name, spec["Type"], f"{place}/States/{_escaped(name)}", block)
        for name, spec in definition["States"].items()
    }
    block.states, block.start = states, states[definition["StartAt"]]
    for name, spec in definition["States"].items():
        _compile_state(states[name], spec, states, spec.get("QueryLanguage", language), language)
    return block


def _escaped(name: str) -> str:
    """A name as a part of a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")


def _compile_state(
    state: State, spec: Mapping[str, Any], states: Mapping[str, State], language: str, inherited: str
) -> None:
    jsonata = language == "JSONata"
    state.next = states[spec["Next"]] if "Next" in spec else END
    state.retriers = compile_retriers(spec)
    state.catchers = compile_catchers(spec, states, jsonata)
    match state.type:
        case "Pass":
            compile_pass(state, spec, jsonata)
        case "Task":
            compile_task(state, spec, jsonata)
        case "Choice":
            compile_choice(state, spec, jsonata, states)
        case "Wait":
            compile_wait(state, spec, jsonata)
        case "Succeed":
            compile_succeed(state, spec, jsonata)
        case "Fail":
            compile_fail(state, spec, jsonata)
        case "Parallel":
            state.children = tuple(
                compile_block(branch, f"{state.place}/Branches/{index}", inherited)
                for index, branch in enumerate(spec["Branches"])
            )
            compile_parallel(state, spec, jsonata, state.children)
        case "Map":
            field = "ItemProcessor" if "ItemProcessor" in spec else "Iterator"
            state.children = (compile_block(spec[field], f"{state.place}/{field}", inherited),)
            compile_map(state, spec, jsonata, state.children[0])
