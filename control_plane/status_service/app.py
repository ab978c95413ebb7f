"""status_service: what became of files (docs/api.md). Each room declares its operations on the service's API."""

from __future__ import annotations

from typing import Any

from . import (
    actions,
    bulk_actions,
    dead_letters,
    downloads,
    explain,
    histories,
    jobs,
    statistics,
    workflows,
)
from .service import api

__all__ = [
    "actions",
    "bulk_actions",
    "dead_letters",
    "downloads",
    "explain",
    "handler",
    "histories",
    "jobs",
    "statistics",
    "workflows",
]


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answers one request of an HTTP API (payload format 2.0)."""
    return api.resolve(event, context)
