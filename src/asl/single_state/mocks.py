"""Whether a mock fits the state that it is for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from asl.errors import ApiError

if TYPE_CHECKING:
    from asl.integrations.response_shapes import Models
    from asl.single_state.parameters import Mock, Parameters
    from asl.single_state.subject import Subject

MOCKABLE = ("Task", "Map", "Parallel")


def check_mock(subject: Subject, parameters: Parameters, models: Models | None) -> None:
    """Raise `ApiError` if the state cannot have this mock, or none, or not these settings."""
    mock = parameters.mock
    if mock is None:
        if subject.state.type == "Task" and parameters.role_arn is None:
            raise _invalid("RoleArn must be specified when testing a Task state")
        return
    if subject.state.type not in MOCKABLE:
        raise _invalid(f"State type '{subject.state.type}' is not supported when a mock is specified")
    if not mock.failing:
        _check_result(subject, mock, models)


def _check_result(subject: Subject, mock: Mock, models: Models | None) -> None:
    if subject.state.type == "Task":
        _check_against_model(subject, mock, models)
    elif subject.state.type == "Map" and "Resource" in subject.spec.get("ResultWriter", {}):
        if not isinstance(mock.result, dict):
            raise _invalid("Mocked result must be a JSON object.")
    elif not isinstance(mock.result, list):
        raise _invalid("Mocked result must be an array.")
    elif subject.state.type == "Parallel" and len(mock.result) != len(subject.state.children):
        raise _invalid("Mocked result must contain the same number of items as number of Parallel branches.")


def _check_against_model(subject: Subject, mock: Mock, models: Models | None) -> None:
    """Validate a result against what the integration's API answers, as the mock's mode says."""
    resource = subject.state.resource
    if mock.mode == "NONE" or resource is None:
        return
    from asl.integrations.response_shapes import response_trouble

    trouble = response_trouble(resource, mock.result, complete=mock.mode == "STRICT", models=models)
    if trouble is not None:
        raise _invalid(f"Mock result schema validation error: {trouble}")


def check_iterations(parameters: Parameters, items: list[Any]) -> None:
    """Raise `ApiError` if more of a Map's iterations are said to have failed than it has."""
    if (parameters.failed_iterations or 0) > len(items):
        raise _invalid("Map iteration failure count must be less than or equal to the number of Map iterations")


def _invalid(message: str) -> ApiError:
    return ApiError("ValidationException", message)
