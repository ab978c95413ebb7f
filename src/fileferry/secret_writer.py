"""Secrets Manager, write only: what tenants entrust to the API and never get back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from fileferry.aws_errors import code_of
from fileferry.errors import ConfigurationError, TooLarge
from fileferry.secrets import CURRENT, PENDING

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

_RECOVERY_DAYS = 7
"""The least that Secrets Manager keeps a deleted secret for (DeleteSecret)."""
_LARGEST = 65_536
"""Bytes of a secret's value (Secrets Manager user guide, "AWS Secrets Manager quotas")."""


class SecretWriter:
    """Stores secrets below the prefix that the deployment allows; whoever has this needs no right to read them."""

    def __init__(self, client: SecretsManagerClient, prefix: str) -> None:
        self._client = client
        self._prefix = prefix

    def put(self, name: str, value: str, description: str = "") -> None:
        """Create the secret, or give it a new value, the old one then being AWSPREVIOUS. `name` begins with the prefix.

        Raises ConfigurationError for another name, TooLarge for a value that Secrets Manager does not hold.
        """
        self._check(name, value)
        try:
            self._client.create_secret(Name=name, SecretString=value, Description=description)
        except ClientError as error:
            if code_of(error) == "InvalidRequestException":  # it is to be deleted, and may be wanted again
                self._client.restore_secret(SecretId=name)
            elif code_of(error) != "ResourceExistsException":
                raise
            self._client.put_secret_value(SecretId=name, SecretString=value)

    def put_pending(self, name: str, value: str) -> None:
        """Give a secret a value that is to become current by `activate`; one that was pending before is forgotten."""
        self._check(name, value)
        self._unlabel(name)
        self._client.put_secret_value(SecretId=name, SecretString=value, VersionStages=[PENDING])

    def activate(self, name: str) -> None:
        """Make the pending value current, the current one then being AWSPREVIOUS; without a pending one do nothing."""
        self._check(name)
        pending, current = self._version(name, PENDING), self._version(name, CURRENT)
        if pending and current and pending != current:
            self._client.update_secret_version_stage(
                SecretId=name, VersionStage=CURRENT, MoveToVersionId=pending, RemoveFromVersionId=current
            )
        self._unlabel(name)

    def _unlabel(self, name: str) -> None:
        if version := self._version(name, PENDING):
            self._client.update_secret_version_stage(SecretId=name, VersionStage=PENDING, RemoveFromVersionId=version)

    def _version(self, name: str, stage: str) -> str | None:
        """Id of the version with a staging label; None if there is none."""
        stages = self._client.describe_secret(SecretId=name).get("VersionIdsToStages", {})
        return next((version for version, labels in stages.items() if stage in labels), None)

    def delete(self, name: str) -> None:
        """Have the secret deleted a week from now, until when it can be restored; it may be gone already."""
        self._check(name)
        try:
            self._client.delete_secret(SecretId=name, RecoveryWindowInDays=_RECOVERY_DAYS)
        except ClientError as error:
            if code_of(error) not in ("ResourceNotFoundException", "InvalidRequestException"):
                raise

    def _check(self, name: str, value: str = "") -> None:
        if not self._prefix or not name.startswith(self._prefix):
            raise ConfigurationError(
                f"Secret {name!r} is outside {self._prefix!r}, the only place that tenants' secrets may lie.",
                todo="set ALLOWED_SECRET_PREFIX, as template.yaml does.",
            )
        if (size := len(value.encode())) > _LARGEST:
            raise TooLarge(
                f"The secret has {size:,} bytes as it is stored; Secrets Manager holds at most {_LARGEST:,} bytes.",
                todo="shorten it.",
            )
