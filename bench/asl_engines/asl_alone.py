"""What our engine costs, measured in a process of its own: `python -m bench.asl_engines.asl_alone WHAT [NUMBER]`.

Prints JSON: `load` → milliseconds; `waiting N` → bytes of N executions that wait for a task token; `map N` and `loop N`
→ seconds and bytes of one execution, with `kept` after the number: recording its history.
"""

from __future__ import annotations

import gc
import json
import resource
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import psutil

import asl
from bench.asl_engines.workloads import definition, items, mapped

_LOADS = 20


def _resident() -> int:
    gc.collect()
    resident: int = psutil.Process().memory_info().rss
    return resident


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _seconds(call: Callable[[], Any]) -> float:
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


def load() -> dict[str, float]:
    """Milliseconds to load 50 states: the first in this process, and the median of further ones that no cache knows."""
    text = json.loads(definition("fifty_states"))
    texts = [json.dumps({**text, "Comment": f"number {number}"}) for number in range(_LOADS)]
    first, *later = [_seconds(partial(asl.load, text)) * 1000 for text in texts]
    return {"first_ms": first, "later_ms": statistics.median(later)}


def waiting(count: int) -> dict[str, int]:
    """Resident bytes of executions that wait for their task token."""
    machine = asl.load(definition("token"))
    kept = [_waiting(machine, 0)]
    before = _resident()
    kept += [_waiting(machine, number) for number in range(1, count + 1)]
    assert all(execution.status == "RUNNING" for execution in kept)
    return {"bytes": _resident() - before}


def _waiting(machine: asl.Machine, number: int) -> asl.Execution:
    lines = [{"sku": f"sku-{number}-{line}", "count": line} for line in range(3)]
    execution = machine.start({"id": f"order-{number}", "lines": lines})
    tasks = [request for request in execution.step() if isinstance(request, asl.TaskRequest)]
    assert [task.state for task in tasks] == ["Ask"] and tasks[0].token
    return execution


def linear(name: str, given: Any, expected: Any, recorded: bool) -> dict[str, float]:
    """Seconds of one execution, and how much it raised the process's peak of resident bytes."""
    machine = asl.load(definition(name))
    gc.collect()
    before = _peak()
    begin = time.perf_counter()
    execution = machine.run(given, clock=asl.VirtualClock(), history=recorded, quotas=asl.UNLIMITED)
    seconds = time.perf_counter() - begin
    assert execution.output == expected, (execution.status, execution.error, execution.cause)
    return {"seconds": seconds, "bytes": _peak() - before}


def main(arguments: Sequence[str]) -> dict[str, Any]:
    what, number = arguments[0], int(arguments[1]) if arguments[1:] else 0
    recorded = "kept" in arguments
    if what == "load":
        return load()
    if what == "waiting":
        return waiting(number)
    if what == "map":
        return linear("inline_map", {"items": items(number)}, mapped(number), recorded)
    limit = number // 2  # two transitions for each count
    return linear("choice_loop", {"count": 0, "limit": limit}, {"count": limit, "limit": limit}, recorded)


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1:])))
