"""Step Functions' waiting, retrying, stopping and pinned versions.

What AWS does, and MiniStack 1.5.33 instead:
- an execution of a version or alias runs that version's definition; MiniStack: the newest
- an aborted execution runs nothing more and stays ABORTED; MiniStack: goes on retrying, and may end as FAILED
- with `waitForTaskToken` an invocation that fails fails the task; MiniStack: waits for the token until the timeout
- each attempt has a token of its own; MiniStack: one token for all attempts
- a task's TimeoutSeconds may be JSONata, its HeartbeatSeconds is enforced; MiniStack: fails, ignores it
- Retry honours MaxDelaySeconds and JitterStrategy; MiniStack: ignores them
- States.ALL does not match States.Runtime; MiniStack: it does
- TimeoutSeconds of the whole definition ends in TIMED_OUT, with its event; MiniStack: ignores it
- the status event names version and alias, error and cause; MiniStack: the last two for FAILED only
- DescribeExecution names version and alias; MiniStack: not
- an execution starts at once; MiniStack: sleeps 150 ms first
"""

from __future__ import annotations

import contextvars
import json
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FunctionType, SimpleNamespace
from typing import Any

from ministack.core.responses import new_uuid, now_iso
from ministack.services import stepfunctions as sfn

from .permissions import STATE_MACHINE

LONGEST_WAIT_SECONDS = 99_999_999.0  # the greatest TimeoutSeconds, and the default
LOOK_AROUND_SECONDS = 0.5  # how often a waiting task looks whether its execution was stopped

# The documentation names States.DataLimitExceeded too, but AWS was recorded to catch it.
UNCATCHABLE = ("States.Runtime",)

State = dict[str, Any]
Execution = dict[str, Any]

# What StartExecution named: state machine, version or alias. MiniStack starts the execution's thread with this context.
started_with: contextvars.ContextVar[str] = contextvars.ContextVar("started_with", default="")
# What an execution runs instead of its machine's definition, when it does not begin at the beginning (JSON).
definition_override: contextvars.ContextVar[str] = contextvars.ContextVar("definition_override", default="")
_current = threading.local()  # the execution whose task runs in this thread


def _running() -> bool:
    execution: Execution | None = getattr(_current, "execution", None)
    return execution is None or execution["status"] == "RUNNING"


@contextmanager
def _as_current(execution: Execution) -> Iterator[None]:
    before = getattr(_current, "execution", None)
    _current.execution = execution
    try:
        yield
    finally:
        _current.execution = before


def retry_delay(retrier: dict[str, Any], retries: int, draw: float) -> float:
    """Seconds until the next attempt; `draw` in [0, 1) decides within the jitter (ASL, "Retrying after error")."""
    delay = float(retrier.get("IntervalSeconds", 1)) * float(retrier.get("BackoffRate", 2.0)) ** retries
    delay = min(delay, float(retrier.get("MaxDelaySeconds", delay)))
    return delay * draw if retrier.get("JitterStrategy") == "FULL" else delay


class PinnedMachines:
    """State machines as one execution sees them: with the definition of the version that it was started with."""

    def get(self, arn: str) -> dict[str, Any] | None:
        machine = sfn._state_machines.get(arn)
        version = sfn._state_machine_versions.get(sfn._execution_version_arn(started_with.get()))
        if machine is None:
            return None
        pinned = version["definition"] if version else machine["definition"]
        return {**machine, "definition": definition_override.get() or pinned}


def wait_for_token(token: str, timeout: float, heartbeat: float | None, started: float) -> Any:
    """What SendTaskSuccess sent; raises SendTaskFailure's error, States.Timeout or States.HeartbeatTimeout."""
    entry = sfn._task_tokens[token]
    while not entry["event"].wait(LOOK_AROUND_SECONDS):
        now = time.time()
        if not _running():
            raise sfn._ExecutionError("States.Runtime", "The execution was stopped")
        if now - started > timeout:
            raise sfn._ExecutionError("States.Timeout", f"No callback within {timeout:g} seconds")
        if heartbeat is not None and now - _last_sign(entry, started) > heartbeat:
            raise sfn._ExecutionError("States.HeartbeatTimeout", f"No heartbeat within {heartbeat:g} seconds")
    if error := entry["error"]:
        raise sfn._ExecutionError(error.get("Error") or "States.TaskFailed", error.get("Cause") or "")
    result = entry["result"]
    return json.loads(result) if isinstance(result, str) else result


def _last_sign(entry: dict[str, Any], started: float) -> float:
    heartbeat = entry.get("heartbeat")
    return float(sfn._iso_to_epoch_ms(heartbeat)) / 1000 if heartbeat else started


def invoke_with_callback(original: Any) -> Any:
    """`_invoke_with_callback` for Lambda functions; other integrations stay MiniStack's."""

    def invoke(resource: str, arguments: Any, token: str, state: State) -> Any:
        if not resource.startswith("arn:aws:states:::lambda:invoke"):
            return original(resource, arguments, token, state)
        event, started = threading.Event(), time.time()
        execution: Execution = getattr(_current, "execution", None) or {}
        entry = {"event": event, "result": None, "error": None, "heartbeat": None}
        sfn._task_tokens[token] = {**entry, STATE_MACHINE: execution.get("stateMachineArn", "")}
        try:
            function = sfn._resolve_lambda_function_ref(arguments.get("FunctionName", ""), optimized=True)
            try:
                sfn._call_lambda(function, arguments.get("Payload", {}))
            except sfn._ExecutionError:
                if not event.is_set():  # the function may have answered before it failed
                    raise
            timeout = float(state.get("TimeoutSeconds", LONGEST_WAIT_SECONDS))
            heartbeat = state.get("HeartbeatSeconds")
            return wait_for_token(token, timeout, None if heartbeat is None else float(heartbeat), started)
        finally:
            sfn._task_tokens.pop(token, None)

    return invoke


def execute_task(original: Any) -> Any:
    """`_execute_task` with evaluated time limits, and with the execution known to what it calls."""

    def execute(state: State, raw_input: Any, execution: Execution, context: dict[str, Any]) -> Any:
        limits = {
            name: sfn._jsonata_state_field(state, name, "number", raw_input, context)
            for name in ("TimeoutSeconds", "HeartbeatSeconds")
            if isinstance(state.get(name), str)
        }
        with _as_current(execution):
            return original({**state, **limits}, raw_input, execution, context)

    return execute


def with_new_token(original: Any) -> Any:
    """The function that makes an attempt's arguments, giving the attempt a token of its own first."""

    def apply(state: State, raw_input: Any, context: dict[str, Any] | None = None) -> Any:
        if context is not None and ".waitForTaskToken" in str(state.get("Resource", "")):
            context["Task"] = {"Token": new_uuid()}
        return original(state, raw_input, context)

    return apply


def matching_retrier(original: Any) -> Any:
    """`_find_matching_retrier`, with the delay computed as AWS does, and none for a stopped execution."""

    def find(retriers: list[dict[str, Any]], error: str, counts: dict[int, int]) -> tuple[dict[str, Any] | None, int]:
        retrier, index = original(retriers, error, counts)
        if retrier is None or not _running():
            return None, -1
        delay = retry_delay(retrier, counts.get(index, 0), random.random())  # noqa: S311 - jitter
        return {**retrier, "IntervalSeconds": delay, "BackoffRate": 1.0}, index

    return find


def matching_catcher(original: Any) -> Any:
    """`_find_matching_catcher`; a stopped execution catches nothing."""

    def find(catchers: list[dict[str, Any]], error: str) -> dict[str, Any] | None:
        return original(catchers, error) if _running() else None

    return find


def error_matches(original: Any) -> Any:
    """`_error_matches`; the wildcard lets pass what AWS's does ("Handling errors in Step Functions workflows")."""

    def matches(names: list[str], error: str) -> bool:
        return bool(original(names, error)) and (error not in UNCATCHABLE or error in names)

    return matches


def time_out(execution: Execution) -> None:
    """End an execution that ran longer than its definition's TimeoutSeconds."""
    if execution["status"] != "RUNNING":
        return
    execution.update(status="TIMED_OUT", stopDate=now_iso())
    sfn._add_event(execution, "ExecutionTimedOut", {"executionTimedOutEventDetails": {"error": "States.Timeout"}})
    sfn._emit_execution_status_event(execution)


def run_execution(original: FunctionType) -> Any:
    """`_run_execution` on the pinned definition, without its sleep, bounded by the definition's TimeoutSeconds."""

    def run(arn: str) -> None:
        execution = sfn._executions.get(arn)
        if execution is None:
            return
        machine = PinnedMachines().get(execution["stateMachineArn"])
        limit = json.loads(machine["definition"]).get("TimeoutSeconds") if machine else None
        timer: threading.Timer | None = None
        if limit:
            timer = threading.Timer(float(limit), contextvars.copy_context().run, (time_out, execution))
            timer.daemon = True
            timer.start()
        names = {**vars(sfn), "_state_machines": PinnedMachines(), "time": SimpleNamespace(sleep=lambda _seconds: None)}
        try:
            FunctionType(original.__code__, names)(arn)
        finally:
            if timer is not None:
                timer.cancel()

    return run


def fail_execution(original: Any) -> Any:
    """`_fail_execution`; one that was stopped or timed out stays so."""

    def fail(execution: Execution, error: str, cause: str) -> None:
        if execution["status"] == "RUNNING":
            original(execution, error, cause)

    return fail


def start_execution(original: Any) -> Any:
    """`_start_execution`, remembering which version and alias were asked for."""

    def start(request: dict[str, Any]) -> Any:
        named = request.get("stateMachineArn", "").split("#")[0]
        token = started_with.set(named)
        try:
            return original(request)
        finally:
            started_with.reset(token)

    return start


def emit_event(original: FunctionType) -> Any:
    """The status event with the version, the alias, and error and cause of every unsuccessful end."""

    def emit(execution: Execution) -> None:
        named = started_with.get()
        if named and "stateMachineVersionArn" not in execution:
            execution["stateMachineVersionArn"] = sfn._execution_version_arn(named)
            execution["stateMachineAliasArn"] = named if named in sfn._state_machine_aliases else None

        def dumps(detail: dict[str, Any]) -> str:
            failed = execution["status"] in ("FAILED", "ABORTED", "TIMED_OUT")
            facts = {
                "stateMachineVersionArn": execution.get("stateMachineVersionArn"),
                "stateMachineAliasArn": execution.get("stateMachineAliasArn"),
                "error": execution.get("error") if failed else None,
                "cause": execution.get("cause") if failed else None,
            }
            return json.dumps({**detail, **facts})

        FunctionType(original.__code__, {**vars(sfn), "json": SimpleNamespace(dumps=dumps)})(execution)

    return emit


def describe_execution(original: Any) -> Any:
    """`_describe_execution` with the version and the alias that the execution was started with, as `emit` noted."""

    def describe(request: dict[str, Any]) -> Any:
        status, headers, body = original(request)
        execution = sfn._executions.get(request.get("executionArn"))
        names = ("stateMachineVersionArn", "stateMachineAliasArn")
        noted = {name: execution[name] for name in names if execution and execution.get(name)}
        return sfn.json_response(json.loads(body) | noted) if noted else (status, headers, body)

    return describe


def call_lambda(original: Any) -> Any:
    """`_call_lambda` with AWS's name for a throttled call, which Retry names; MiniStack's is Lambda.Unknown."""

    def call(function: str, event: Any) -> Any:
        try:
            return original(function, event)
        except sfn._ExecutionError as error:
            if error.error == "Lambda.Unknown" and "TooManyRequestsException" in error.cause:
                raise sfn._ExecutionError("Lambda.TooManyRequestsException", error.cause) from error
            raise

    return call


def close_gap() -> None:
    """Replace the functions of MiniStack's interpreter that differ."""
    sfn._call_lambda = call_lambda(sfn._call_lambda)
    sfn._execute_task = execute_task(sfn._execute_task)
    sfn._invoke_with_callback = invoke_with_callback(sfn._invoke_with_callback)
    sfn._apply_jsonata_arguments = with_new_token(sfn._apply_jsonata_arguments)
    sfn._apply_parameters = with_new_token(sfn._apply_parameters)
    sfn._find_matching_retrier = matching_retrier(sfn._find_matching_retrier)
    sfn._error_matches = error_matches(sfn._error_matches)
    sfn._find_matching_catcher = matching_catcher(sfn._find_matching_catcher)
    sfn._fail_execution = fail_execution(sfn._fail_execution)
    sfn._emit_execution_status_event = emit_event(sfn._emit_execution_status_event)
    sfn._describe_execution = describe_execution(sfn._describe_execution)
    sfn._start_execution = start_execution(sfn._start_execution)
    sfn._run_execution = run_execution(sfn._run_execution)
