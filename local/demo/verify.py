"""The proof of the demo: bytes at the partner's side and in the archive against what was sent, by SHA-256."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from fileferry.closing import NO_ROUTE
from fileferry.model.job import Delivery, Job, JobStatus, ObjectRef, Run, Step
from local.follow.jobs import run_of
from local.partner.account import https_folder, sftp_folder
from local.stack import Stack
from local.workspace import Workspace

from .readable import readable
from .samples import Sample


@dataclass(frozen=True)
class Check:
    """One comparison; `text` says what was compared and, when it failed, how it differs."""

    passed: bool
    text: str


@dataclass(frozen=True)
class Verdict:
    """All checks of a sample; `details` are for people: violations, reasons, places."""

    sample: Sample
    job: Job | None
    checks: tuple[Check, ...] = ()
    details: tuple[str, ...] = field(default=())

    @property
    def passed(self) -> bool:
        return self.job is not None and all(check.passed for check in self.checks)


def verdict(workspace: Workspace, stack: Stack, sample: Sample, job: Job | None) -> Verdict:
    """Whether the sample's job ended as it must, and its bytes are where they must be."""
    if job is None:
        return Verdict(sample, None, (Check(False, "no job was made of this file"),))
    run = run_of(stack, job)
    checks = [
        _equal("status", job.status.value, sample.expected.value),
        _equal("route", job.route, sample.route),
        _equal("executor", job.executor.value, sample.executor.value),
    ]
    details: list[str] = []
    if job.status is JobStatus.SUCCEEDED and run:
        checks += _delivered(workspace, stack, sample, run)
        checks += _archived(stack, sample, run)
        details += [f"at {delivery.location}" for delivery in _deliveries(run)]
    if job.status is JobStatus.QUARANTINED:
        key = f"quarantine/{job.tenant}/{job.job_id}/{job.filename}"
        checks.append(same_bytes("in quarantine", _object(stack, stack["ArchiveBucketName"], key), sample.sha256))
        checks += _explained(sample, job, run)
        details += why(job, run)
    if job.status.is_final and job.status is not JobStatus.FAILED:
        checks.append(_left_ingest(stack, job))
    if job.status is JobStatus.FAILED:
        details += why(job, run)
    return Verdict(sample, job, tuple(checks), tuple(details))


def why(job: Job, run: Run | None) -> list[str]:
    """Why a job did not succeed: its reason, every violation, every route's rejection."""
    lines = [job.reason] if job.reason else []
    lines += [_violation(violation) for violation in violations(run)]
    lines += [f"route {entry['route']}: {entry['reason']}" for entry in job.reasons]
    return lines


def violations(run: Run | None) -> list[dict[str, Any]]:
    """The violations that validate recorded."""
    if run is None:
        return []
    record = run.steps.get(Step.VALIDATE)
    error = (record.error if record else None) or run.error or {}
    return list(error.get("violations", []))


def _violation(violation: dict[str, Any]) -> str:
    place = " ".join(f"{name} {violation[name]}" for name in ("line", "column", "field") if violation.get(name))
    return f"{place}: {violation.get('message', violation.get('rule', ''))}" if place else str(violation["message"])


def _explained(sample: Sample, job: Job, run: Run | None) -> Iterator[Check]:
    if sample.violations:
        yield _equal("violations found", len(violations(run)), sample.violations)
    if sample.route == NO_ROUTE:
        yield Check(bool(job.reasons), f"every route gave its reason ({len(job.reasons)})")


def _deliveries(run: Run) -> list[Delivery]:
    recorded = run.result(Step.DELIVER).get("destinations", {})
    return [Delivery.model_validate(delivery) for delivery in recorded.values()]


def _delivered(workspace: Workspace, stack: Stack, sample: Sample, run: Run) -> Iterator[Check]:
    deliveries = _deliveries(run)
    if not deliveries:
        yield Check(False, "nothing is recorded as delivered")
    source = hashlib.sha256(sample.source).hexdigest()
    for delivery in deliveries:
        content = partner_bytes(workspace, stack, delivery)
        yield same_bytes(f"{delivery.name} at the partner", content, delivery.sha256)
        if content is not None:
            yield same_bytes("what the partner can read", readable(content, sample.arrives), source)


def partner_bytes(workspace: Workspace, stack: Stack, delivery: Delivery) -> bytes | None:
    """What lies at the partner's side under the delivered name; None when nothing does."""
    if delivery.kind == "s3":
        bucket, _, key = delivery.location.removeprefix("s3://").partition("/")
        return _object(stack, bucket, key)
    folder = sftp_folder(workspace.partner)
    if delivery.kind == "https":
        folder = https_folder(workspace.partner) / "from-acme"
    return _file(folder / delivery.name)


def _archived(stack: Stack, sample: Sample, run: Run) -> Iterator[Check]:
    result = run.result(Step.ARCHIVE)
    delivered = {delivery.sha256 for delivery in _deliveries(run)}
    for name, digests in (("original", {sample.sha256}), ("delivered", delivered)):
        if not result.get(name):
            yield Check(False, f"the archive step recorded no {name}")
            continue
        ref = ObjectRef.model_validate(result[name])
        content = _object(stack, ref.bucket, ref.key, ref.version_id)
        yield same_bytes(f"{name} in the archive", content, next(iter(digests), ""))


def _left_ingest(stack: Stack, job: Job) -> Check:
    there = _object(stack, job.object.bucket, job.object.key, job.object.version_id) is not None
    return Check(not there, "the version has left ingest" if not there else "the version is still in ingest")


def _object(stack: Stack, bucket: str, key: str, version_id: str = "") -> bytes | None:
    version: dict[str, Any] = {"VersionId": version_id} if version_id else {}
    try:
        return stack.s3.get_object(Bucket=bucket, Key=key, **version)["Body"].read()
    except ClientError as error:
        if error.response["Error"]["Code"] in ("NoSuchKey", "NoSuchVersion", "404", "MethodNotAllowed"):
            return None
        raise


def _file(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def same_bytes(what: str, content: bytes | None, sha256: str) -> Check:
    """Whether `content`, None where nothing lies, has this SHA-256."""
    if content is None:
        return Check(False, f"{what}: nothing is there")
    found = hashlib.sha256(content).hexdigest()
    return Check(found == sha256, f"{what}: {found[:16]}…" if found == sha256 else f"{what}: {found}, not {sha256}")


def _equal(what: str, found: object, expected: object) -> Check:
    same = found == expected
    return Check(same, f"{what} {found}" if same else f"{what} is {found}, not {expected}")
