"""`ferry expectations`: which files should come by when."""

from __future__ import annotations

from .records import record_app

app = record_app("expectations", "expectation", ["id", "enabled", "next_deadline", "description"])
