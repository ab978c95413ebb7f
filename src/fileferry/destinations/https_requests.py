"""Requests to a partner's HTTPS endpoint: the checked address, the right certificate, every wait bounded.

Redirects are not followed and no proxy is used: a request goes to the address that was checked, under the name that its
certificate must have.
"""

from __future__ import annotations

import hashlib
import re
import ssl
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import urllib3
from urllib3.util import Timeout
from urllib3.util.ssl_match_hostname import CertificateError

from fileferry.destinations.addresses import CONNECT_SECONDS, Endpoint, resolve
from fileferry.destinations.certificates import trust
from fileferry.destinations.credentials import Credentials, Fields
from fileferry.errors import ConfigurationError, DestinationRefused, DestinationUnavailable
from fileferry.model.destination import HttpsDestination

ANSWER_SECONDS = 60.0
HEADER_FIELD = "header."
"""A secret's field `header.NAME` is sent as header NAME."""
_MAX_ANSWER = 64 * 1024
_RESERVED = ("connection", "expect", "te", "trailer", "transfer-encoding", "upgrade")
_TOKEN = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]+")


@dataclass(frozen=True)
class HttpsAccess:
    """An endpoint, the versions of its secret, and the private networks that the operator permits.

    A secret's fields, all optional: `secret` (signs the body), `authorization`, `header.NAME`.
    """

    target: HttpsDestination
    credentials: Credentials
    allowed: Sequence[str] = ()

    @property
    def place(self) -> str:
        """The URL without its query, which may hold a token."""
        return self.target.url.partition("?")[0].partition("#")[0]


@dataclass(frozen=True)
class HttpsAnswer:
    status: int
    reason: str
    headers: Mapping[str, str]
    body_sha256: str


@dataclass(frozen=True)
class HttpsRequests:
    """Requests to one endpoint, whose addresses were looked at once."""

    access: HttpsAccess
    endpoint: Endpoint
    trust: ssl.SSLContext

    def common_headers(self, fields: Fields) -> dict[str, str]:
        """Host, credentials and the destination's own headers, which cannot replace ours.

        Raises ConfigurationError for a header that cannot be sent; its value is not told.
        """
        headers = {name.lower(): value for name, value in self.access.target.headers.items()}
        headers |= {
            name.removeprefix(HEADER_FIELD).lower(): value
            for name, value in fields.items()
            if name.startswith(HEADER_FIELD)
        }
        if authorization := fields.get("authorization"):
            headers["authorization"] = authorization
        bad = sorted(name for name, value in headers.items() if not is_header(name, value))
        if bad:
            raise ConfigurationError(
                f"These headers cannot be sent: {', '.join(bad)[:200]}.",
                where=self.access.place,
                todo="give names and values in printable ASCII, and none that steers the connection.",
            )
        return headers | {"host": urlsplit(self.access.target.url).netloc, "user-agent": "fileferry"}

    def send(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: Iterator[bytes] | bytes | None = None,
        patience: float = ANSWER_SECONDS,
    ) -> HttpsAnswer:
        """The answer of the first address that is reached; `patience` in seconds for connecting and for each read.

        Raises DestinationUnavailable and, for a certificate that is not trusted, DestinationRefused.
        """
        errors = []
        for address in self.endpoint.addresses:
            try:
                return self._send_to(address, method, path, headers, body, patience)
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

    def _send_to(
        self,
        address: str,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: Iterator[bytes] | bytes | None,
        patience: float,
    ) -> HttpsAnswer:
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
            answer = pool.urlopen(method, path, body=body, headers=headers, redirect=False, preload_content=False)
            text = answer.read(_MAX_ANSWER)
            digest = hashlib.sha256(text).hexdigest()
            return HttpsAnswer(answer.status, (answer.reason or "")[:100], answer.headers, digest)

    def _tls_error(self, error: urllib3.exceptions.SSLError) -> DestinationRefused | DestinationUnavailable:
        cause = error.args[0] if error.args else error
        if isinstance(cause, ssl.SSLCertVerificationError | CertificateError):
            return untrusted(cause, self.access.place)
        return DestinationUnavailable(
            f"TLS failed: {str(cause)[:200]}.", where=self.access.place, todo="tried again by the workflow."
        )


def requests_to(access: HttpsAccess) -> HttpsRequests:
    """Raises ConfigurationError (address, ca_certificate) and DestinationUnavailable (no such name)."""
    parts = urlsplit(access.target.url)
    endpoint = resolve(parts.hostname or "", parts.port or 443, access.allowed)
    return HttpsRequests(access, endpoint, trust(access.target.ca_certificate, access.place))


def untrusted(cause: Exception, where: str) -> DestinationRefused:
    said = getattr(cause, "verify_message", str(cause))
    return DestinationRefused(
        f"The endpoint's certificate is not trusted: {said[:200]}; nothing was sent.",
        where=where,
        todo="have the partner mend it, or give the authority's certificate as ca_certificate.",
    )


def is_header(name: str, value: str) -> bool:
    """Whether the header, its name in lower case, can be sent and does not steer the connection."""
    return bool(_TOKEN.fullmatch(name)) and name not in _RESERVED and value.isascii() and value.isprintable()
