"""What becomes of an object that was created in the ingest bucket."""

from __future__ import annotations

from dataclasses import asdict, replace

from fileferry.clock import timestamp
from fileferry.closing import NO_ROUTE, finish_closing
from fileferry.errors import ConfigurationError, NoSuchRecord
from fileferry.ingest_key import IngestKey, NotAnIngestKey, is_no_file, parse_ingest_key
from fileferry.intake.control_files import take_control_file
from fileferry.intake.messages import ObjectCreated
from fileferry.intake.outcome import Outcome, Taken
from fileferry.intake.start import fail, proceed, start
from fileferry.model.job import LONGEST_CALL_SECONDS, Job, JobStatus, ObjectVersion, job_id_of
from fileferry.model.route import Route
from fileferry.objects import ObjectHead
from fileferry.repositories.creation import create_job, new_run
from fileferry.routing import Decision, IncomingFile, Rejection, decide
from fileferry.services import Services


def receive(world: Services, event: ObjectCreated, sequence: str) -> Taken:
    """Take one created object: a job, a sidecar, an acknowledgement, or nothing. Says which, for the log.

    `sequence` is the message's place in its FIFO group. May be called any number of times for one object.
    """
    if event.bucket != world.settings.ingest_bucket:
        return _ignored(f"bucket {event.bucket!r} is not the ingest bucket")
    try:
        key = parse_ingest_key(event.key)
    except NotAnIngestKey as error:
        return _ignored(str(error))
    if key.region != world.settings.region:
        return _ignored(f"region {key.region!r} is served there")
    if no_file := is_no_file(key.path):
        return _ignored(no_file)
    named = ObjectVersion(bucket=event.bucket, key=event.key, version_id=event.version_id, size=event.size)
    # The claim comes before the object: a job that was killed while it moved its file must still be closed.
    if event.version_id and (claim := world.keys.claim_of(named)):
        return resume(world, claim.job_id)
    try:
        head = world.objects.head(event.bucket, event.key, event.version_id or None)
    except NoSuchRecord:
        return _ignored("this version is gone")
    version = named.model_copy(
        update={"version_id": event.version_id or head.version_id, "size": head.size, "etag": head.etag}
    )
    if not event.version_id and (claim := world.keys.claim_of(version)):
        return resume(world, claim.job_id)
    return _take(world, key, version, head, sequence)


def resume(world: Services, job_id: str) -> Taken:
    """Go on with a job that was claimed before: start it if it has not started, close it if its run is closed."""
    try:
        job = world.jobs.get(job_id)
    except NoSuchRecord as error:
        return _ignored(str(error))
    if job.status is not JobStatus.RECEIVED:
        return Taken(Outcome.REPEATED, f"the job is {job.status}", job_id)
    run = world.runs.get(job_id, job.run)
    if run.status.is_final:
        return Taken(Outcome.REPEATED, f"the run is {finish_closing(world, job.ref(run.fence), run)}", job_id)
    try:
        route = _route_of(world, job)
    except ConfigurationError as error:
        return fail(world, job, error)
    if route and run.status is JobStatus.RUNNING:
        # Its starter died before the job said so; whoever runs it may have moved the object by now.
        return start(world, job, route)
    return proceed(world, job, route, run)


def _ignored(why: str) -> Taken:
    return Taken(Outcome.IGNORED, why)


def _route_of(world: Services, job: Job) -> Route | None:
    return None if job.revision == 0 else world.config.route_revision(job.tenant, job.route, job.revision)


def _take(world: Services, key: IngestKey, version: ObjectVersion, head: ObjectHead, sequence: str) -> Taken:
    try:
        if reason := _stranger(world, key, head):
            return _create(world, key, version, Decision(None, (Rejection(NO_ROUTE, 0, reason),)), {}, sequence)
        routes = world.config.active_routes(key.tenant)
        if kind := take_control_file(world, key, version, head, routes):
            return Taken(Outcome.CONTROL_FILE, kind)
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
) -> Taken:
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
        confirm_timeout_seconds=route.confirm.state_seconds if route else LONGEST_CALL_SECONDS,
    )
    if not create_job(world.dynamodb, world.settings, job, declared):
        claim = world.keys.claim_of(version)
        return resume(world, claim.job_id if claim else job.job_id)
    return replace(proceed(world, job, route, new_run(job, declared)), created=True)
