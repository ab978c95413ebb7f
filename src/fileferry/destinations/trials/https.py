"""Trying out an HTTPS endpoint: address, connection, certificate, credentials. No file is sent."""

from __future__ import annotations

import hashlib
import ssl
from urllib.parse import urlsplit

from fileferry.clock import now
from fileferry.destinations.addresses import connect
from fileferry.destinations.credentials import Fields
from fileferry.destinations.https_requests import HttpsAccess, HttpsAnswer, HttpsRequests, requests_to, untrusted
from fileferry.destinations.signing import signature
from fileferry.destinations.trials.trial import StepReport, Trial
from fileferry.errors import DestinationRefused, DestinationUnavailable

STEPS = ("credential", "address", "connect", "certificate", "request", "write")
_UNAUTHORIZED = (401, 403)
_UNKNOWN_METHOD = (404, 405, 501)
_EMPTY = hashlib.sha256(b"").hexdigest()


def https_trial(access: HttpsAccess, trial: Trial | None = None) -> tuple[StepReport, ...]:
    """OPTIONS, or HEAD where the endpoint does not know it, with the headers that a delivery has."""
    trial = trial or Trial(STEPS)
    return trial.run(lambda begun: _steps(access, begun))


def _steps(access: HttpsAccess, trial: Trial) -> None:
    trial.begin("credential")
    first = next(access.credentials.each())
    trial.done(f"the secret has {', '.join(sorted(first))}" if first else "none is needed")
    trial.begin("address")
    requests = requests_to(access)
    trial.done(f"{requests.endpoint.host} is {', '.join(requests.endpoint.addresses)}")
    trial.begin("connect")
    opened = connect(requests.endpoint, min(10.0, trial.left))
    trial.done(f"to {requests.endpoint.place}")
    trial.begin("certificate")
    opened.settimeout(min(10.0, max(0.1, trial.left)))
    try:
        with requests.trust.wrap_socket(opened, server_hostname=requests.endpoint.host) as secured:
            certificate = secured.getpeercert() or {}
            trial.done(f"{secured.version()}, valid until {certificate.get('notAfter', 'an unknown day')}")
    except ssl.SSLCertVerificationError as error:
        raise untrusted(error, access.place) from error
    except OSError as error:
        raise DestinationUnavailable(f"TLS failed: {str(error)[:200]}.", where=access.place) from error
    trial.begin("request")
    trial.done(_judged(_answered(access, requests, trial)))
    trial.begin("write")
    trial.skip("a request that writes would deliver a file; the first delivery shows it")


def _answered(access: HttpsAccess, requests: HttpsRequests, trial: Trial) -> HttpsAnswer:
    """The answer to the first version of the secret that is taken, else to the current one."""
    refused: HttpsAnswer | None = None
    for fields in access.credentials.each():
        answer = _ask(access, requests, fields, trial)
        if answer.status not in _UNAUTHORIZED:
            return answer
        refused = refused or answer
    assert refused is not None, "there is always a first version"
    return refused


def _ask(access: HttpsAccess, requests: HttpsRequests, fields: Fields, trial: Trial) -> HttpsAnswer:
    parts = urlsplit(access.target.url)
    path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    headers = requests.common_headers(fields)
    if secret := fields.get("secret"):
        headers["x-fileferry-signature"] = signature(secret, _EMPTY, int(now().timestamp()))
    patience = max(0.1, min(10.0, trial.left - 0.5))
    answer = requests.send("OPTIONS", path, headers, patience=patience)
    if answer.status in _UNKNOWN_METHOD:
        answer = requests.send("HEAD", path, headers, patience=patience)
    return answer


def _judged(answer: HttpsAnswer) -> str:
    """What the answer means. Raises DestinationRefused or DestinationUnavailable."""
    told = f"The endpoint answers {answer.status} {answer.reason}"
    if answer.status in _UNAUTHORIZED:
        raise DestinationRefused(f"{told}: it does not take the credentials.", todo="compare them with the partner.")
    if 300 <= answer.status < 400:
        raise DestinationRefused(f"{told}; redirects are not followed.", todo="give the address that it leads to.")
    if answer.status >= 500 and answer.status not in _UNKNOWN_METHOD:
        raise DestinationUnavailable(f"{told}.", todo="ask the partner whether the service is well.")
    if answer.status >= 400:
        return f"{told}: it is reached, and whether it takes a file is seen when one is sent"
    return told
