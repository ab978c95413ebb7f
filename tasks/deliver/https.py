"""Delivery to an HTTPS endpoint: one streamed, signed request, one Idempotency-Key per job, run and destination."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import partial
from urllib.parse import urlsplit

from fileferry.clock import now
from fileferry.destinations.credentials import Fields
from fileferry.destinations.https_requests import ANSWER_SECONDS, HttpsAccess, HttpsAnswer, HttpsRequests, requests_to
from fileferry.destinations.signing import content_digest, encoded_name, signature, stated_sha256
from fileferry.errors import DestinationRefused, DestinationUnavailable
from fileferry.objects import Objects

from .shipment import Receipt, Shipment, candidate_names, name_taken, staged, verified_blocks

BLOCK = 256 * 1024
PATIENCE_SECONDS = 30.0
"""Longest Retry-After that is waited for here; for a longer one the workflow's own retry comes."""
_TRIES = 3
_LONGEST_ETAG = 1024
"""Characters that are kept: the outcome travels in the workflow's state data."""
_COME_AGAIN = (408, 425, 429)
_UNAUTHORIZED = (401, 403)


def send(
    objects: Objects, access: HttpsAccess, shipment: Shipment, sleep: Callable[[float], None] = time.sleep
) -> Receipt:
    """Send the file and return the receipt: 2xx is delivered.

    Raises DestinationUnavailable (408, 425, 429, 5xx, network), DestinationRefused (other 3xx and 4xx, wrong
    certificate), ConfigurationError, IntegrityError, and RunClosed from the announcement.
    """
    requests = requests_to(access)
    versions = access.credentials.each()
    sending = _Sending(objects, access, shipment, requests, next(versions))
    for number, name in enumerate(candidate_names(shipment.name, _choice(access, shipment))):
        shipment.announce(name)
        sending, answer = _authorized(sending, versions, partial(_patiently, name=name, number=number, sleep=sleep))
        if answer.status != 412:
            return sending.receipt(name, answer)
        if name in shipment.announced and sending.is_there(name):
            return Receipt(name, sending.location(name), {"note": "found: an earlier try had put it"})
    raise name_taken(shipment, access.place)


def _choice(access: HttpsAccess, shipment: Shipment) -> str:
    """A POST leaves names to the receiver, so there is nothing to choose."""
    return shipment.existing if access.target.method == "PUT" else "overwrite"


def _authorized(
    sending: _Sending, versions: Iterator[Fields], ask: Callable[[_Sending], HttpsAnswer]
) -> tuple[_Sending, HttpsAnswer]:
    """The answer, and the sending that got it: one that is refused is made once more with each other version."""
    answer = ask(sending)
    while answer.status in _UNAUTHORIZED and (fields := next(versions, None)) is not None:
        sending = replace(sending, fields=fields)
        answer = ask(sending)
    return sending, answer


def _patiently(sending: _Sending, name: str, number: int, sleep: Callable[[float], None]) -> HttpsAnswer:
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


@dataclass(frozen=True)
class _Sending:
    objects: Objects
    access: HttpsAccess
    shipment: Shipment
    requests: HttpsRequests
    fields: Fields

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

    def request(self, name: str, number: int = 0) -> HttpsAnswer:
        """One request with the file as its body; `number` counts the names that were tried before."""
        headers = self._headers(name, self.idempotency_key(number))
        return self._call(self.access.target.method, name, headers, self._body() if self.shipment.object.size else b"")

    def idempotency_key(self, number: int = 0) -> str:
        """The same for every repeat in this run; another one for another run or another name."""
        key = f"{self.shipment.job.job_id}-{self.shipment.job.run}-{self.shipment.destination}"
        return f"{key}-{number}" if number else key

    def is_there(self, name: str) -> bool:
        """Whether the endpoint has the whole file under `name`, as far as HEAD tells."""
        answer = self._call("HEAD", name, self.requests.common_headers(self.fields), None)
        stated = stated_sha256(answer.headers.get("repr-digest", "")) or self.shipment.object.sha256
        same_size = answer.headers.get("content-length") == str(self.shipment.object.size)
        return answer.status == 200 and same_size and stated == self.shipment.object.sha256

    def receipt(self, name: str, answer: HttpsAnswer) -> Receipt:
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

    def _headers(self, name: str, idempotency_key: str) -> dict[str, str]:
        job, sha256 = self.shipment.job, self.shipment.object.sha256
        headers = {"content-type": "application/octet-stream"} | self.requests.common_headers(self.fields)
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
        if secret := self.fields.get("secret"):
            headers["x-fileferry-signature"] = signature(secret, sha256, int(now().timestamp()))
        return headers

    def _call(
        self, method: str, name: str, headers: Mapping[str, str], body: Iterator[bytes] | bytes | None
    ) -> HttpsAnswer:
        patience = max(0.1, min(ANSWER_SECONDS, self.shipment.seconds_left))
        return self.requests.send(method, self.path(name), headers, body, patience)
