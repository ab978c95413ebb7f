"""Delivery to an HTTPS endpoint: one streamed request, signed, with one Idempotency-Key per job, run and destination.

Redirects are not followed and no proxy is used: the request goes to the address that was checked, under the
name that its certificate must have.
"""

from __future__ import annotations

import hashlib
import re
import ssl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import urllib3
from botocore.httpsession import get_cert_path
from urllib3.util import Timeout
from urllib3.util.ssl_match_hostname import CertificateError

from fileferry.clock import now
from fileferry.destinations.addresses import CONNECT_SECONDS, Endpoint, resolve
from fileferry.errors import ConfigurationError, DestinationRefused, DestinationUnavailable
from fileferry.model.destination import HttpsDestination
from fileferry.objects import Objects

from .shipment import Receipt, Shipment, candidate_names, name_taken, staged, verified_blocks
from .signing import content_digest, encoded_name, signature, stated_sha256

BLOCK = 256 * 1024
ANSWER_SECONDS = 60.0
PATIENCE_SECONDS = 30.0
"""Longest Retry-After that is waited for here; for a longer one the workflow's own retry comes."""
_TRIES = 3
_MAX_ANSWER = 64 * 1024
_LONGEST_ETAG = 1024
"""Characters that are kept: the outcome travels in the workflow's state data."""
_COME_AGAIN = (408, 425, 429)
_RESERVED = ("connection", "expect", "te", "trailer", "transfer-encoding", "upgrade")
_TOKEN = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]+")


@dataclass(frozen=True)
class HttpsAccess:
    """An endpoint, the fields of its secret (`secret`, and optionally `authorization`) and the permitted networks."""

    target: HttpsDestination
    secret: Mapping[str, str] = field(default_factory=dict)
    allowed: Sequence[str] = ()

    @property
    def place(self) -> str:
        """The URL without its query, which may hold a token."""
        return self.target.url.partition("?")[0].partition("#")[0]


@dataclass(frozen=True)
class _Answer:
    status: int
    reason: str
    headers: Mapping[str, str]
    body_sha256: str


def send(
    objects: Objects, access: HttpsAccess, shipment: Shipment, sleep: Callable[[float], None] = time.sleep
) -> Receipt:
    """Send the file and return the receipt: 2xx is delivered.

    Raises DestinationUnavailable (408, 425, 429, 5xx, network), DestinationRefused (other 3xx and 4xx, wrong
    certificate), ConfigurationError, IntegrityError, and RunClosed from the announcement.
    """
    parts = urlsplit(access.target.url)
    endpoint = resolve(parts.hostname or "", parts.port or 443, access.allowed)
    sending = _Sending(objects, access, shipment, endpoint, _trust(access))
    for number, name in enumerate(candidate_names(shipment.name, _choice(access, shipment))):
        shipment.announce(name)
        answer = _patiently(sending, name, number, sleep)
        if answer.status != 412:
            return sending.receipt(name, answer)
        if name in shipment.announced and sending.is_there(name):
            return Receipt(name, sending.location(name), {"note": "found: an earlier try had put it"})
    raise name_taken(shipment, access.place)


def _choice(access: HttpsAccess, shipment: Shipment) -> str:
    """A POST leaves names to the receiver, so there is nothing to choose."""
    return shipment.existing if access.target.method == "PUT" else "overwrite"


def _patiently(sending: _Sending, name: str, number: int, sleep: Callable[[float], None]) -> _Answer:
    """The final answer to the request; raises DestinationUnavailable when it is to come again."""
    for attempt in range(1, _TRIES + 1):
        answer = sending.request(name, number)
        if answer.status not in _COME_AGAIN and answer.status < 500:
            return answer
        wait = retry_after(answer.headers.get("retry-after", ""))
        if attempt == _TRIES or wait is None or wait > min(PATIENCE_SECONDS, sending.shipment.seconds_left / 2):
            break
        sleep(wait)
    asked = f", and asked to come again after {wait:.0f} s" if wait is not None else ""
    raise DestinationUnavailable(
        f"The endpoint answered {answer.status} {answer.reason}{asked}.",
        where=sending.access.place,
        todo="tried again by the workflow with the same Idempotency-Key.",
    )


def retry_after(value: str) -> float | None:
    """Seconds that a Retry-After header asks for (RFC 9110, seconds or a date); None when it asks for none."""
    if value.strip().isdigit():
        return float(value)
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - now()).total_seconds())


def _trust(access: HttpsAccess) -> ssl.SSLContext:
    """Only the destination's own authority where one is given, else the system's and botocore's public ones."""
    try:
        context = ssl.create_default_context(cadata=access.target.ca_certificate)
    except ssl.SSLError as error:
        raise ConfigurationError(
            "The destination's ca_certificate is not a PEM certificate.", where=access.place, todo="paste it whole."
        ) from error
    if not access.target.ca_certificate:
        context.load_verify_locations(get_cert_path(True))
    return context


def _is_header(name: str, value: str) -> bool:
    return bool(_TOKEN.fullmatch(name)) and value.isascii() and value.isprintable()


@dataclass(frozen=True)
class _Sending:
    objects: Objects
    access: HttpsAccess
    shipment: Shipment
    endpoint: Endpoint
    trust: ssl.SSLContext

    def path(self, name: str) -> str:
        """What stands in the request line."""
        parts = urlsplit(self.access.target.url)
        path = parts.path or "/"
        if self.access.target.method == "PUT":
            path = f"{path.rstrip('/')}/{encoded_name(name)}"
        return f"{path}?{parts.query}" if parts.query else path

    def location(self, name: str) -> str:
        host = urlsplit(self.access.place).netloc
        return f"https://{host}{self.path(name).partition('?')[0]}"

    def request(self, name: str, number: int = 0) -> _Answer:
        """One request with the file as its body; `number` counts the names that were tried before."""
        headers = self._headers(name, self.idempotency_key(number))
        return self._call(self.access.target.method, name, headers, self._body() if self.shipment.object.size else b"")

    def idempotency_key(self, number: int = 0) -> str:
        """The same for every repeat in this run; another one for another run or another name."""
        key = f"{self.shipment.job.job_id}-{self.shipment.job.run}-{self.shipment.destination}"
        return f"{key}-{number}" if number else key

    def is_there(self, name: str) -> bool:
        """Whether the endpoint has the whole file under `name`, as far as HEAD tells."""
        answer = self._call("HEAD", name, self._common_headers(), None)
        stated = stated_sha256(answer.headers.get("repr-digest", "")) or self.shipment.object.sha256
        same_size = answer.headers.get("content-length") == str(self.shipment.object.size)
        return answer.status == 200 and same_size and stated == self.shipment.object.sha256

    def receipt(self, name: str, answer: _Answer) -> Receipt:
        """The receipt of a 2xx. Raises DestinationRefused for any other status."""
        if not 200 <= answer.status < 300:
            redirect = " Redirects are not followed." if 300 <= answer.status < 400 else ""
            raise DestinationRefused(
                f"The endpoint answered {answer.status} {answer.reason}.{redirect}",
                where=self.access.place,
                todo="ask the partner what it expects: address, method, headers and signature are in the destination.",
            )
        detail = {"status": answer.status, "etag": answer.headers.get("etag", "")[:_LONGEST_ETAG]}
        for header in ("content-digest", "repr-digest"):
            stated = stated_sha256(answer.headers.get(header, ""))
            # A digest may describe the answer's own body; only another one is about what was received.
            if stated and stated != answer.body_sha256:
                detail["received_sha256"] = stated
        told = {key: value for key, value in detail.items() if value}
        return Receipt(name, self.location(name), told, sent=self.shipment.object.size)

    def _body(self) -> Iterator[bytes]:
        """The file; nothing of it is safe before the answer, since a request cannot be continued."""
        sent = 0
        with staged(self.objects, self.shipment) as stream:
            for block in verified_blocks(stream, self.shipment.object, BLOCK):
                self.shipment.transfer.pulse(0)
                self.shipment.check_time(sent)
                yield block
                sent += len(block)

    def _common_headers(self) -> dict[str, str]:
        """Host, credentials and the destination's own headers, which cannot replace ours."""
        headers = {name.lower(): value for name, value in self.access.target.headers.items()}
        if authorization := self.access.secret.get("authorization"):
            headers["authorization"] = authorization
        bad = sorted(name for name, value in headers.items() if name in _RESERVED or not _is_header(name, value))
        if bad:
            raise ConfigurationError(
                f"These headers cannot be sent: {', '.join(bad)[:200]}.",
                where=self.access.place,
                todo="give names and values in printable ASCII, and none that steers the connection.",
            )
        return headers | {"host": urlsplit(self.access.target.url).netloc, "user-agent": "fileferry"}

    def _headers(self, name: str, idempotency_key: str) -> dict[str, str]:
        job, sha256 = self.shipment.job, self.shipment.object.sha256
        headers = {"content-type": "application/octet-stream"} | self._common_headers()
        headers |= {
            "content-length": str(self.shipment.object.size),
            "content-digest": content_digest(sha256),
            "content-disposition": f"attachment; filename*=UTF-8''{encoded_name(name)}",
            "idempotency-key": idempotency_key,
            "x-fileferry-file-name": encoded_name(name),
            "x-fileferry-job": job.job_id,
            "x-fileferry-run": str(job.run),
        }
        if _choice(self.access, self.shipment) != "overwrite":
            headers["if-none-match"] = "*"
        if secret := self.access.secret.get("secret"):
            headers["x-fileferry-signature"] = signature(secret, sha256, int(now().timestamp()))
        return headers

    def _call(
        self, method: str, name: str, headers: Mapping[str, str], body: Iterator[bytes] | bytes | None
    ) -> _Answer:
        errors = []
        for address in self.endpoint.addresses:
            try:
                return self._call_address(address, method, name, headers, body)
            except (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError) as error:
                errors.append(f"{address}: {error}")
            except urllib3.exceptions.SSLError as error:
                raise self._tls_error(error) from error
            except (urllib3.exceptions.HTTPError, OSError) as error:
                raise DestinationUnavailable(
                    f"The connection broke: {type(error).__name__}: {str(error)[:200]}.",
                    where=self.access.place,
                    todo="tried again by the workflow with the same Idempotency-Key.",
                ) from error
        raise DestinationUnavailable(
            f"{self.endpoint.place} cannot be reached: {'; '.join(errors)[:500]}.",
            where=self.access.place,
            todo="ask the partner whether the service is up and our addresses are let in.",
        )

    def _tls_error(self, error: urllib3.exceptions.SSLError) -> DestinationRefused | DestinationUnavailable:
        cause = error.args[0] if error.args else error
        if isinstance(cause, ssl.SSLCertVerificationError | CertificateError):
            said = getattr(cause, "verify_message", str(cause))
            return DestinationRefused(
                f"The endpoint's certificate is not trusted: {said[:200]}; nothing was sent.",
                where=self.access.place,
                todo="have the partner mend it, or give the authority's certificate as ca_certificate.",
            )
        return DestinationUnavailable(
            f"TLS failed: {str(cause)[:200]}.", where=self.access.place, todo="tried again by the workflow."
        )

    def _call_address(
        self, address: str, method: str, name: str, headers: Mapping[str, str], body: Iterator[bytes] | bytes | None
    ) -> _Answer:
        patience = max(0.1, min(ANSWER_SECONDS, self.shipment.seconds_left))
        pool = urllib3.HTTPSConnectionPool(
            address,
            self.endpoint.port,
            timeout=Timeout(connect=min(CONNECT_SECONDS, patience), read=patience),
            retries=False,
            ssl_context=self.trust,
            server_hostname=self.endpoint.host,
            assert_hostname=self.endpoint.host,
        )
        with pool:
            answer = pool.urlopen(
                method, self.path(name), body=body, headers=headers, redirect=False, preload_content=False
            )
            text = answer.read(_MAX_ANSWER)
            return _Answer(answer.status, (answer.reason or "")[:100], answer.headers, hashlib.sha256(text).hexdigest())
