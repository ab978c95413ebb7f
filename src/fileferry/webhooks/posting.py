"""One POST to an endpoint that a tenant named: the checked address, the right certificate, and an end in any case."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from urllib.parse import urlsplit

from fileferry.destinations.addresses import connect, resolve
from fileferry.destinations.certificates import trust
from fileferry.errors import DestinationRefused, DestinationUnavailable
from fileferry.model.subscription import HttpsEndpoint

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 15.0
"""For everything after the connection: TLS, the request, and the answer's status."""
_MOST_ADDRESSES = 3


def post(target: HttpsEndpoint, headers: Mapping[str, str], body: bytes, allowed: Sequence[str]) -> int:
    """The status of the answer, whose body is not read. Redirects are not followed, and no proxy is used.

    Raises ConfigurationError (address, ca_certificate), DestinationRefused (certificate), DestinationUnavailable.
    """
    parts = urlsplit(target.url)
    found = resolve(parts.hostname or "", parts.port or 443, allowed)
    endpoint = replace(found, addresses=found.addresses[:_MOST_ADDRESSES])
    tls = trust(target.ca_certificate)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    plain = connect(endpoint, CONNECT_SECONDS)
    try:
        with (
            _ended_after(plain, ANSWER_SECONDS),
            tls.wrap_socket(plain, server_hostname=endpoint.host) as encrypted,
        ):
            connection = http.client.HTTPSConnection(endpoint.host, endpoint.port)
            connection.sock = encrypted
            connection.request("POST", path, body, dict(headers))
            return connection.getresponse().status
    except ssl.SSLCertVerificationError as error:
        raise DestinationRefused(f"The certificate is not trusted: {error.verify_message[:200]}.") from error
    except (OSError, http.client.HTTPException) as error:
        raise DestinationUnavailable(f"There is no answer: {type(error).__name__} {str(error)[:200]}.") from error
    finally:
        plain.close()


@contextmanager
def _ended_after(connection: socket.socket, seconds: float) -> Iterator[None]:
    """Breaks the connection off at a time: an endpoint that sends a byte now and then would hold us for ever."""

    twin = connection.dup()  # TLS takes the connection over; what is shut down here is shut down there

    def end() -> None:
        with suppress(OSError):
            twin.shutdown(socket.SHUT_RDWR)

    connection.settimeout(seconds)
    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        twin.close()
