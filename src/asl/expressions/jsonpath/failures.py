"""AWS's words for a path that finds nothing, by the field in which it stands."""

from __future__ import annotations

import json
from typing import Any

from asl.errors import PathNotFound, RuntimeFailure


def invalid_path(error: PathNotFound) -> RuntimeFailure:
    """InputPath, OutputPath and ItemsPath: "Invalid path '$.x' : No results for path: $['x']"."""
    return RuntimeFailure(f"Invalid path '{error.path}' : {error.reason}")


def path_not_in_input(error: PathNotFound, field: str) -> RuntimeFailure:
    """A member of a payload template (`field` is its name with `.$`), CausePath, ErrorPath.

    "The JSONPath '$.x' specified for the field 'value.$' could not be found in the input '{}'"
    """
    return RuntimeFailure(
        f"The JSONPath '{error.path}' specified for the field '{field}' could not be found in the input "
        f"'{compact(error.data)}'"
    )


def compact(value: Any) -> str:
    """JSON without blanks, as AWS quotes values in its messages."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
