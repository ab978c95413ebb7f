"""What a stand-in for a service gets and gives: one shape a kind of resource, made of the services' modules.

`shape_of(resource)` says how parameters become the service's request, and what its own answer becomes as a result.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from asl.errors import TaskFailed
from asl.integrations import dynamodb, eventbridge, jobs, nested, sdk, sns, sqs, web
from asl.integrations.reply import Call, text_of
from asl.integrations.resource import Pattern, Resource

Answer = Callable[[Any, Mapping[str, Any], Call], Any]
"""(what the stand-in gave, its request, the call) → the task's result, or the service's answer to a job's start."""
ServiceError = Callable[[str, str, int, str], TaskFailed]
"""(code, message, HTTP status, request id) → the failure."""


def _as_it_is(result: Any, _parameters: Mapping[str, Any], _call: Call) -> Any:
    return result


@dataclass(frozen=True, slots=True)
class Shape:
    """How one resource is called and answers.

    `answer` is for the end of a task, `started` for the service's answer to the start of a job that is awaited. With
    `tells_start` a job's description tells both. Without `error` a stand-in's exceptions are no failures of a service.
    """

    request: Callable[[Mapping[str, Any]], Any]
    answer: Answer
    error: ServiceError | None = None
    started: Answer = _as_it_is
    tells_start: bool = False


def shape_of(resource: Resource) -> Shape:
    """The shape of a service integration; one that is not known gets its parameters and gives its result, unchanged."""
    if resource.sdk:
        return _sdk_shape(resource.resource_type.removeprefix("aws-sdk:"))
    service, awaited = resource.resource_type, resource.pattern is Pattern.SYNC
    if service in _JOBS:
        return Shape(_same, _ended_job(service) if awaited else _started_job, started=_started_job)
    if service == "states":
        ended = _ended_execution(resource.version) if awaited else _started_execution
        return Shape(_same, ended, started=_started_execution, tells_start=True)
    return _SHAPES.get(service, _PLAIN)


def _same(parameters: Mapping[str, Any]) -> Any:
    return parameters


def _is_whole(result: Any) -> bool:
    """Whether a stand-in has given the metadata of Step Functions itself, or something that no service answers."""
    return result is not None and (not isinstance(result, Mapping) or "SdkHttpMetadata" in result)


def _without_metadata(result: Any) -> dict[str, Any]:
    """A service's members; None stands for none, and boto3's ResponseMetadata is none of them."""
    return {name: member for name, member in (result or {}).items() if name != "ResponseMetadata"}


# ---- messages ----------------------------------------------------------------------------------


def _message_id(parameters: Mapping[str, Any], call: Call) -> str:
    seed = hashlib.md5(f"{call.request_id} {text_of(parameters)}".encode(), usedforsecurity=False)
    return str(uuid.UUID(bytes=seed.digest(), version=4))


def _published(result: Any, parameters: Mapping[str, Any], call: Call) -> Any:
    sns.check(parameters, call.request_id)
    if _is_whole(result):
        return result
    members = _without_metadata(result)
    return sns.response(members.get("MessageId") or _message_id(parameters, call), call, members.get("SequenceNumber"))


def _sent(result: Any, parameters: Mapping[str, Any], call: Call) -> Any:
    if _is_whole(result):
        return result
    members = _without_metadata(result)
    message = members.get("MessageId") or _message_id(parameters, call)
    return sqs.response(parameters, message, call, members.get("SequenceNumber"))


def _events_put(result: Any, parameters: Mapping[str, Any], call: Call) -> Any:
    if _is_whole(result):
        return result
    given = _without_metadata(result).get("Entries")
    return eventbridge.response(given if given is not None else _accepted(parameters.get("Entries", ()), call))


def _accepted(entries: Any, call: Call) -> list[Mapping[str, Any]]:
    return [eventbridge.entry_error(entry) or {"EventId": _message_id(entry, call)} for entry in entries]


# ---- others ------------------------------------------------------------------------------------


def _items(result: Any, _parameters: Mapping[str, Any], call: Call) -> Any:
    return result if _is_whole(result) else dynamodb.response(_without_metadata(result), call)


def _web_answer(service: str) -> Answer:
    def answer(result: Any, _parameters: Mapping[str, Any], _call: Call) -> Any:
        """A stand-in gives the whole answer (with its StatusCode), or the body of one that went well."""
        if not (isinstance(result, Mapping) and "StatusCode" in result):
            result = {"ResponseBody": result, "StatusCode": 200}
        body, headers = text_of(result.get("ResponseBody")), result.get("Headers", {})
        return web.response(result["StatusCode"], body, headers, result.get("StatusText", "OK"), service=service)

    return answer


def _started_job(result: Any, _parameters: Mapping[str, Any], call: Call) -> Any:
    return result if _is_whole(result) else jobs.submitted(_without_metadata(result), call)


def _ended_job(service: str) -> Answer:
    return lambda result, _parameters, _call: jobs.completed(service, _without_metadata(result))


# A stand-in for nested executions gives an `asl.Execution`, or what the Step Functions API says of one.


def _described(result: Any) -> Any:
    return nested.described(result) if hasattr(result, "started_at") else _without_metadata(result)


def _started_execution(result: Any, _parameters: Mapping[str, Any], call: Call) -> Any:
    execution = _described(result)
    return (
        execution if _is_whole(execution) else nested.response(execution["executionArn"], execution["startDate"], call)
    )


def _ended_execution(version: int) -> Answer:
    return lambda result, _parameters, _call: nested.completed(_described(result), version)


def _sdk_shape(service: str) -> Shape:
    def answer(result: Any, _parameters: Mapping[str, Any], _call: Call) -> Any:
        return sdk.response(result or {}) if result is None or isinstance(result, Mapping) else result

    def error(code: str, message: str, status: int, request_id: str) -> TaskFailed:
        return sdk.error(service, code, message, status, request_id)

    return Shape(_same, answer, error)


_PLAIN = Shape(_same, _as_it_is)
_JOBS = frozenset({"ecs", "batch", "glue"})
_SHAPES = {
    "sns": Shape(sns.request, _published, sns.error),
    "sqs": Shape(sqs.request, _sent, sqs.error),
    "events": Shape(eventbridge.request, _events_put),
    "dynamodb": Shape(_same, _items, dynamodb.error),
    "apigateway": Shape(_same, _web_answer("apigateway")),
    "http": Shape(_same, _web_answer("http")),
}
