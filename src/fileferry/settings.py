"""The environment of a function, read once and typed."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from fileferry.errors import ConfigurationError

_REQUIRED = (
    "INGEST_BUCKET",
    "STAGING_BUCKET",
    "ARCHIVE_BUCKET",
    "CONFIG_TABLE",
    "JOBS_TABLE",
    "RUNS_TABLE",
    "KEYS_TABLE",
    "STATISTICS_TABLE",
    "EVENTS_TOPIC_ARN",
    "SUCCESS_TOPIC_ARN",
    "FAILURE_TOPIC_ARN",
    "INGEST_QUEUE_URL",
    "WORK_QUEUE_URL",
)


@dataclass(frozen=True)
class Settings:
    """Names of the deployed resources and the system's bounds (bytes, seconds)."""

    region: str
    ingest_bucket: str
    staging_bucket: str
    archive_bucket: str
    config_table: str
    jobs_table: str
    runs_table: str
    keys_table: str
    statistics_table: str
    events_topic_arn: str
    success_topic_arn: str
    failure_topic_arn: str
    ingest_queue_url: str
    work_queue_url: str
    bulk_queue_url: str = ""
    dead_letter_queue_urls: Mapping[str, str] = field(default_factory=dict)
    """`ingest`, `work`, `bulk` → URL of the queue's dead-letter queue; only where they are looked at."""
    shards: int = 16
    workflows: Mapping[str, str] = field(default_factory=dict)
    """`NAME/vN` → ARN of the state machine's `live` alias; only where executions are started."""
    allow_private_destinations: tuple[str, ...] = ()
    """Networks (CIDR) and host names that delivery may reach although they are private or loopback."""
    secret_prefix: str = ""
    """Secrets that tenants' configuration may name begin with this; empty: none may be named."""
    transfer_role_arn: str = ""
    sftp_authentication: str = "PUBLIC_KEY"
    """SftpAuthenticationMethods of the SFTP server; users may have passwords where it names them."""
    lambda_seconds: int = 600
    """Estimated transfer time up to which Step Functions and Lambda are chosen; above it the worker."""
    lambda_bytes: int = 5 * 1024**3
    """Largest file that the Lambda functions take: CopyObject ends at 5 GB."""
    lambda_scratch_bytes: int = 10 * 1024**3
    """Temporary files that the transform function has room for (its ephemeral storage)."""
    duplicate_check_bytes: int = 256 * 1024**2
    """Largest file whose content the router itself hashes to recognise it; above it stage does."""
    worker_deployed: bool = True
    """Whether a worker takes the jobs of `work.fifo`."""
    api_admins: tuple[str, ...] = ()
    """ARNs, with `*` and `?`, of the IAM identities that administer the platform through the API."""
    roles_claim: str = "cognito:groups"
    """The claim of a person's token that lists roles."""
    tenant_requests_per_second: int = 50
    """API requests of all callers of a tenant together, as an average over ten seconds."""
    audit_retention_days: int = 400
    statistics_days: int = 400
    """How long a day's statistics are kept."""
    webhooks_queue_url: str = ""
    """Only where events are delivered to HTTPS subscriptions."""
    reconcile_after_seconds: int = 300
    """Age from which the reconciler looks after an object or a job that should have gone on by itself."""


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Settings from environment variables.

    Raises ConfigurationError that lists every variable that is missing or cannot be read.
    """
    missing = [name for name in (*_REQUIRED, "AWS_REGION") if not environment.get(name)]
    if missing:
        raise ConfigurationError(
            f"Environment variables are not set: {', '.join(missing)}.",
            todo="deploy template.yaml, which sets them, or export them before the call.",
        )
    try:
        workflows = json.loads(environment.get("WORKFLOWS") or "{}")
        return Settings(
            region=environment["AWS_REGION"],
            bulk_queue_url=environment.get("BULK_QUEUE_URL", ""),
            dead_letter_queue_urls=json.loads(environment.get("DEAD_LETTER_QUEUE_URLS") or "{}"),
            shards=int(environment.get("SHARDS", "16")),
            workflows=workflows,
            allow_private_destinations=_words(environment.get("ALLOW_PRIVATE_DESTINATIONS", "")),
            secret_prefix=environment.get("ALLOWED_SECRET_PREFIX", ""),
            transfer_role_arn=environment.get("TRANSFER_ROLE_ARN", ""),
            sftp_authentication=environment.get("SFTP_AUTHENTICATION_METHODS") or "PUBLIC_KEY",
            lambda_seconds=int(environment.get("LAMBDA_SECONDS", "600")),
            lambda_bytes=int(environment.get("LAMBDA_BYTES", str(5 * 1024**3))),
            lambda_scratch_bytes=int(environment.get("LAMBDA_SCRATCH_BYTES", str(10 * 1024**3))),
            duplicate_check_bytes=int(environment.get("DUPLICATE_CHECK_BYTES", str(256 * 1024**2))),
            api_admins=_words(environment.get("API_ADMINS", "")),
            roles_claim=environment.get("ROLES_CLAIM") or "cognito:groups",
            tenant_requests_per_second=int(environment.get("TENANT_REQUESTS_PER_SECOND", "50")),
            audit_retention_days=int(environment.get("AUDIT_RETENTION_DAYS", "400")),
            worker_deployed=_flag(environment.get("WORKER_DEPLOYED", "true")),
            statistics_days=int(environment.get("STATISTICS_DAYS", "400")),
            webhooks_queue_url=environment.get("WEBHOOKS_QUEUE_URL", ""),
            reconcile_after_seconds=int(environment.get("RECONCILE_AFTER_SECONDS", "300")),
            **{name.lower(): environment[name] for name in _REQUIRED},
        )
    except ValueError as error:
        raise ConfigurationError(f"An environment variable cannot be read: {error}") from error


def _flag(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(f"{text!r} is neither true nor false")
    return text == "true"


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in (part.strip() for part in text.split(",")) if word)


@lru_cache(maxsize=1)
def settings() -> Settings:
    """This process's settings; the environment is read at the first call."""
    return read_settings(os.environ)
