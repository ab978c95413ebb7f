"""Asks the worker beside it for its health: exit status 0 or 1, for the container's HEALTHCHECK."""

from __future__ import annotations

import http.client
import os
import sys


def healthy(port: int) -> bool:
    """Whether a worker answers there that all is well."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(0 if healthy(int(os.environ.get("HEALTH_PORT") or "8080")) else 1)
