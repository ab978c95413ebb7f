"""A process that runs one engine: `python -m bench.asl_engines.worker ENGINE`.

A line of JSON is a request, a line of JSON its answer:
- `{"do": "prepare", "workload", "definition" (text), "input", "answers"}` → `{"output", "entered"}` of one execution,
  or `{"cannot": reason}`
- `{"do": "time", "workload", "seconds"}` → `{"executions", "seconds"}`: as many as fit, but at least one
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
import time
from typing import Any

from bench.asl_engines.engine import CannotRun, Engine, Prepared

ENGINES = {
    "moto": ("moto_engine", "MotoEngine", ()),
    "MiniStack": ("ministack_engine", "MiniStackEngine", ()),
    "asl": ("asl_engine", "AslEngine", ("none",)),
    "asl, history kept": ("asl_engine", "AslEngine", ("kept",)),
    "asl, history read": ("asl_engine", "AslEngine", ("read",)),
}
"""Name → module, class, arguments."""


class Worker:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._prepared: dict[str, Prepared] = {}

    def prepare(self, request: dict[str, Any]) -> dict[str, Any]:
        prepared = self._engine.prepare(request["definition"], request["input"], request["answers"])
        self._prepared[request["workload"]] = prepared
        return {"output": prepared.output(prepared.run()), "entered": prepared.entered()}

    def time(self, request: dict[str, Any]) -> dict[str, Any]:
        run, now = self._prepared[request["workload"]].run, time.perf_counter
        gc.collect()
        executions, begin = 0, now()
        end = begin + request["seconds"]
        while True:
            run()
            executions += 1
            if (at := now()) >= end:
                return {"executions": executions, "seconds": at - begin}

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = getattr(self, request["do"])(request)
        except CannotRun as error:
            return {"cannot": str(error)}
        except Exception as error:  # an engine may fail in any way; the table says how
            return {"cannot": f"{type(error).__name__}: {error}"[:300]}
        return answer


def main() -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what an engine prints is no answer
    module, name, arguments = ENGINES[sys.argv[1]]
    worker = Worker(getattr(importlib.import_module(f"bench.asl_engines.{module}"), name)(*arguments))
    for line in sys.stdin:
        answers.write(json.dumps(worker.answer(json.loads(line))) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
