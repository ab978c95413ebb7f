"""A tenant's HTTPS endpoint for events: real TLS, and answers as a test wants them."""

from __future__ import annotations

import hashlib
import hmac
import json
import ssl
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from local.partner.certificates import Issued, issue_certificates

HOST = "localhost"


@dataclass
class Receiver:
    """What came, and what is answered; `secret` is what the receiver checks signatures with."""

    port: int
    certificates: Issued
    secret: str = ""
    status: int = 204
    trickle_seconds: float = 0
    """Instead of an answer a byte every now and then, for so long."""
    events: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    signatures: list[bool] = field(default_factory=list)
    """Whether each request's signature fits `secret`."""

    @property
    def target(self) -> dict[str, Any]:
        url = f"https://{HOST}:{self.port}/hooks/fileferry?token=t"
        return {"kind": "https", "url": url, "ca_certificate": self.certificates.authority}

    def check(self, header: str, body: bytes) -> bool:
        """As docs/subscriptions.md tells receivers to."""
        members = [member.partition("=") for member in header.split(",")]
        stamps = [value for name, _, value in members if name == "t"]
        expected = hmac.new(self.secret.encode(), f"{stamps[0]}.".encode() + body, hashlib.sha256).hexdigest()
        fits = any(hmac.compare_digest(value, expected) for name, _, value in members if name == "v1")
        return fits and abs(time.time() - int(stamps[0])) < 300


@contextmanager
def receiver() -> Iterator[Receiver]:
    certificates = issue_certificates([HOST], ["127.0.0.1"])
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Request)
    found = Receiver(server.server_address[1], certificates)
    server.receiver = found  # type: ignore[attr-defined]
    server.socket = _context(certificates).wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _context(certificates: Issued) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        certificate, key = Path(folder, "certificate.pem"), Path(folder, "key.pem")
        certificate.write_text(certificates.certificate)
        key.write_text(certificates.key)
        context.load_cert_chain(certificate, key)
    return context


class _Request(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        found: Receiver = self.server.receiver  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers["Content-Length"]))
        found.signatures.append(found.check(self.headers["X-Fileferry-Signature"], body))
        found.headers.append({"path": self.path, **{name.lower(): value for name, value in self.headers.items()}})
        found.events.append(json.loads(body))
        if found.trickle_seconds:
            return self._trickle(found.trickle_seconds)
        self.send_response(found.status)
        if found.status == 302:
            self.send_header("Location", "https://169.254.169.254/")
        self.send_header("Content-Length", "0")
        self.end_headers()
        return None

    def _trickle(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                self.wfile.write(b"H")
                self.wfile.flush()
            except OSError:
                return
            time.sleep(0.05)

    def log_message(self, *_: Any) -> None:
        """Nothing: requests are in `events`."""
