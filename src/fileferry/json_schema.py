"""JSON Schema as tenants use it in contracts: checked when a route is written, applied when a file comes."""

from __future__ import annotations

from typing import Any

import jsonschema
from jsonschema.validators import validator_for


def check_schema(schema: dict[str, Any]) -> None:
    """Raises ValueError that names the place when `schema` is not a valid JSON Schema."""
    cls = validator_for(schema, default=jsonschema.Draft202012Validator)
    try:
        cls.check_schema(schema)
    except jsonschema.SchemaError as error:
        place = "/".join(str(part) for part in error.absolute_path)
        raise ValueError(f"not a JSON Schema, at /{place}: {error.message}") from error
