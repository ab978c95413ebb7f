"""What a Task's Resource ARN says: whom it calls, and how its end is awaited.

Source: "Integrating services with Step Functions" (connect-to-resource) and the `resource` and `resourceType` of
recorded TaskScheduled events.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from asl.errors import BadResource


class Kind(StrEnum):
    """Whom a Task calls."""

    LAMBDA = "lambda"
    ACTIVITY = "activity"
    SERVICE = "service"


class Pattern(StrEnum):
    """When a Task is over: with the answer, with the end of the job it started, or with its token's return."""

    REQUEST_RESPONSE = "request-response"
    SYNC = "sync"
    WAIT_FOR_TASK_TOKEN = "waitForTaskToken"  # noqa: S105 (a pattern, no password)


@dataclass(frozen=True, slots=True)
class Resource:
    """A Resource ARN, taken apart.

    `resource_type` and `resource` are what the history's events call it (`aws-sdk:s3` and `getObject`, `states` and
    `startExecution.sync:2`); `action` is the resource without the pattern's suffix; `version` is 2 for `.sync:2`,
    else 1.
    A function's or an activity's `resource` is its name, a function's with the qualifier if it has one.
    """

    arn: str
    kind: Kind
    resource_type: str
    resource: str
    action: str
    pattern: Pattern = Pattern.REQUEST_RESPONSE
    version: int = 1

    @property
    def sdk(self) -> bool:
        """Whether this is an AWS SDK integration (`aws-sdk:…`)."""
        return self.resource_type.startswith("aws-sdk:")


_SUFFIXES = {
    ".sync": (Pattern.SYNC, 1),
    ".sync:2": (Pattern.SYNC, 2),
    ".waitForTaskToken": (Pattern.WAIT_FOR_TASK_TOKEN, 1),
}
_ARN = r"arn:(?P<partition>[^:]+):"
_FUNCTION = re.compile(_ARN + r"lambda:[^:]*:[^:]*:function:(?P<name>[^:]+(?::[^:]+)?)")
_ACTIVITY = re.compile(_ARN + r"states:[^:]*:[^:]*:activity:(?P<name>.+)")
_SERVICE = re.compile(
    _ARN + r"states:[^:]*:[^:]*:(?P<type>aws-sdk:[^:]+|[^:]+):(?P<action>[^:.]+)(?P<suffix>\.[^.:]+(?::\d+)?)?"
)


def split_resource(arn: str) -> Resource:
    """The parts of a Task's Resource ARN.

    Raises `BadResource` for what is no ARN of a function, an activity or an integration, and for an unknown suffix.
    Whether the service and the action exist is not looked at: `asl.integrations.catalog` knows.
    """
    if match := _FUNCTION.fullmatch(arn):
        return Resource(arn, Kind.LAMBDA, "lambda", match["name"], "invoke")
    if match := _ACTIVITY.fullmatch(arn):
        return Resource(arn, Kind.ACTIVITY, "activity", match["name"], match["name"])
    match = _SERVICE.fullmatch(arn)
    if match is None:
        raise BadResource(arn)
    action, suffix = match["action"], match["suffix"]
    if suffix is None:
        return Resource(arn, Kind.SERVICE, match["type"], action, action)
    if suffix not in _SUFFIXES:
        raise BadResource(arn)
    pattern, version = _SUFFIXES[suffix]
    return Resource(arn, Kind.SERVICE, match["type"], action + suffix, action, pattern, version)
