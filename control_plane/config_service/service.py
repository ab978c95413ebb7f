"""What all rooms of config_service share: the API that they declare their operations on, and the writer."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from http import HTTPStatus
from typing import Any, TypeVar

from aws_lambda_powertools import Logger
from pydantic import BaseModel

from fileferry.api import Answer, Api, reply
from fileferry.errors import NoSuchRecord
from fileferry.repositories.config_writes import ConfigWriter
from fileferry.repositories.records import Stored
from fileferry.services import Services, services

S = TypeVar("S", bound=BaseModel)

logger = Logger(service="fileferry", use_rfc3339=True)
api = Api(logger, "config")


@lru_cache(maxsize=1)
def _writer(world: Services) -> ConfigWriter:
    return ConfigWriter(world.dynamodb, world.settings.config_table)


def config() -> ConfigWriter:
    return _writer(services())


def told(stored: Stored[Any], show: Callable[[Any], Any] = lambda value: value, *, created: str = "") -> Answer:
    """A record with its entity tag; `created` is the address of one that is new (201)."""
    value = show(stored.value)
    if created:
        return reply(value, HTTPStatus.CREATED, ETag=stored.etag, Location=created)
    return reply(value, ETag=stored.etag)


def check_tenant(tenant: str) -> None:
    """Raises NoSuchRecord when there is no such tenant."""
    config().tenant(tenant)


def spec_of(new: BaseModel, spec: type[S]) -> S:
    """The spec within a new record, which is a spec with an id and has been validated."""
    return spec.model_construct(**{name: getattr(new, name) for name in spec.model_fields})


def exists(read: Any) -> bool:
    try:
        read()
    except NoSuchRecord:
        return False
    return True
