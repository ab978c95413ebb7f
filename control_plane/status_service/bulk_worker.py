"""Makes the plans of bulk actions and runs them, by the messages of the bulk queue, one in a call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fileferry.actions.bulk import take
from fileferry.services import services
from fileferry.steps import named_errors


def handler(event: Mapping[str, Any], _context: Any) -> dict[str, Any]:
    """Lambda's entry: an event of SQS. What is raised leaves the message to come again, and at last to the DLQ."""
    with named_errors():
        for record in event["Records"]:
            take(services(), record["body"])
    return {}
