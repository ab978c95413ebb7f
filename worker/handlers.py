"""The workflow's functions, called in this process: the same handlers that Lambda runs, in the worker's home."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import asl
from fileferry.errors import StepInterrupted
from fileferry.home import Home
from fileferry.services import Services
from tasks.archive.app import run as archive
from tasks.close.app import run as close
from tasks.confirm.app import run as confirm
from tasks.deliver.app import run as deliver
from tasks.stage.app import run as stage
from tasks.transform.app import run as transform
from tasks.validate.app import run as validate

from .hold import Hold
from .progress import RunProgress
from .settings import WorkerSettings

Function = Callable[[Mapping[str, Any], Home, Services], Mapping[str, Any]]
FUNCTIONS: Mapping[str, Function] = {
    "validate": validate,
    "stage": stage,
    "transform": transform,
    "deliver": deliver,
    "confirm": confirm,
    "archive": archive,
    "close": close,
}
_NO_DEADLINE = 10 * 365 * 86_400.0


class Handlers:
    """Does the tasks of one run. `completed` has what tokens were completed with, by token."""

    def __init__(
        self, world: Services, hold: Hold, settings: WorkerSettings, functions: Mapping[str, Function] = FUNCTIONS
    ) -> None:
        self.completed: dict[str, Mapping[str, Any]] = {}
        self._world = world
        self._hold = hold
        self._settings = settings
        self._tasks = asl.Tasks(
            {
                pattern: self._caller(function)
                for name, function in functions.items()
                # As the file names a function, and as the deployed definition does (template.yaml's FunctionName).
                for pattern in (
                    f"arn:*:lambda:*:function:${{{name.capitalize()}Function}}",
                    f"arn:*:lambda:*:function:*-{name}",
                )
            }
        )

    def __call__(self, request: asl.TaskRequest) -> Any:
        """A task's result, as the engine takes it. Raises TaskFailed as Lambda fails, and StepInterrupted."""
        return self._tasks(request)

    def _caller(self, function: Function) -> Callable[[Any, asl.TaskRequest], Any]:
        def call(event: Any, request: asl.TaskRequest) -> Any:
            result = function(self._fenced(event), self._home(request), self._world)
            return _marshalled(result, request)

        return call

    def _fenced(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """The event with the lease's fencing number, so that the step's writes are refused once the lease is lost."""
        return {**event, "job": {**event["job"], "fence": self._hold.job.fence}}

    def _home(self, request: asl.TaskRequest) -> Home:
        settings = self._settings
        # The time of a state with a token is the partner's, not the function's.
        bound = request.deadline if request.token is None else None
        deadline = time.time() + _NO_DEADLINE if bound is None else bound

        def pulse(safe: int) -> None:
            self._hold.check()
            if time.time() >= deadline:
                raise StepInterrupted("the state's time is over")
            self._hold.moved(safe)

        return Home(
            deadline=deadline,
            scratch=settings.scratch,
            part_size=settings.part_size,
            lanes=settings.lanes,
            memory=settings.memory,
            copy_limit=settings.copy_limit,
            progress=RunProgress(self._world.runs, self._hold.job),
            pulse=pulse,
            complete_task=self.completed.__setitem__,
        )


def _marshalled(result: Any, request: asl.TaskRequest) -> Any:
    """The result as it comes out of Lambda, whose runtime writes it as JSON (awslambdaric, `Runtime.MarshalError`)."""
    try:
        return json.loads(json.dumps(result, allow_nan=False))
    except (TypeError, ValueError) as problem:
        told = {
            "errorMessage": f"Unable to marshal response: {problem}",
            "errorType": "Runtime.MarshalError",
            "requestId": request.id,
            "stackTrace": [],
        }
        raise asl.TaskFailed("Runtime.MarshalError", json.dumps(told)) from None
