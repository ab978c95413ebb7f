"""config_service: what tenants configure (docs/api.md). Each room declares its operations on the service's API."""

from __future__ import annotations

from typing import Any

from . import (
    audit,
    clients,
    credentials,
    destinations,
    dry_runs,
    expectations,
    key_rings,
    routes,
    schemas,
    subscriptions,
    tenants,
    trials,
    users,
)
from .service import api

__all__ = [
    "audit",
    "clients",
    "credentials",
    "destinations",
    "dry_runs",
    "expectations",
    "handler",
    "key_rings",
    "routes",
    "schemas",
    "subscriptions",
    "tenants",
    "trials",
    "users",
]


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answers one request of an HTTP API (payload format 2.0)."""
    return api.resolve(event, context)
