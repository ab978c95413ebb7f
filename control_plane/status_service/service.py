"""The API that all rooms of status_service declare their operations on."""

from __future__ import annotations

from aws_lambda_powertools import Logger

from fileferry.api import Api
from fileferry.errors import NoSuchRecord
from fileferry.services import services

logger = Logger(service="fileferry", use_rfc3339=True)
api = Api(logger, "jobs")


def check_tenant(tenant: str) -> None:
    """Raises NoSuchRecord when there is no such tenant."""
    if services().config.tenant(tenant) is None:
        raise NoSuchRecord(f"There is no tenant {tenant!r}.")
