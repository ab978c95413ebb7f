"""Secrets Manager, read only, and only below the prefix that the deployment allows.

A version of a secret is found by its staging label (Secrets Manager user guide, "Secret versions"): AWSCURRENT, and
AWSPREVIOUS, which the service moves to the version that was current before; AWSPENDING is one that is to come.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from fileferry.errors import ConfigurationError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

CURRENT, PREVIOUS, PENDING = "AWSCURRENT", "AWSPREVIOUS", "AWSPENDING"
_ABSENT = {"ResourceNotFoundException", "InvalidRequestException", "DecryptionFailure"}


class Secrets:
    """Values are fetched at every use: rotation must work without a restart, and nothing keeps them."""

    def __init__(self, client: SecretsManagerClient, prefix: str) -> None:
        self._client = client
        self._prefix = prefix

    def text(self, name: str, stage: str = CURRENT) -> str:
        """The string of the secret's version with the staging label `stage`.

        Raises ConfigurationError when it does not exist, holds no text, or lies outside the allowed prefix.
        """
        if not self._prefix or not name.startswith(self._prefix):
            raise ConfigurationError(
                f"Secret {name!r} is outside {self._prefix!r}, the only place that tenants' secrets may lie.",
                todo=f"store it in Secrets Manager under a name that begins with {self._prefix!r}.",
            )
        try:
            answer = self._client.get_secret_value(SecretId=name, VersionStage=stage)
        except ClientError as error:
            if error.response["Error"]["Code"] in _ABSENT:
                raise ConfigurationError(
                    f"Secret {name!r} cannot be read: {error.response['Error']['Code']}.",
                    todo="create it in Secrets Manager in this region, or mend the configuration that names it.",
                ) from error
            raise
        if "SecretString" not in answer:
            raise ConfigurationError(f"Secret {name!r} holds binary data.", todo="store it as a string.")
        return answer["SecretString"]

    def fields(self, name: str, stage: str = CURRENT) -> dict[str, str]:
        """The secret's version as a JSON object of strings. Raises ConfigurationError when it is none."""
        try:
            value = json.loads(self.text(name, stage))
        except json.JSONDecodeError:
            value = None
        if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
            raise ConfigurationError(
                f"Secret {name!r} is not a JSON object of strings.", todo='store it like {"password": "…"}.'
            )
        return value

    def each_version(self, name: str) -> Iterator[tuple[str, dict[str, str]]]:
        """(staging label, fields) of the current version, then of the one to come and the one before.

        Each is read when it is asked for. At last comes the current one once more: either side may have changed while
        the others were tried. Where there is one version only, it comes once. Raises ConfigurationError when the
        current version cannot be read at first: another may be missing or useless.
        """
        seen = [self.fields(name)]
        yield CURRENT, seen[0]
        for stage in (PENDING, PREVIOUS, CURRENT):
            try:
                fields = self.fields(name, stage)
            except ConfigurationError:
                continue
            again = stage == CURRENT and len(seen) > 1
            if again or fields not in seen:
                seen.append(fields)
                yield stage, fields
