"""`ferry key-rings`: a tenant's OpenPGP keys."""

from __future__ import annotations

from .records import record_app

app = record_app("key-rings", "key ring", ["id", "description", "warnings", "updated_at"])
