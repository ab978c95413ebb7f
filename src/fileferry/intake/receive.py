"""What becomes of an object that was created in the ingest bucket."""

from __future__ import annotations

from dataclasses import asdict

from aws_lambda_powertools import Logger

from fileferry.clock import timestamp
from fileferry.closing import NO_ROUTE
from fileferry.errors import ConfigurationError, NoSuchRecord
from fileferry.ingest_key import IngestKey, NotAnIngestKey, is_no_file, parse_ingest_key
from fileferry.intake.control_files import take_control_file
from fileferry.intake.messages import ObjectCreated
from fileferry.intake.start import proceed
from fileferry.model.job import Job, JobStatus, ObjectVersion, job_id_of
from fileferry.model.route import Route
from fileferry.objects import ObjectHead
from fileferry.repositories.creation import create_job
from fileferry.routing import Decision, IncomingFile, Rejection, decide
from fileferry.services import Services

logger = Logger(service="fileferry", child=True)


def receive(world: Services, event: ObjectCreated, sequence: str) -> str:
    """Take one created object: a job, a sidecar, an acknowledgement, or nothing. Says which, for the log.

    `sequence` is the message's place in its FIFO group. May be called any number of times for one object.
    """
    if event.bucket != world.settings.ingest_bucket:
        return f"ignored: bucket {event.bucket!r} is not the ingest bucket"
    try:
        key = parse_ingest_key(event.key)
    except NotAnIngestKey as error:
        return f"ignored: {error}"
    if key.region != world.settings.region:
        return f"ignored: region {key.region!r} is served there"
    if no_file := is_no_file(key.path):
        return f"ignored: {no_file}"
    try:
        head = world.objects.head(event.bucket, event.key, event.version_id or None)
    except NoSuchRecord:
        return "ignored: this version is gone"
    version = _version(event, head)
    claim = world.keys.claim_of(version)
    if claim:
        return resume(world, claim.job_id)
    return _take(world, key, version, head, sequence)


def resume(world: Services, job_id: str) -> str:
    """Go on with a job that was claimed before: start it if it has not started."""
    job = world.jobs.get(job_id)
    if job.status is not JobStatus.RECEIVED:
        return f"repeated: job {job_id} is {job.status}"
    return proceed(world, job, _route_of(world, job), world.runs.get(job_id, job.run).declared)


def _version(event: ObjectCreated, head: ObjectHead) -> ObjectVersion:
    version_id = event.version_id or head.version_id
    return ObjectVersion(bucket=event.bucket, key=event.key, version_id=version_id, size=head.size, etag=head.etag)


def _route_of(world: Services, job: Job) -> Route | None:
    return None if job.route == NO_ROUTE else world.config.route_revision(job.tenant, job.route, job.revision)


def _take(world: Services, key: IngestKey, version: ObjectVersion, head: ObjectHead, sequence: str) -> str:
    if reason := _stranger(world, key, head):
        return _create(world, key, version, Decision(None, (Rejection(NO_ROUTE, 0, reason),)), {}, sequence)
    try:
        routes = world.config.active_routes(key.tenant)
        if kind := take_control_file(world, key, version, head, routes):
            return kind
        file = IncomingFile(key.tenant, key.user, key.path, version.size)
        decision = decide(file, routes)
        if decision.route is None:
            decision = decide(file, world.config.active_routes(key.tenant, fresh=True))
    except ConfigurationError as error:
        # A route that cannot be read might have been the one: nobody else gets the file, and it stays where it is.
        return _create(world, key, version, Decision(None, ()), {}, sequence, failure=str(error))
    declared = {name: head.metadata[name].lower() for name in ("sha256", "md5") if head.metadata.get(name)}
    return _create(world, key, version, decision, declared, sequence)


def _stranger(world: Services, key: IngestKey, head: ObjectHead) -> str:
    """Why the file does not belong where it lies, or empty.

    Transfer Family writes `user-agent-id: USER@SERVER` into the metadata of what it stores (Transfer Family
    user guide, "Amazon S3 object metadata").
    """
    tenant = world.config.tenant(key.tenant)
    if tenant is None:
        return f"there is no tenant {key.tenant!r}"
    if not tenant.enabled:
        return f"tenant {key.tenant!r} is disabled"
    uploader = head.metadata.get("user-agent-id", "")
    if uploader and uploader.rpartition("@")[0] != key.user:
        return f"it was uploaded by {uploader!r} into the home of {key.user!r}"
    return ""


def _create(
    world: Services,
    key: IngestKey,
    version: ObjectVersion,
    decision: Decision,
    declared: dict[str, str],
    sequence: str,
    *,
    failure: str = "",
) -> str:
    route = decision.route
    now = timestamp()
    job = Job(
        job_id=job_id_of(version, route.id if route else NO_ROUTE),
        tenant=key.tenant,
        user=key.user,
        route=route.id if route else NO_ROUTE,
        revision=route.revision if route else 0,
        object=version,
        filename=key.filename,
        status=JobStatus.RECEIVED,
        home_region=world.settings.region,
        created_at=now,
        updated_at=now,
        reason=failure or ("" if route else "No route takes this file."),
        reasons=[asdict(rejection) for rejection in decision.rejections],
        waiting_for="configuration" if failure else "",
        sequence=sequence if route and route.ordered else "",
        confirm_timeout_seconds=route.confirm.timeout_seconds if route else 300,
    )
    if not create_job(world.dynamodb, world.settings, job, declared):
        claim = world.keys.claim_of(version)
        return resume(world, claim.job_id if claim else job.job_id)
    return proceed(world, job, route, declared)
