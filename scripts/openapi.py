"""Writes docs/openapi.json, the API's description, from the operations that the functions declare.

    python scripts/openapi.py [--check]

With --check nothing is written; the exit code is 1 when the file is not what it would be.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLACE = ROOT / "docs" / "openapi.json"


def text() -> str:
    """The description, as it lies in the repository."""
    from control_plane.config_service import app as config_service
    from control_plane.status_service import app as status_service
    from fileferry.api.openapi import describe

    operations = [*config_service.api.operations, *status_service.api.operations]
    return json.dumps(describe(operations, version("fileferry")), indent=1, ensure_ascii=False) + "\n"


def main() -> int:
    if "--check" in sys.argv[1:]:
        if PLACE.exists() and PLACE.read_text() == text():
            return 0
        sys.stderr.write(f"{PLACE.relative_to(ROOT)} is not what the code says; write it with `make openapi`.\n")
        return 1
    PLACE.write_text(text())
    return 0


if __name__ == "__main__":
    sys.exit(main())
