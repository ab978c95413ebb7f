"""Trying a destination out."""

from __future__ import annotations

from dataclasses import asdict
from typing import Literal

from pydantic import Field

from fileferry.api import Answer, Call, Role, reply
from fileferry.destinations.credentials import Credentials, credentials_of
from fileferry.errors import ConfigurationError
from fileferry.model.destination import Destination, HttpsDestination, S3Destination, SftpDestination
from fileferry.model.job import Frozen
from fileferry.services import services

from .service import api, config


class TrialStep(Frozen):
    """How one step went; a step after a failed one is skipped."""

    step: str
    status: Literal["ok", "failed", "skipped"]
    seconds: float
    detail: str
    todo: str = Field(description="What to do about a failure.")


class HostKey(Frozen):
    """The host key that an SFTP server showed."""

    key: str = Field(description="As `host_keys` takes it.")
    fingerprint: str
    pinned: bool


class TrialAnswer(Frozen):
    """A destination's trial; `ok` when no step failed."""

    tenant: str
    destination: str
    kind: Literal["sftp", "s3", "https"]
    ok: bool
    steps: list[TrialStep]
    host_key: HostKey | None = None


@api.operation("POST", "/v1/tenants/{tenant}/destinations/{destination}/test", access=Role.OPERATOR, answer=TrialAnswer)
def test_destination(call: Call) -> Answer:
    """Try a destination out, step by step, within 25 seconds.

    SFTP: the address is resolved and permitted, the server answers, its host key is pinned (the answer has the key that
    it shows), the login, and in the folder a hidden file is written, renamed and removed. S3: the role is assumed, the
    bucket is there, and an upload is begun and aborted, of which nobody sees anything. HTTPS: the certificate, and what
    the endpoint answers to OPTIONS or HEAD with the credentials; nothing is sent.
    """
    record = config().destination(call.tenant, call.path["destination"]).value
    answer = _tried(record)
    call.note(ok=answer.ok)
    return reply(answer)


def _tried(record: Destination) -> TrialAnswer:
    match record.target:
        case SftpDestination():
            return _sftp(record, record.target)
        case HttpsDestination():
            return _https(record, record.target)
        case S3Destination():
            from fileferry.destinations.trials.s3 import s3_trial

            return _answer(record, s3_trial(services(), record.target))


def _sftp(record: Destination, target: SftpDestination) -> TrialAnswer:
    from fileferry.destinations.sftp_session import SftpAccess
    from fileferry.destinations.trials.sftp import STEPS, SftpTrial
    from fileferry.destinations.trials.trial import not_begun

    try:
        access = SftpAccess(target, _credentials(record), services().settings.allow_private_destinations)
    except ConfigurationError as error:
        return _answer(record, not_begun(STEPS, error))
    trial = SftpTrial(access)
    answer = _answer(record, trial.run())
    host_key = HostKey(**asdict(trial.offered)) if trial.offered else None
    return answer.model_copy(update={"host_key": host_key})


def _https(record: Destination, target: HttpsDestination) -> TrialAnswer:
    from fileferry.destinations.https_requests import HttpsAccess
    from fileferry.destinations.trials.https import https_trial

    access = HttpsAccess(target, _credentials(record), services().settings.allow_private_destinations)
    return _answer(record, https_trial(access))


def _credentials(record: Destination) -> Credentials:
    return credentials_of(services().secrets, record)


def _answer(record: Destination, reports: tuple[object, ...]) -> TrialAnswer:
    steps = [TrialStep.model_validate(report, from_attributes=True) for report in reports]
    return TrialAnswer(
        tenant=record.tenant,
        destination=record.id,
        kind=record.target.kind,
        ok=all(step.status != "failed" for step in steps),
        steps=steps,
    )
