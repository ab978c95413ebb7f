"""What a Task's Resource may be, and what it needs of the Task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from asl.errors import BadResource
from asl.integrations.catalog import exists, unknown_resource
from asl.integrations.resource import Kind, Pattern, Resource, split_resource

from .findings import Surroundings

# What AWS asks for when a state machine is created; the rest of a request fails only when it is sent.
REQUIRED_PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "lambda:invoke": ("FunctionName",),
    "sqs:sendMessage": ("QueueUrl", "MessageBody"),
    "sns:publish": ("Message",),
    "dynamodb:putItem": ("TableName", "Item"),
    "dynamodb:getItem": ("TableName", "Key"),
    "states:startExecution": ("StateMachineArn",),
    "events:putEvents": ("Entries",),
    "ecs:runTask": ("TaskDefinition",),
    "glue:startJobRun": ("JobName",),
}


def check_resource(value: Any, location: str, around: Surroundings) -> None:
    """A Task's Resource by itself."""
    if type(value) is not str:
        around.findings.expected("STRING", location)
        return
    if not value.startswith("arn:") or value.count(":") < 5:
        around.findings.error("Value is not a valid resource ARN", location)
        return
    resource = recognised(value)
    if resource is None:
        around.findings.error(unknown_resource(value), location)
    elif around.express and resource.kind is Kind.ACTIVITY:
        around.findings.error("Express state machine does not support Activity ARN", location)
    elif around.express and resource.pattern is not Pattern.REQUEST_RESPONSE:
        # AWS's text has the second blank.
        around.findings.error(
            f"Express state machine does not support '.{resource.pattern}' service integration ", location
        )


def check_integration(state: Mapping[str, Any], location: str, around: Surroundings) -> None:
    """What the resource needs of its Task."""
    arn = state.get("Resource")
    resource = recognised(arn) if type(arn) is str else None
    if resource is None or resource.kind is Kind.LAMBDA:
        return
    if resource.kind is Kind.ACTIVITY:
        if "Credentials" in state:
            around.findings.error("The field 'Credentials' is not supported for activities", f"{location}/Credentials")
        return
    field = "Arguments" if around.jsonata else "Parameters"
    if field not in state:
        around.findings.error(f"{field} field is required for resource ARN: {arn}", f"{location}/Resource")
    elif type(state[field]) is dict:
        for member in REQUIRED_PARAMETERS.get(f"{resource.resource_type}:{resource.action}", ()):
            check_member(member, state[field], f"{location}/{field}", around)


def check_member(field: str, template: Mapping[str, Any], location: str, around: Surroundings) -> None:
    """A field that a payload template must give, as it stands or with `.$`."""
    if field not in template and f"{field}.$" not in template:
        around.findings.error(f"The field '{field}' is required but was missing", location)


def recognised(arn: str) -> Resource | None:
    """The resource, if it is a function, an activity, or an integration that exists in this pattern."""
    try:
        resource = split_resource(arn)
    except BadResource:
        return None
    if resource.kind is Kind.SERVICE and (arn.split(":", 5)[3:5] != ["", ""] or not exists(resource)):
        return None
    return resource
