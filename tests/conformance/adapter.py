"""Runs recorded answers of Step Functions on this engine: the adapter of the shared corpus's scorer.

The outside world is played from two members of a case and nothing else: `task_stubs` (what each attempt of a task got
back) and `lambdas` (how a function behaves). Objects that a case puts into S3 before it runs are what an ItemReader
finds.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections import defaultdict, deque
from collections.abc import Mapping
from typing import Any

import asl
from asl.errors import ItemReaderFailed
from asl.integrations import function
from asl.integrations.reply import Call
from asl.items.ports import Body

ACCOUNT, REGION = "111111111111", "us-east-1"


def begun(case: Mapping[str, Any], world: World) -> asl.Execution:
    """A recorded execution at its beginning."""
    express = case.get("sm_type") == "EXPRESS"
    return asl.load(case["definition_text"] or case["definition"]).start(
        case["input"],
        identity=asl.Identity(
            account=ACCOUNT,
            region=REGION,
            machine=case.get("sm_name") or "machine",
            execution=case.get("execution_name") or "execution",
            role_arn=case["role_arn"] if express else f"arn:aws:iam::{ACCOUNT}:role/step-functions",
            express=express,
            synchronous=case["kind"] == "sync",
        ),
        clock=asl.VirtualClock(),
        reader=world.read,
    )


def execute(case: Mapping[str, Any]) -> dict[str, Any]:
    """Run a recorded execution; the answer in the scorer's form."""
    world = World(case)
    execution = begun(case, world)
    if "stop_execution" in (case.get("needs_control") or ()):
        execution.step()
        execution.stop()
    asl.drive(execution, world.perform)
    return {
        "status": execution.status,
        "output": None if execution.status != "SUCCEEDED" else json.dumps(execution.output),
        "error": execution.error,
        "cause": execution.cause,
        "history": execution.history(),
    }


def validate(case: Mapping[str, Any]) -> dict[str, Any]:
    """Validate a recorded definition; the answer in the scorer's form."""
    definition = case["definition_text"] or case["definition"]
    findings = asl.validate(definition, case.get("sm_type") or "STANDARD")
    errors = [finding for finding in findings if finding.severity == "ERROR"]
    return {
        "result": "FAIL" if errors else "OK",
        "diagnostics": [
            {
                name: value
                for name, value in (
                    ("severity", finding.severity),
                    ("code", finding.code),
                    ("message", finding.message),
                    ("location", finding.location),
                )
                if value is not None
            }
            for finding in errors
        ],
    }


def test_state(case: Mapping[str, Any]) -> dict[str, Any]:
    """Try a recorded state; the answer in the scorer's form."""
    request = case["request"]
    try:
        return asl.test_state(
            case["definition_text"] or case["definition"],
            input=request.get("input"),
            role_arn=request.get("roleArn"),
            inspection_level=request.get("inspectionLevel") or "INFO",
            reveal_secrets=request.get("revealSecrets") or False,
            variables=request.get("variables"),
            state_name=request.get("stateName"),
            mock=request.get("mock"),
            context=request.get("context"),
            state_configuration=request.get("stateConfiguration"),
            tasks=World(case).perform,
        )
    except asl.ApiError as error:
        return {"Error": {"Code": error.code, "Message": error.message}}


class World:
    """What is outside an execution, played from its case."""

    def __init__(self, case: Mapping[str, Any]) -> None:
        self._stubs: dict[str | None, deque[Mapping[str, Any]]] = defaultdict(deque)
        for stub in case.get("task_stubs", ()):
            self._stubs[stub["state"]].append(stub)
        self._functions = case["lambdas"]
        self._objects: dict[tuple[str, str], str] = {
            (call["params"]["Bucket"], call["params"]["Key"]): call["params"]["Body"]
            for call in case["setup"]
            if (call["service"], call["op"]) == ("s3", "put_object")
        }

    def read(self, resource: str, parameters: Mapping[str, Any], _config: Mapping[str, Any]) -> Body:
        if resource.endswith(":listObjectsV2"):
            return self._listing(parameters["Bucket"], parameters.get("Prefix", ""))
        content = self._objects.get((parameters["Bucket"], parameters["Key"]))
        if content is None:
            raise ItemReaderFailed("The specified key does not exist.")
        return content

    def _listing(self, bucket: str, prefix: str) -> list[dict[str, Any]]:
        """What ListObjectsV2 says of a bucket's objects."""
        return [
            {
                "Key": key,
                "ETag": f'"{hashlib.md5(content.encode(), usedforsecurity=False).hexdigest()}"',
                "LastModified": 0,
                "Size": len(content.encode()),
                "StorageClass": "STANDARD",
            }
            for (home, key), content in sorted(self._objects.items())
            if home == bucket and key.startswith(prefix)
        ]

    def perform(self, request: asl.TaskRequest) -> Any:
        stubs = self._stubs[request.state] or self._stubs[None]
        stub = stubs.popleft() if stubs else None
        return self._behaviour(request) if stub is None or stub["outcome"] is None else _recorded(request, stub)

    def _behaviour(self, request: asl.TaskRequest) -> Any:
        """What a described function does."""
        for name, described in self._functions.items():
            if name in request.resource or name in str(request.parameters):
                integration = request.resource.endswith(":invoke")
                event = function.event(request.parameters) if integration else request.parameters
                return _behave(described["stub"], event, integration)
        raise LookupError(f"{request.state} calls {request.resource}, which the case does not describe")


def _recorded(request: asl.TaskRequest, stub: Mapping[str, Any]) -> Any:
    outcome = stub["outcome"]
    if "failed" in outcome:
        result: Any = asl.TaskFailed(outcome["failed"].get("error"), _text(outcome["failed"].get("cause")))
    elif "timed_out" in outcome:
        never = asl.Later(None, math.inf)
        return asl.Submitted(stub["submitted_output"]) if "submitted_output" in stub else never
    else:
        result = outcome["succeeded"]
    if "submitted_output" in stub:
        return asl.Submitted(stub["submitted_output"], result)
    if isinstance(result, asl.TaskFailed):
        raise result
    return result


def _behave(behaviour: Mapping[str, Any], event: Any, integration: bool) -> Any:
    match behaviour["behaviour"]:
        case "raise":
            raise function.function_error(_python_error(behaviour["errorType"], behaviour["errorMessage"]))
        case "return_value":
            result = behaviour["value"]
        case "return_raw_payload":
            repeated, times = behaviour.get("value_repeat", (None, 0))
            result = json.loads(behaviour["value"]) if "value" in behaviour else repeated * times
        case "sleep_then_return_input":
            return asl.Later(event, behaviour["seconds"])
        case _:
            result = event
    return function.response(result, Call("request-id", "date")) if integration else result


def _python_error(name: str, message: str) -> dict[str, Any]:
    """What Lambda's Python runtime reports of `raise NAME("MESSAGE")`."""
    trace = f'  File "/var/task/handler.py", line 2, in handler\n    raise {name}("{message}")\n'
    return {
        "errorMessage": message,
        "errorType": name,
        "requestId": "00000000-0000-4000-8000-000000000000",
        "stackTrace": [trace],
    }


def _text(cause: Any) -> str | None:
    return cause if cause is None or isinstance(cause, str) else json.dumps(cause, separators=(",", ":"))
