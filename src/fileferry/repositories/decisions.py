"""What is decided about a quarantined file, in its job and its run at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fileferry.model.job import Decision, Job
from fileferry.repositories.creation import CHANGED, UNCHANGED, unchanged, write_all
from fileferry.repositories.items import to_item
from fileferry.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def record_rejection(dynamodb: DynamoDBClient, settings: Settings, job: Job, decision: Decision) -> bool:
    """Note in job and run that the file is refused for good. False when the job has changed meanwhile."""
    known = unchanged(job)
    mark: dict[str, Any] = {
        "TableName": settings.jobs_table,
        "Key": to_item({"job_id": job.job_id}),
        "UpdateExpression": "SET rejected_at = :at",
        "ConditionExpression": UNCHANGED,
        **known,
    }
    mark["ExpressionAttributeValues"] = {**known["ExpressionAttributeValues"], ":at": {"S": decision.at}}
    kept: dict[str, Any] = {
        "TableName": settings.runs_table,
        "Key": to_item({"job_id": job.job_id, "run": job.run}),
        "UpdateExpression": "SET decision = :decision",
        "ConditionExpression": "attribute_exists(job_id)",
        "ExpressionAttributeValues": to_item({":decision": decision.model_dump(mode="json")}),
    }
    return write_all(dynamodb, [{"Update": mark}, {"Update": kept}], refusals=CHANGED)
