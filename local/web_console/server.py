"""The console's server: `python -m local.web_console.server HOME`.

Files of the build, `index.html` for every address of a view, `/config.json`, and `/v1/…` passed on to the API: what
CloudFront does on AWS.
"""

from __future__ import annotations

import gzip
import http.client
import json
import mimetypes
import signal
import sys
import threading
from collections.abc import Mapping
from functools import lru_cache
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from .headers import REVALIDATED, cache_control, security_headers
from .settings import ConsoleSettings, read_settings

HOST = "127.0.0.1"
TYPES = {".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml", ".html": "text/html; charset=utf-8"}
_SMALL = 1024
"""Bytes below which compression is not worth its headers."""
_SECONDS = 60.0
_HOP_BY_HOP = {
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "host",
    "content-length",
}
"""Headers of one connection only (RFC 9110, section 7.6.1), and those that are written anew."""


class Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    server: ConsoleServer

    def handle_any(self) -> None:
        settings = self.server.settings()
        path = urlsplit(self.path).path
        if path == "/v1" or path.startswith("/v1/"):
            self._pass_on(settings)
        elif self.command not in ("GET", "HEAD"):
            self._answer(HTTPStatus.METHOD_NOT_ALLOWED, b"", {"Allow": "GET, HEAD"})
        elif path == "/config.json":
            self._page(settings, json.dumps(settings.config()).encode(), "application/json", REVALIDATED)
        else:
            self._file(settings, path)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = handle_any  # noqa: N815 - their names

    def _file(self, settings: ConsoleSettings, path: str) -> None:
        file = built_file(Path(settings.pages), path)
        if file is None:
            self._page(settings, b"There is no such file.", "text/plain", REVALIDATED, HTTPStatus.NOT_FOUND)
            return
        kind = TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        kept = cache_control(file.relative_to(settings.pages).as_posix())
        self._page(settings, file.read_bytes(), kind, kept)

    def _page(
        self, settings: ConsoleSettings, body: bytes, kind: str, kept: str, status: HTTPStatus = HTTPStatus.OK
    ) -> None:
        headers = {"Content-Type": kind, "Cache-Control": kept, **security_headers(_reached(settings.login))}
        if len(body) >= _SMALL and "gzip" in self.headers.get("accept-encoding", ""):
            headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
            body = compressed(body)
        self._answer(status, body, headers)

    def _pass_on(self, settings: ConsoleSettings) -> None:
        """The request as it is to the API, and its answer as it is back."""
        base = urlsplit(settings.api)
        kept = {name: value for name, value in self.headers.items() if name.lower() not in _HOP_BY_HOP}
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        connection = http.client.HTTPConnection(base.hostname or HOST, base.port, timeout=_SECONDS)
        try:
            connection.request(self.command, base.path.rstrip("/") + self.path, body or None, kept)
            answer = connection.getresponse()
            content = answer.read()
        except OSError as error:
            text = {"title": "Bad Gateway", "status": 502, "detail": f"The API does not answer: {error}."}
            headers = {"Content-Type": "application/problem+json", "Cache-Control": "no-store"}
            self._answer(HTTPStatus.BAD_GATEWAY, json.dumps(text).encode(), headers)
        else:
            given = {name: value for name, value in answer.getheaders() if name.lower() not in {*_HOP_BY_HOP, "date"}}
            self._answer(answer.status, content, given)
        finally:
            connection.close()

    def _answer(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def version_string(self) -> str:
        return "ferry"

    def log_message(self, format: str, *arguments: object) -> None:
        """Refusals are told in the API's own log; what goes well is not worth a line."""


def built_file(pages: Path, path: str) -> Path | None:
    """The file at an address; the index for a view's, which has no dot in its last part. None where there is none."""
    name = unquote(path).lstrip("/")
    if "\0" in name:
        return None
    file = (pages / name).resolve()
    if file.is_relative_to(pages.resolve()) and file.is_file():
        return file
    is_view = not name.startswith("assets/") and "." not in name.rpartition("/")[2]
    return pages / "index.html" if is_view or name.startswith("t/") else None


@lru_cache(maxsize=256)
def compressed(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)


class ConsoleServer(ThreadingHTTPServer):
    """Listens on the loopback interface only: whoever may reach it may try to sign in."""

    daemon_threads = True

    def __init__(self, home: Path, settings: ConsoleSettings) -> None:
        super().__init__((HOST, settings.port), Handler)
        self._home = home
        self._last = settings

    def settings(self) -> ConsoleSettings:
        """As they are now; the ones before while the file is being written."""
        self._last = read_settings(self._home) or self._last
        return self._last


def main(home: Path) -> None:
    """Serve until SIGTERM."""
    settings = read_settings(home)
    if settings is None:
        sys.exit(f"{home} has no settings of the console; `ferry up` writes them.")
    with ConsoleServer(home, settings) as server:
        signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
        server.serve_forever(poll_interval=0.1)


def _reached(endpoint: str) -> str:
    """Origins of the emulator: the login's, and the one that download links lead to."""
    return f"{endpoint} {endpoint.replace('localhost', '127.0.0.1')}"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
