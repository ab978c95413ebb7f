"""A partner's HTTPS endpoint for tests: a real TLS server on a local port, with answers that a test chooses."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Answer:
    """What the endpoint says to one request; `body` may be shorter than the `content-length` that it states."""

    status: int = 201
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class HttpsPartner:
    """The running endpoint: what it was asked, what it stored, and what it is going to answer."""

    port: int
    ca: str
    requests: list[Request] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    """Used up one a request; after the last one every PUT and POST is stored and answered 201."""
    stored: dict[str, bytes] = field(default_factory=dict)
    close_after: int | None = None
    """The connection breaks after this many bytes of a body."""
    lose_answers: bool = False
    """Stores what comes and breaks the connection instead of answering."""

    def target(self, **changes: Any) -> dict[str, Any]:
        url = f"https://localhost:{self.port}/in"
        return {"kind": "https", "url": url, "ca_certificate": self.ca, **changes}

    def answer(self, request: Request) -> Answer:
        if self.answers:
            return self.answers.pop(0)
        if request.method == "HEAD":
            content = self.stored.get(request.path)
            return Answer(404) if content is None else Answer(200, {"content-length": str(len(content))})
        if request.headers.get("if-none-match") == "*" and request.path in self.stored:
            return Answer(412)
        self.stored[request.path] = request.body
        return Answer(201)


class _Handler(BaseHTTPRequestHandler):
    partner: HttpsPartner

    def __getattr__(self, name: str) -> Any:
        """`do_PUT`, `do_POST` …: all methods are served alike."""
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def _serve(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        close_after = self.partner.close_after
        body = self.rfile.read(length if close_after is None else min(length, close_after))
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, self.path, headers, body)
        self.partner.requests.append(request)
        self.close_connection = True
        if len(body) < length:
            return
        answer = self.partner.answer(request)
        if self.partner.lose_answers:
            return
        self.send_response(answer.status)
        for name, value in {"content-length": str(len(answer.body)), **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *arguments: Any) -> None:
        """A client that hangs up is part of the tests."""


@contextmanager
def https_partner(folder: Path, host: str = "localhost") -> Iterator[HttpsPartner]:
    """An endpoint whose certificate is for `host`; its files lie in `folder`."""
    ca, chain = _certificates(folder, host)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    handler = type("Handler", (_Handler,), {})
    server = _Server(("127.0.0.1", 0), handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    handler.partner = partner = HttpsPartner(server.server_address[1], ca)  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield partner
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def _certificates(folder: Path, host: str) -> tuple[str, Path]:
    """(PEM of a new authority, file with a key and a certificate of it for `host`)."""
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    names = [x509.DNSName(host), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    ca = _certificate("test authority", ca_key, "test authority", ca_key, None)
    leaf = _certificate(host, key, "test authority", ca_key, x509.SubjectAlternativeName(names))
    path = folder / "endpoint.pem"
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(pem + leaf.public_bytes(serialization.Encoding.PEM))
    return ca.public_bytes(serialization.Encoding.PEM).decode(), path


def _certificate(
    subject: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: str,
    issuer_key: ec.EllipticCurvePrivateKey,
    names: x509.SubjectAlternativeName | None,
) -> x509.Certificate:
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=names is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    if names:
        builder = builder.add_extension(names, critical=False)
    else:
        usage = dict.fromkeys(("content_commitment", "key_encipherment", "data_encipherment", "key_agreement"), False)
        builder = builder.add_extension(
            x509.KeyUsage(
                digital_signature=True,
                key_cert_sign=True,
                crl_sign=True,
                encipher_only=False,
                decipher_only=False,
                **usage,
            ),
            critical=True,
        )
    return builder.sign(issuer_key, hashes.SHA256())
