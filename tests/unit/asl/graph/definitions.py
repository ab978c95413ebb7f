"""Definitions that the tests of the graph share."""

from __future__ import annotations

from typing import Any

STRAIGHT: dict[str, Any] = {
    "StartAt": "Fetch",
    "States": {
        "Fetch": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
            "Comment": "Gets the file.",
            "Retry": [{"ErrorEquals": ["Busy"], "MaxAttempts": 5}, {"ErrorEquals": ["States.ALL"]}],
            "Catch": [{"ErrorEquals": ["Refused", "Late"], "Next": "Give up"}],
            "Next": "Big?",
        },
        "Big?": {
            "Type": "Choice",
            "Choices": [
                {"Variable": "$.size", "NumericGreaterThan": 5, "Next": "Pause"},
                {"Not": {"Variable": "$.size", "IsPresent": True}, "Next": "Give up"},
            ],
            "Default": "Done",
        },
        "Pause": {"Type": "Wait", "Seconds": 30, "Next": "Fetch"},
        "Done": {"Type": "Pass", "End": True},
        "Give up": {"Type": "Fail", "Error": "Refused"},
    },
}

NESTED: dict[str, Any] = {
    "StartAt": "Each",
    "States": {
        "Each": {
            "Type": "Map",
            "ItemProcessor": {
                "StartAt": "Check",
                "States": {
                    "Check": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:1:function:check", "Next": "Keep"},
                    "Keep": {"Type": "Pass", "End": True},
                },
            },
            "Next": "Both",
        },
        "Both": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "Left", "States": {"Left": {"Type": "Wait", "Seconds": 5, "End": True}}},
                {"StartAt": "Right", "States": {"Right": {"Type": "Fail", "Error": "Broken"}}},
            ],
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Mend"}],
            "End": True,
        },
        "Mend": {"Type": "Succeed"},
    },
}
