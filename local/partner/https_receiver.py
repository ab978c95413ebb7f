"""The partner's HTTPS receiver: `python -m local.partner.https_receiver FOLDER`, FOLDER as `account.py` fills it.

It takes what docs/destinations.md describes: PUT with a signature and a digest, one resource per Idempotency-Key.
A body is written beside its place and moved there when it is whole and its signature fits.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import secrets
import signal
import ssl
import sys
import threading
import time
from collections.abc import Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from fileferry.destinations.signing import content_digest, signature, stated_sha256

from .account import HOST, Account, https_folder, read_account

_BLOCK = 256 * 1024
_MAX_AGE_SECONDS = 300
_RECEIPTS = ".receipts"


class Refusal(Exception):
    """An answer other than 2xx."""

    def __init__(self, status: HTTPStatus, text: str) -> None:
        super().__init__(status, text)
        self.status = status
        self.text = text


class Inbox:
    """The folder of received files and, for each Idempotency-Key, what was made under it."""

    def __init__(self, folder: Path, secret: str) -> None:
        self._folder = folder
        self._secret = secret
        self._lock = threading.Lock()
        (folder / _RECEIPTS).mkdir(parents=True, exist_ok=True)

    def path(self, url_path: str) -> Path:
        """The file of a URL's path. Raises Refusal for one that is none of ours."""
        parts = [unquote(part) for part in urlsplit(url_path).path.strip("/").split("/")]
        if not all(parts) or any(part.startswith(".") or "/" in part or "\0" in part for part in parts):
            raise Refusal(HTTPStatus.BAD_REQUEST, "This path names no file.")
        return self._folder.joinpath(*parts)

    def check_signature(self, header: str, sha256: str) -> None:
        """Raises Refusal unless `header` is a fresh signature of a body with this SHA-256."""
        stamp = header.partition(",")[0].removeprefix("t=")
        if not stamp.isdigit() or abs(time.time() - int(stamp)) > _MAX_AGE_SECONDS:
            raise Refusal(HTTPStatus.UNAUTHORIZED, "The signature is missing or too old.")
        if not hmac.compare_digest(header, signature(self._secret, sha256, int(stamp))):
            raise Refusal(HTTPStatus.UNAUTHORIZED, "The signature does not fit the body.")

    def store(self, key: str, target: Path, part: Path, sha256: str, *, new_only: bool) -> bool:
        """Move the whole file `part` to its place; False when this key has made it before."""
        receipt = self._folder / _RECEIPTS / f"{hashlib.sha256(key.encode()).hexdigest()}.json"
        made = {"file": str(target.relative_to(self._folder)), "sha256": sha256}
        with self._lock:
            if receipt.exists():
                if json.loads(receipt.read_text()) != made:
                    raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "This Idempotency-Key has made another resource.")
                return False
            if new_only and target.exists():
                raise Refusal(HTTPStatus.PRECONDITION_FAILED, "The file exists.")
            target.parent.mkdir(parents=True, exist_ok=True)
            part.replace(target)
            receipt.write_text(json.dumps(made))
        return True

    @contextlib.contextmanager
    def part(self) -> Iterator[Path]:
        """A name for a file in the making; what is left of it goes."""
        path = self._folder / _RECEIPTS / f"{secrets.token_hex(8)}.part"
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)


class _Request(BaseHTTPRequestHandler):
    """One request; `inbox` is set by `serve`."""

    protocol_version = "HTTP/1.1"
    timeout = 60
    inbox: Inbox

    def do_PUT(self) -> None:
        try:
            self._put()
        except Refusal as refusal:
            self._answer(refusal.status, text=refusal.text)
            self.close_connection = True

    def do_HEAD(self) -> None:
        try:
            file = self.inbox.path(self.path)
        except Refusal as refusal:
            return self._answer(refusal.status)
        if not file.is_file():
            return self._answer(HTTPStatus.NOT_FOUND)
        with file.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return self._answer(HTTPStatus.OK, digest=digest, length=file.stat().st_size)

    def _put(self) -> None:
        target, key = self.inbox.path(self.path), self.headers.get("Idempotency-Key", "")
        if not key:
            raise Refusal(HTTPStatus.BAD_REQUEST, "Idempotency-Key is missing.")
        with self.inbox.part() as part:
            sha256 = self._receive(part)
            stated = stated_sha256(self.headers.get("Content-Digest", ""))
            if stated and stated != sha256:
                raise Refusal(HTTPStatus.BAD_REQUEST, "Content-Digest does not fit the body.")
            self.inbox.check_signature(self.headers.get("X-Fileferry-Signature", ""), sha256)
            new_only = self.headers.get("If-None-Match", "") == "*"
            new = self.inbox.store(key, target, part, sha256, new_only=new_only)
        self._answer(HTTPStatus.CREATED if new else HTTPStatus.OK, digest=sha256)

    def _receive(self, part: Path) -> str:
        """Write the body to `part` and return its SHA-256 in hex. Raises Refusal when it is cut off."""
        length = self.headers.get("Content-Length", "")
        if not length.isdigit():
            raise Refusal(HTTPStatus.LENGTH_REQUIRED, "Content-Length is missing.")
        left, digest = int(length), hashlib.sha256()
        with part.open("wb") as file:
            while left and (block := self.rfile.read(min(_BLOCK, left))):
                file.write(block)
                digest.update(block)
                left -= len(block)
        if left:
            raise Refusal(HTTPStatus.BAD_REQUEST, "The body is cut off.")
        return digest.hexdigest()

    def _answer(self, status: HTTPStatus, *, text: str = "", digest: str = "", length: int | None = None) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        if digest:
            self.send_header("Repr-Digest", content_digest(digest))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def serve(account: Account, folder: Path) -> ThreadingHTTPServer:
    """A listening server over `folder`; the caller runs and closes it."""
    handler = type("Request", (_Request,), {"inbox": Inbox(folder, account.hmac_secret)})
    server = ThreadingHTTPServer((HOST, account.https_port), handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with _files(folder, account) as (certificate, key):
        context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    return server


@contextlib.contextmanager
def _files(folder: Path, account: Account) -> Iterator[tuple[Path, Path]]:
    """The certificate and its key as files, which the ssl module demands; for as long as they are read."""
    certificate, key = folder / _RECEIPTS / "server.pem", folder / _RECEIPTS / "server.key"
    for file, text in ((certificate, account.certificate), (key, account.certificate_key)):
        file.touch(mode=0o600)
        file.write_text(text)
    try:
        yield certificate, key
    finally:
        certificate.unlink()
        key.unlink()


def _run(partner: Path) -> None:
    server = serve(read_account(partner), https_folder(partner))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    server.serve_forever()
    server.server_close()


if __name__ == "__main__":
    _run(Path(sys.argv[1]))
