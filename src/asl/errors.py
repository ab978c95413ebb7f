"""The errors of the engine. This module depends on nothing.

`AslError` is the root. What goes wrong inside a running execution is a `StateError`: it has an error name and a
cause, and Retry and Catch may see it. What goes wrong with the caller's use of the engine is another `AslError`.
"""

from __future__ import annotations

from typing import Any


class AslError(Exception):
    """Any error that this engine raises."""


class BadExpression(AslError):
    """A path, intrinsic call or JSONata expression that cannot be compiled.

    `text` is the expression, `position` the 0-based place of the trouble in it (None: not known).
    """

    def __init__(self, reason: str, text: str, position: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.text = text
        self.position = position

    def __str__(self) -> str:
        """The reason, and with a known position the expression with a caret under it."""
        if self.position is None:
            return f"{self.reason}: {self.text}"
        return f"{self.reason}\n  {self.text}\n  {' ' * self.position}^"


class PathNotFound(AslError):
    """A JSONPath found nothing. What that means depends on the field, so the state's code makes a `StateError` of it.

    `path` is the path as written, `reason` what AWS says after "Invalid path '…' : ", `data` the effective input that
    the expression was evaluated with (also for a context path or a variable).
    """

    def __init__(self, path: str, reason: str, data: Any) -> None:
        super().__init__(f"Invalid path '{path}' : {reason}")
        self.path = path
        self.reason = reason
        self.data = data


class UnreadableJson(AslError):
    """Text that is no JSON; `line` and `column` of the trouble count from 1."""

    def __init__(self, reason: str, line: int, column: int) -> None:
        super().__init__(f"line {line}, column {column}: {reason}")
        self.reason = reason
        self.line = line
        self.column = column


class StateError(AslError):
    """A state failed with an ASL error: `error` is its name (`States.Runtime`), `cause` its text or None.

    The engine puts "An error occurred while executing the state 'X' (entered at the event id #N). " before the cause if
    the class says so with `located`.
    """

    located = False

    def __init__(self, error: str | None, cause: str | None = None) -> None:
        super().__init__(error, cause)
        self.error = error
        self.cause = cause

    def __str__(self) -> str:
        return f"{self.error}: {self.cause}"


class TaskFailed(StateError):
    """What a task raises to fail with an error name of its own; the cause is taken as it is."""


class RuntimeFailure(StateError):
    """`States.Runtime`: the execution fails on the spot; `States.ALL` does not match it."""

    located = True

    def __init__(self, cause: str) -> None:
        super().__init__("States.Runtime", cause)


class ResultPathMatchFailure(StateError):
    """`States.ResultPathMatchFailure`: ResultPath cannot be applied to the state's input."""

    located = True

    def __init__(self, cause: str) -> None:
        super().__init__("States.ResultPathMatchFailure", cause)


class IntrinsicFailure(RuntimeFailure):
    """An intrinsic function refused its arguments.

    The language's specification calls this `States.IntrinsicFailure`; AWS reports `States.Runtime`, and so does this.
    """


class QueryEvaluationError(StateError):
    """`States.QueryEvaluationError`: a JSONata expression failed, or its value does not fit the field.

    `location` is the field, with slashes for what lies deeper (`Output/result`); None where AWS gives none. An
    `EvaluationFailed` event is written for it. It follows the event before the state was entered, unless the value
    was found unfit only when it was used (`late`).
    """

    located = True

    def __init__(self, cause: str, location: str | None = None, late: bool = False) -> None:
        super().__init__("States.QueryEvaluationError", cause)
        self.location = location
        self.late = late


class BadResource(AslError):
    """A Resource that is no ARN of a function, an activity or a service integration. `arn` is the text."""

    def __init__(self, arn: str) -> None:
        super().__init__(
            f"{arn!r} is no resource of a Task: give arn:aws:lambda:…:function:NAME, arn:aws:states:…:activity:NAME, "
            "arn:aws:states:::SERVICE:ACTION or arn:aws:states:::aws-sdk:SERVICE:ACTION, "
            "with .sync, .sync:2 or .waitForTaskToken where the service has it"
        )
        self.arn = arn


class ItemReaderFailed(StateError):
    """`States.ItemReaderFailed`: a Map Run cannot read its items. AWS gives the cause without the state's place."""

    def __init__(self, cause: str) -> None:
        super().__init__("States.ItemReaderFailed", cause)


class ResultWriterFailed(StateError):
    """`States.ResultWriterFailed`: a Map Run cannot write its results."""

    def __init__(self, cause: str) -> None:
        super().__init__("States.ResultWriterFailed", cause)


class ExceedToleratedFailureThreshold(StateError):
    """`States.ExceedToleratedFailureThreshold`: more of a Map's items failed than it tolerates."""

    def __init__(self) -> None:
        super().__init__(
            "States.ExceedToleratedFailureThreshold", "The specified tolerated failure threshold was exceeded"
        )


class InvalidDefinition(AslError):
    """Step Functions would refuse this definition. `diagnostics` are the findings, `asl.Diagnostic`s."""

    def __init__(self, message: str, diagnostics: tuple[Any, ...]) -> None:
        super().__init__(message)
        self.diagnostics = diagnostics


class ApiError(AslError):
    """An operation of the Step Functions API would answer with this error: its `code` and its `message`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
