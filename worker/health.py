"""The health of this process: `GET /health` answers 200 or 503 with a JSON object, on the loopback interface.

ECS asks from within the container (Dockerfile, HEALTHCHECK).
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Health = Callable[[], dict[str, Any]]
"""What is known; `healthy` says whether all is well."""


class HealthServer:
    """Serves `/health` on a port of the loopback interface; port 0 takes a free one."""

    def __init__(self, port: int, health: Health) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                found = health() if self.path == "/health" else None
                status = 404 if found is None else 200 if found["healthy"] else 503
                body = json.dumps(found or {"error": "ask for /health"}).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Silent: it is asked every few seconds."""

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.port = self._server.server_address[1]

    def start(self) -> None:
        threading.Thread(target=self._server.serve_forever, name="health", daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
