"""The functions' services over the deployed stack, with the account's own credentials: what operators do by hand."""

from __future__ import annotations

from typing import Any

from fileferry.services import Services
from fileferry.settings import Settings
from local.stack import Stack

_OUTPUTS = {
    "ingest_bucket": "IngestBucketName",
    "staging_bucket": "StagingBucketName",
    "archive_bucket": "ArchiveBucketName",
    "config_table": "ConfigTableName",
    "jobs_table": "JobsTableName",
    "runs_table": "RunsTableName",
    "keys_table": "KeysTableName",
    "statistics_table": "StatisticsTableName",
    "events_topic_arn": "EventsTopicArn",
    "success_topic_arn": "SuccessTopicArn",
    "failure_topic_arn": "FailureTopicArn",
    "ingest_queue_url": "IngestQueueUrl",
    "work_queue_url": "WorkQueueUrl",
    "bulk_queue_url": "BulkQueueUrl",
}
"""Setting → output of the stack."""


def services_of(stack: Stack) -> Services:
    """Raises NotRunning when the stack lacks an output."""
    workflows = {"transfer/v1": stack["TransferLiveAliasArn"]}
    names: dict[str, Any] = {name: stack[output] for name, output in _OUTPUTS.items()}
    services = Services(Settings(region=stack.emulator.region, workflows=workflows, **names), stack.session)
    for client in ("s3", "dynamodb", "sns", "sqs", "sfn"):
        services.__dict__[client] = getattr(stack, client)
    return services
