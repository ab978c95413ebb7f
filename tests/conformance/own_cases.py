"""The repository's own cases: `cases/AREA.json` holds {"given", "cases": [case]}.

A case is {"name", a definition, "input", "tasks", "expected"} and now and then more:

- `definition`, or `states` (begun at the first of them), or `state` (one, named S), or `rule` (of a Choice named C that
  gives "yes" or "no"); `language` is the QueryLanguage of `states` and `state`. `type` EXPRESS, `quotas` (members of
  `asl.Quotas`), `objects` ({"bucket/key": text} for an ItemReader);
- `tasks`: state → its answers, attempt by attempt: {"result"}, or {"error", "cause"}; with `after`, so many seconds
  later; with `submitted`, what a service answers before; {"submitted"} alone or {"never": true}: no answer comes;
- `expected`: `output`, or `status` with `error` and `cause` (null: none), or `invalid`, a part of the refusal's text;
  `events` are the types of the whole history; `details` hold members of single events by their id; `seconds` is how
  long it took; `requests` hold members of the tasks' requests, in their order; `written` are the texts that a
  ResultWriter wrote, by "bucket/key".
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import asl

FOLDER = Path(__file__).with_name("cases")
Case = Mapping[str, Any]


def cases() -> Iterator[tuple[str, Case]]:
    """(AREA: name, case) of every file."""
    for file in sorted(FOLDER.glob("*.json")):
        for case in json.loads(file.read_text("utf-8"))["cases"]:
            yield f"{file.stem}: {case['name']}", case


def definition_of(case: Case) -> dict[str, Any]:
    if "definition" in case:
        definition: dict[str, Any] = case["definition"]
        return definition
    if "rule" in case:
        return {"StartAt": "C", "States": {"C": _choice(case["rule"]), "Yes": _giving("yes"), "No": _giving("no")}}
    states = case["states"] if "states" in case else {"S": case["state"]}
    language = {"QueryLanguage": case["language"]} if "language" in case else {}
    return {**language, "StartAt": next(iter(states)), "States": states}


def _choice(rule: Mapping[str, Any]) -> dict[str, Any]:
    return {"Type": "Choice", "Choices": [{**rule, "Next": "Yes"}], "Default": "No"}


def _giving(result: str) -> dict[str, Any]:
    return {"Type": "Pass", "Result": result, "End": True}


def options(case: Case) -> dict[str, Any]:
    """What `Machine.start` takes besides the input, but for clock and randomness."""
    express = case.get("type") == "EXPRESS"
    found: dict[str, Any] = {
        "identity": asl.Identity(express=express),
        "reader": Reader(case.get("objects", {})),
        "writer": Writer(),
    }
    if "quotas" in case:
        found["quotas"] = asl.Quotas(**case["quotas"])
    return found


class Reader:
    """Objects in S3."""

    def __init__(self, objects: Mapping[str, str]) -> None:
        self._objects = objects

    def __call__(self, resource: str, parameters: Mapping[str, Any], _config: Mapping[str, Any]) -> Any:
        if resource.endswith(":listObjectsV2"):
            names = [key.partition("/")[2] for key in self._objects]
            return [{"Key": name, "Size": 1} for name in names if name.startswith(parameters.get("Prefix", ""))]
        try:
            return self._objects[f"{parameters['Bucket']}/{parameters['Key']}"]
        except KeyError:
            raise asl.errors.ItemReaderFailed(f"There is no object {parameters['Key']}.") from None


class Writer:
    """A place for results: `written` are the texts by "bucket/key". The bucket `forbidden` takes none."""

    def __init__(self) -> None:
        self.written: dict[str, str] = {}

    def put(self, bucket: str, key: str, content: bytes) -> None:
        if bucket == "forbidden":
            raise asl.errors.ResultWriterFailed("The bucket forbidden cannot be written to.")
        self.written[f"{bucket}/{key}"] = content.decode()


class Answers:
    """Does the tasks of a case; `requests` are those that were asked."""

    def __init__(self, case: Case) -> None:
        self._left = {state: list(answers) for state, answers in case.get("tasks", {}).items()}
        self.requests: list[asl.TaskRequest] = []

    def __call__(self, request: asl.TaskRequest) -> Any:
        self.requests.append(request)
        answer = self._left[request.state].pop(0)
        if answer.get("never"):
            return asl.Later(None, math.inf)
        result = asl.TaskFailed(answer["error"], answer.get("cause")) if "error" in answer else answer.get("result")
        if "submitted" in answer:
            ends = (result, answer.get("after", 0)) if answer.keys() & {"result", "error"} else ()
            return asl.Submitted(answer["submitted"], *ends)
        if "after" in answer:
            return asl.Later(result, answer["after"])
        if isinstance(result, asl.TaskFailed):
            raise result
        return result

    @property
    def left(self) -> dict[str, list[Any]]:
        """Answers that nobody asked for."""
        return {state: answers for state, answers in self._left.items() if answers}
