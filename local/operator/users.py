"""`ferry users`: a tenant's SFTP logins."""

from __future__ import annotations

from .records import record_app

app = record_app("users", "user", ["id", "enabled", "description", "home.prefix", "updated_at"])
