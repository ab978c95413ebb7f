"""Which permission some calls need.

AWS: a batch call needs the permission of the single call (Service Authorization Reference: Amazon SNS and Amazon SQS
have no actions for batches), and SendTaskSuccess, SendTaskFailure and SendTaskHeartbeat are permitted for the state
machine whose task it is (SAM's policy template StepFunctionsCallbackPolicy).
MiniStack 1.5.33 wants `sns:PublishBatch`, `sqs:SendMessageBatch` and so on, and permits task calls for `*` only.
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
    """`extract_resource_arn` with the state machine of a task's token."""

    def extract(service: str, method: str, path: str, headers: Any, body: bytes, *rest: Any) -> str:
        machine = machine_of_token(body) if service == "states" and b"taskToken" in body else ""
        return machine or str(original(service, method, path, headers, body, *rest))

    return extract


def machine_of_token(body: bytes) -> str:
    """The ARN of the state machine whose task has the request's token; empty when it is unknown."""
    try:
        token = json.loads(body)["taskToken"]
    except (ValueError, TypeError, KeyError):
        return ""
    return str(sfn._task_tokens.get(token, {}).get(STATE_MACHINE, ""))


def close_gap() -> None:
    """The enforcement looks both functions up at each request."""
    iam_actions.extract_iam_action = action(iam_actions.extract_iam_action)
    iam_actions.extract_resource_arn = resource(iam_actions.extract_resource_arn)
