"""Which permission some calls need.

AWS: a batch call needs the permission of the single call (Service Authorization Reference: Amazon SNS and Amazon SQS
have no actions for batches); SendTaskSuccess, SendTaskFailure and SendTaskHeartbeat are permitted for the state
machine whose task it is (SAM's policy template StepFunctionsCallbackPolicy); and a call about a version or an alias for
the state machine itself, whose ARN has no qualifier (Step Functions developer guide, "Authorization for versions and
aliases in Step Functions workflows").
MiniStack 1.5.33 wants `sns:PublishBatch`, `sqs:SendMessageBatch` and so on, permits task calls and
DescribeStateMachineAlias for `*` only, and others for the ARN as it is given.
"""

from __future__ import annotations

import json
from typing import Any

from ministack.core import iam_actions
from ministack.services import stepfunctions as sfn

SINGLE = {
    "sns:PublishBatch": "sns:Publish",
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
}
STATE_MACHINE = "stateMachineArn"
"""Field of a task token's entry, which `step_functions` writes."""


def action(original: Any) -> Any:
    """`extract_iam_action` with the single call's action for a batch."""

    def extract(*arguments: Any) -> str | None:
        found: str | None = original(*arguments)
        return SINGLE.get(found or "", found)

    return extract


def resource(original: Any) -> Any:
    """`extract_resource_arn` with the state machine of a task's token, an alias or a version."""

    def extract(service: str, method: str, path: str, headers: Any, body: bytes, *rest: Any) -> str:
        found = str(original(service, method, path, headers, body, *rest))
        return _about(body, found) if service == "states" else found

    return extract


def _about(body: bytes, otherwise: str) -> str:
    """The ARN of the state machine that a request of Step Functions is about; `otherwise` when it names none."""
    try:
        request = json.loads(body)
        token, alias = request.get("taskToken"), request.get("stateMachineAliasArn")
    except (ValueError, AttributeError):
        return otherwise
    of_token = str(sfn._task_tokens.get(token, {}).get(STATE_MACHINE, "")) if token else ""
    return of_token or unqualified(alias or otherwise)


def unqualified(arn: str) -> str:
    """A state machine's ARN without version or alias; any other ARN as it is."""
    parts = arn.split(":")
    return ":".join(parts[:7]) if parts[5:6] == ["stateMachine"] else arn


def close_gap() -> None:
    """The enforcement looks both functions up at each request."""
    iam_actions.extract_iam_action = action(iam_actions.extract_iam_action)
    iam_actions.extract_resource_arn = resource(iam_actions.extract_resource_arn)
