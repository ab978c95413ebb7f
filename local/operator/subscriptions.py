"""`ferry subscriptions`: who is told of a tenant's events."""

from __future__ import annotations

from .records import record_app

app = record_app("subscriptions", "subscription", ["id", "target.kind", "enabled", "state", "description"])
