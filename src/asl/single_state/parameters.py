"""The operation's parameters: parsed, and checked against the API's model."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from asl.errors import ApiError

_MOST = {"definition": 1_048_576, "roleArn": 256, "stateName": 80}
_MOST_BYTES = 262_144


@dataclass(frozen=True, slots=True)
class Mock:
    """What the state's work is replaced by: a result, or an error with its cause. `mode` is the fieldValidationMode."""

    mode: str
    result: Any = None
    failing: bool = False
    error: str | None = None
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameters of one call, JSON texts as their values. `None` is what was not given."""

    input: Any
    role_arn: str | None
    inspection_level: str
    variables: Mapping[str, Any]
    mock: Mock | None
    context: Mapping[str, Any] | None
    retries: int
    caused_by: str | None
    failed_iterations: int | None
    item_reader_data: str | None

    @classmethod
    def of(
        cls,
        *,
        definition: Any,
        input: Any,
        role_arn: str | None,
        inspection_level: str,
        reveal_secrets: bool,
        variables: Any,
        state_name: str | None,
        mock: Mapping[str, Any] | None,
        context: Any,
        state_configuration: Mapping[str, Any] | None,
    ) -> Parameters:
        """From the call's parameters. Raises `ApiError`."""
        configuration = state_configuration or {}
        _check_lengths({"definition": definition, "roleArn": role_arn, "stateName": state_name})
        _check_enum("inspectionLevel", inspection_level, ("INFO", "DEBUG", "TRACE"))
        caused_by = configuration.get("errorCausedByState")
        _check_lengths({"stateConfiguration.errorCausedByState": caused_by})
        for name in ("retrierRetryCount", "mapIterationFailureCount"):
            _check_at_least_zero(f"stateConfiguration.{name}", configuration.get(name))
        if mock is None and context is not None:
            raise _invalid("A Context object can only be provided when a mock is specified")
        if mock is not None and reveal_secrets:
            raise _invalid("Secrets cannot be revealed when a mock is specified")
        given = _json(context, "Invalid Context object provided: it must be a JSON object")
        reader_data = configuration.get("mapItemReaderData")
        return cls(
            input=_input(input),
            role_arn=role_arn,
            inspection_level=inspection_level,
            variables=_object(variables, "Variables must be a JSON object") or {},
            mock=None if mock is None else _mock(mock),
            context=None if context is None else _context(given),
            retries=configuration.get("retrierRetryCount") or 0,
            caused_by=caused_by,
            failed_iterations=configuration.get("mapIterationFailureCount"),
            item_reader_data=reader_data
            if reader_data is None or isinstance(reader_data, str)
            else json.dumps(reader_data),
        )


def _invalid(message: str) -> ApiError:
    return ApiError("ValidationException", message)


# ---- constraints of the API's model --------------------------------------------------------------


def _check_lengths(texts: Mapping[str, Any]) -> None:
    """At least one character (in the words of AWS's clients, which check this), at most what the model has."""
    for name, text in texts.items():
        if not isinstance(text, str):
            continue
        if not text:
            raise _invalid(
                f"Parameter validation failed:\nInvalid length for parameter {name}, value: 0, valid min length: 1"
            )
        most = _MOST.get(name, 80)
        if len(text) > most:
            raise _constraint(text, name, f"Member must have length less than or equal to {most}")


def _check_enum(name: str, value: str, members: tuple[str, ...]) -> None:
    if value not in members:
        raise _constraint(value, name, f"Member must satisfy enum value set: [{', '.join(members)}]")


def _check_at_least_zero(name: str, value: int | None) -> None:
    if value is not None and value < 0:
        raise _invalid(
            f"Parameter validation failed:\nInvalid range for parameter {name}, value: {value}, valid min value: 0"
        )


def _constraint(value: str, name: str, constraint: str) -> ApiError:
    return _invalid(
        f"1 validation error detected: Value '{value}' at '{name}' failed to satisfy constraint: {constraint}"
    )


# ---- JSON texts ----------------------------------------------------------------------------------


def _json(value: Any, complaint: str) -> Any:
    """The value of a JSON text; what is no text is the value. Raises `ApiError` with the complaint."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise _invalid(complaint) from None


def _object(value: Any, complaint: str) -> Mapping[str, Any] | None:
    parsed = _json(value, complaint)
    if parsed is not None and not isinstance(parsed, Mapping):
        raise _invalid(complaint)
    return parsed


def _input(value: Any) -> Any:
    if value is None:
        return {}
    if not isinstance(value, str):
        return value
    if len(value.encode("utf-8", "surrogatepass")) > _MOST_BYTES:
        raise _constraint(value, "input", f"Member must have length less than or equal to {_MOST_BYTES}")
    try:
        return json.loads(value)
    except ValueError as problem:
        raise ApiError("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{problem}'") from None


def _mock(mock: Mapping[str, Any]) -> Mock:
    mode = mock.get("fieldValidationMode") or "STRICT"
    _check_enum("mock.fieldValidationMode", mode, ("STRICT", "PRESENT", "NONE"))
    if mock.get("result") is not None and mock.get("errorOutput") is not None:
        raise _invalid("A test mock should have only one of the following fields: [result, errorOutput].")
    failure = mock.get("errorOutput")
    if failure is not None:
        if failure.get("error") is None:
            raise _invalid("A mocked errorOutput must have the field 'error'.")
        return Mock(mode, failing=True, error=failure["error"], cause=failure.get("cause"))
    if "result" not in mock:
        raise _invalid("A test mock should have one of the following fields: [result, errorOutput].")
    return Mock(mode, _json(mock["result"], "Mocked result must be valid JSON."))


# ---- the context object --------------------------------------------------------------------------

_CONTEXT: dict[str, dict[str, str]] = {
    "Execution": {
        "Id": "string",
        "Input": "any",
        "Name": "string",
        "RoleArn": "string",
        "StartTime": "string",
        "RedriveCount": "number",
        "RedriveTime": "string",
    },
    "State": {"EnteredTime": "string", "Name": "string", "RetryCount": "number"},
    "StateMachine": {"Id": "string", "Name": "string"},
    "Task": {"Token": "string"},
}
"""The context object's fields (Developer Guide, "Accessing execution data from the Context object"), without Map."""


def _context(context: Any) -> Mapping[str, Any]:
    if not isinstance(context, Mapping):
        raise _invalid("Invalid Context object provided: it must be a JSON object")
    for name, part in context.items():
        if name == "Map":
            raise _bad_context("'Map' field is not supported when mocking a Context object")
        if name not in _CONTEXT:
            raise _bad_context(f"Field '{name}' is not allowed")
        if not isinstance(part, Mapping):
            raise _bad_context(f"Field '{name}' must be an object")
        _check_context_part(part, _CONTEXT[name])
    return context


def _check_context_part(part: Mapping[str, Any], fields: Mapping[str, str]) -> None:
    for name, value in part.items():
        kind = fields.get(name)
        if kind is None:
            raise _bad_context(f"Field '{name}' is not allowed")
        if kind == "string" and not isinstance(value, str):
            raise _bad_context(f"Field '{name}' must be a string")
        if kind == "number" and (isinstance(value, bool) or not isinstance(value, (int, float))):
            raise _bad_context(f"Field '{name}' must be a number")


def _bad_context(reason: str) -> ApiError:
    return _invalid(f"Invalid Context object provided: {reason}")
