"""Secrets Manager, read only, and only below the prefix that the deployment allows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from fileferry.errors import ConfigurationError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

_ABSENT = {"ResourceNotFoundException", "InvalidRequestException", "DecryptionFailure"}


class Secrets:
    """Values are fetched at every use: rotation must work without a restart, and nothing keeps them."""

    def __init__(self, client: SecretsManagerClient, prefix: str) -> None:
        self._client = client
        self._prefix = prefix

    def text(self, name: str) -> str:
        """The secret's string.

        Raises ConfigurationError when it does not exist, holds no text, or lies outside the allowed prefix.
        """
        if not self._prefix or not name.startswith(self._prefix):
            raise ConfigurationError(
                f"Secret {name!r} is outside {self._prefix!r}, the only place that tenants' secrets may lie.",
                todo=f"store it in Secrets Manager under a name that begins with {self._prefix!r}.",
            )
        try:
            answer = self._client.get_secret_value(SecretId=name)
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

    def fields(self, name: str) -> dict[str, str]:
        """The secret as a JSON object of strings. Raises ConfigurationError when it is none."""
        try:
            value = json.loads(self.text(name))
        except json.JSONDecodeError:
            value = None
        if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
            raise ConfigurationError(
                f"Secret {name!r} is not a JSON object of strings.", todo='store it like {"password": "…"}.'
            )
        return value
