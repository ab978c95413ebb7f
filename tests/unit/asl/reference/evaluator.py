"""A naive evaluator of definitions: it reads the definition at every turn and recurses, with time as a number.

It knows no history, no quotas and no words of causes. Branches are evaluated one after the other, each with its own
time; of several failures the earliest counts. Where two happen at the same moment, what comes first is an accident of
scheduling: `tied` says that the outcome may differ for that.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.unit.asl.reference import choice_rules, intrinsics, jsonata, paths, tasks
from tests.unit.asl.reference.error_handling import CHANCE, catcher_of, retry_delay
from tests.unit.asl.reference.values import CAUSE, PATH_FAILURE, Failure, View

START = 1_735_689_600.0
LONGEST_WAIT = 24_855 * 86_400
Spec = Mapping[str, Any]


@dataclass(frozen=True)
class Outcome:
    """How an execution ended."""

    status: str
    output: Any = None
    error: str | None = None
    cause: str | None = None
    tied: bool = False


@dataclass
class Thread:
    """Where a branch is: its time, its variables, the Map item that it works on."""

    time: float
    variables: dict[str, Any] = field(default_factory=dict)
    item: tuple[int, Any] | None = None

    def child(self, time: float) -> Thread:
        return Thread(time, dict(self.variables), self.item)


@dataclass
class Visit:
    """One stay in a state."""

    name: str
    spec: Spec
    jsonata: bool
    thread: Thread
    entered: float
    input: Any
    attempt: int = 0


def evaluate(definition: Spec, data: Any) -> Outcome:
    """Run a definition to its end."""
    return Evaluator(definition, data).outcome()


class Evaluator:
    def __init__(self, definition: Spec, data: Any) -> None:
        self.definition = definition
        self.input = data
        self.tied = False

    def outcome(self) -> Outcome:
        thread = Thread(START)
        deadline = START + self.definition["TimeoutSeconds"] if "TimeoutSeconds" in self.definition else None
        try:
            output = self.run(self.definition, self.input, thread, self.definition.get("QueryLanguage", "JSONPath"))
            ending = Outcome("SUCCEEDED", output, tied=self.tied)
        except Failure as failure:
            ending = Outcome("FAILED", None, failure.error, failure.cause, self.tied)
        if deadline is not None and START < deadline <= thread.time:
            return Outcome("TIMED_OUT", tied=self.tied)
        return ending

    def run(self, block: Spec, data: Any, thread: Thread, language: str) -> Any:
        """The output of a set of states."""
        name = block["StartAt"]
        while True:
            spec = block["States"][name]
            visit = Visit(name, spec, spec.get("QueryLanguage", language) == "JSONata", thread, thread.time, data)
            data, following = self.stay(visit, language)
            if following is None:
                return data
            name = following

    def stay(self, visit: Visit, language: str) -> tuple[Any, str | None]:
        """The output of a state and the next one's name: with its attempts, and with what catches its failure."""
        used = [0] * len(visit.spec.get("Retry", []))
        while True:
            try:
                return self.attempt(visit, language)
            except Failure as failure:
                delay = retry_delay(visit.spec, used, failure.error)
                if delay is not None:
                    visit.thread.time += delay
                    visit.attempt += 1
                    continue
                catcher = catcher_of(visit.spec, failure.error)
                if catcher is None:
                    raise
                return self.caught(visit, catcher, failure), catcher["Next"]

    def caught(self, visit: Visit, catcher: Spec, failure: Failure) -> Any:
        given = {"Error": failure.error or "", "Cause": failure.cause or ""}
        if visit.jsonata:
            return self.jsonata_output(visit, catcher, given, {"errorOutput": given})
        assigned = self.template(catcher.get("Assign", {}), given, visit)
        output = self.placed(catcher, visit.input, given)
        visit.thread.variables |= assigned
        return output

    def attempt(self, visit: Visit, language: str) -> tuple[Any, str | None]:
        spec, kind = visit.spec, visit.spec["Type"]
        following = spec.get("Next")
        if kind == "Fail":
            raise Failure(self.fail_text(visit, "Error"), self.fail_text(visit, "Cause"))
        if kind == "Choice":
            return self.choose(visit)
        entry = self.entry(visit)
        if kind == "Pass":
            return self.finished(visit, spec.get("Result", entry) if not visit.jsonata else entry, False), following
        if kind == "Succeed":
            return self.finished(visit, entry, False), None
        if kind == "Wait":
            end = self.wait_end(visit, entry)
            if end - visit.thread.time > LONGEST_WAIT:
                raise Failure(PATH_FAILURE)
            visit.thread.time = max(visit.thread.time, end)
            return self.finished(visit, entry, False), following
        work = {"Task": self.task, "Parallel": self.parallel, "Map": self.map}[kind]
        return self.finished(visit, work(visit, entry, language), True), following

    # ---- data ----------------------------------------------------------------------------------

    def entry(self, visit: Visit) -> Any:
        """The effective input."""
        spec = visit.spec
        if visit.jsonata:
            return self.jsonata(spec["Arguments"], visit) if "Arguments" in spec else visit.input
        data = self.flow(spec.get("InputPath", "$"), visit.input, visit)
        if "Parameters" in spec and spec["Type"] != "Map":
            data = self.template(spec["Parameters"], data, visit)
        return data

    def finished(self, visit: Visit, result: Any, worked: bool) -> Any:
        """The state's output from its result; assigns."""
        spec = visit.spec
        if visit.jsonata:
            return self.jsonata_output(visit, spec, result, {"result": result} if worked else {})
        assigned = self.template(spec.get("Assign", {}), result, visit)
        if "ResultSelector" in spec:
            result = self.template(spec["ResultSelector"], result, visit)
        output = self.flow(spec.get("OutputPath", "$"), self.placed(spec, visit.input, result), visit)
        visit.thread.variables |= assigned
        return output

    def jsonata_output(self, visit: Visit, spec: Spec, result: Any, known: dict[str, Any]) -> Any:
        assigned = self.jsonata(spec.get("Assign", {}), visit, **known)
        output = self.jsonata(spec["Output"], visit, **known) if "Output" in spec else result
        visit.thread.variables |= assigned
        return output

    def placed(self, spec: Spec, data: Any, result: Any) -> Any:
        path = spec.get("ResultPath", "$")
        return data if path is None else paths.with_result(path, data, result)

    def flow(self, path: str | None, data: Any, visit: Visit) -> Any:
        return {} if path is None else paths.value_at(path, self.view(data, visit))

    def template(self, template: Any, data: Any, visit: Visit) -> Any:
        if isinstance(template, list):
            return [self.template(item, data, visit) for item in template]
        if not isinstance(template, dict):
            return template
        return {
            key.removesuffix(".$"): self.value(value, data, visit)
            if key.endswith(".$")
            else self.template(value, data, visit)
            for key, value in template.items()
        }

    def value(self, text: str, data: Any, visit: Visit) -> Any:
        view = self.view(data, visit)
        return paths.value_at(text, view) if text.startswith("$") else intrinsics.evaluate(text, view)

    def jsonata(self, template: Any, visit: Visit, kind: tuple[type, ...] | None = None, **known: Any) -> Any:
        states = {"input": visit.input, "context": self.context(visit), **known}
        if kind is None:
            return jsonata.evaluate(template, states, visit.thread.variables)
        return jsonata.evaluate_as(kind, template, states, visit.thread.variables)

    def view(self, data: Any, visit: Visit) -> View:
        return View(data, self.context(visit), visit.thread.variables, CHANCE)

    def context(self, visit: Visit) -> dict[str, Any]:
        """The parts of the context object that the strategies refer to."""
        state: dict[str, Any] = {"Name": visit.name, "EnteredTime": clock_text(visit.entered)}
        if visit.spec["Type"] in ("Task", "Parallel", "Map"):
            state["RetryCount"] = visit.attempt
        context = {"Execution": {"Input": self.input, "StartTime": clock_text(START)}, "State": state}
        if visit.thread.item is not None:
            index, value = visit.thread.item
            context["Map"] = {"Item": {"Index": index, "Value": value}}
        return context

    # ---- states --------------------------------------------------------------------------------

    def fail_text(self, visit: Visit, name: str) -> str | None:
        if visit.jsonata:
            return self.jsonata(visit.spec[name], visit, (str,)) if name in visit.spec else None
        if f"{name}Path" not in visit.spec:
            return visit.spec.get(name)
        found = self.value(visit.spec[f"{name}Path"], visit.input, visit)
        return found if isinstance(found, str) else intrinsics.text_of(found)

    def choose(self, visit: Visit) -> tuple[Any, str]:
        data = visit.input if visit.jsonata else self.entry(visit)
        for rule in visit.spec["Choices"]:
            if visit.jsonata:
                chosen = self.jsonata(rule["Condition"], visit, (bool,))
            else:
                chosen = choice_rules.holds(rule, self.view(data, visit))
            if chosen:
                return self.left(visit, rule, data), rule["Next"]
        if "Default" not in visit.spec:
            raise Failure("States.NoChoiceMatched")
        return self.left(visit, visit.spec, data), visit.spec["Default"]

    def left(self, visit: Visit, rule: Spec, data: Any) -> Any:
        """What a Choice gives on by one of its ways."""
        if visit.jsonata:
            return self.jsonata_output(visit, rule, data, {})
        assigned = self.template(rule.get("Assign", {}), data, visit)
        output = self.flow(visit.spec.get("OutputPath", "$"), data, visit)
        visit.thread.variables |= assigned
        return output

    def wait_end(self, visit: Visit, data: Any) -> float:
        spec, now = visit.spec, visit.thread.time
        if "Timestamp" in spec:
            return instant(self.jsonata(spec["Timestamp"], visit, (str,)) if visit.jsonata else spec["Timestamp"])
        if "TimestampPath" in spec:
            return instant(paths.value_at(spec["TimestampPath"], self.view(data, visit)))
        if "SecondsPath" in spec:
            return now + seconds(paths.value_at(spec["SecondsPath"], self.view(data, visit)))
        if not visit.jsonata:
            return now + float(spec["Seconds"])
        given = self.jsonata(spec["Seconds"], visit, (int, float))
        if given < 0 or int(given) != given:
            raise Failure(jsonata.FAILED)
        return now + int(given)

    def task(self, visit: Visit, parameters: Any, _language: str) -> Any:
        thread, limits = (
            visit.thread,
            [visit.spec[name] for name in ("TimeoutSeconds", "HeartbeatSeconds") if name in visit.spec],
        )
        given = tasks.answer(visit.spec["Resource"], parameters, visit.attempt)
        if limits and min(limits) < given.after:
            thread.time += min(limits)
            raise Failure("States.Timeout", None)
        thread.time += given.after
        if given.error is not None:
            raise Failure(given.error, given.cause)
        return given.result

    def parallel(self, visit: Visit, data: Any, language: str) -> list[Any]:
        begun, results, ends, failures = visit.thread.time, [], [], []
        for branch in visit.spec["Branches"]:
            thread = visit.thread.child(begun)
            try:
                results.append(self.run(branch, data, thread, language))
            except Failure as failure:
                failures.append((thread.time, failure))
            ends.append(thread.time)
        self.fail_first(visit, failures)
        visit.thread.time = max(ends)
        return results

    def fail_first(self, visit: Visit, failures: list[tuple[float, Failure]]) -> None:
        """Fail with the earliest of the failures, if there are any."""
        if not failures:
            return
        moment = min(time for time, _ in failures)
        first = [failure for time, failure in failures if time == moment]
        self.tied |= len({(failure.error, failure.cause) for failure in first}) > 1
        visit.thread.time = moment
        raise first[0]

    def map(self, visit: Visit, data: Any, language: str) -> list[Any]:
        spec, processor = visit.spec, visit.spec["ItemProcessor"]
        if visit.jsonata:
            items = self.jsonata(spec["Items"], visit, (list,)) if "Items" in spec else visit.input
        else:
            items = paths.value_at(spec.get("ItemsPath", "$"), self.view(data, visit))
        if not isinstance(items, list):
            raise Failure(jsonata.FAILED if visit.jsonata else PATH_FAILURE)
        if processor.get("ProcessorConfig", {}).get("Mode") == "DISTRIBUTED":
            return self.map_run(visit, data, items, language)
        slots = [visit.thread.time] * min(spec.get("MaxConcurrency") or 40, 40)
        results, failures = [], []
        for index, item in enumerate(items):
            if not slots:
                break  # each is taken by an iteration that failed
            thread = visit.thread.child(heapq.heappop(slots))
            thread.item = (index, item)
            try:
                results.append(self.run(processor, self.selected(visit, data, thread), thread, language))
                heapq.heappush(slots, thread.time)
            except Failure as failure:
                failures.append((thread.time, failure))
        self.fail_first(visit, failures)
        visit.thread.time = max([visit.thread.time, *slots])
        return results

    def selected(self, visit: Visit, data: Any, thread: Thread) -> Any:
        """An iteration's input. What fails here fails the Map, at the iteration's time, and not the iteration."""
        assert thread.item is not None
        if "ItemSelector" not in visit.spec:
            return thread.item[1]
        inside = Visit(visit.name, visit.spec, visit.jsonata, thread, visit.entered, visit.input, visit.attempt)
        return self.entry_selected(inside, data)

    def entry_selected(self, inside: Visit, data: Any) -> Any:
        selector = inside.spec["ItemSelector"]
        return self.jsonata(selector, inside) if inside.jsonata else self.template(selector, data, inside)

    def map_run(self, visit: Visit, data: Any, items: list[Any], language: str) -> list[Any]:
        """A distributed Map: children know no variables, and some of them may fail."""
        inputs = []
        for index, item in enumerate(items):
            thread = visit.thread.child(visit.thread.time)
            thread.item = (index, item)
            inputs.append(self.selected(visit, data, thread))
        size = visit.spec.get("ItemBatcher", {}).get("MaxItemsPerBatch")
        if size:
            inputs = [{"Items": inputs[start : start + size]} for start in range(0, len(inputs), size)]
        begun, results, failed, ends = visit.thread.time, [], [], [visit.thread.time]
        for given in inputs:
            thread = Thread(begun)
            try:
                results.append(self.run(visit.spec["ItemProcessor"], given, thread, language))
            except Failure:
                failed.append(thread.time)
            ends.append(thread.time)
        tolerated = visit.spec.get("ToleratedFailureCount", 0)
        if len(failed) > tolerated:
            visit.thread.time = sorted(failed)[tolerated]
            raise Failure("States.ExceedToleratedFailureThreshold")
        visit.thread.time = max(ends)
        return results


def seconds(value: Any) -> float:
    if isinstance(value, str) and value.isdigit():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise Failure(PATH_FAILURE)
    return float(value)


def instant(value: Any) -> float:
    moment = choice_rules.moment(value)
    if moment is None:
        raise Failure(PATH_FAILURE)
    return moment.timestamp()


def clock_text(time: float) -> str:
    return datetime.fromtimestamp(time, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


__all__ = ["CAUSE", "Outcome", "evaluate"]
