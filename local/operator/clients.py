"""`ferry clients`: the machines that may call the API for a tenant."""

from __future__ import annotations

from .records import record_app

app = record_app("clients", "client", ["id", "principal", "role", "enabled", "description"])
