"""The archive step: what came and what was delivered, kept and verified; then the run is SUCCEEDED.

The order is what keeps files safe: verified copies, then the ingest version goes, then the staged objects, then the
step is recorded, then the run is closed. A repeat finds what was done before and goes on from there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fileferry.archive_places import DELIVERED, ORIGINAL, archive_folder
from fileferry.closing import close_as_succeeded
from fileferry.home import Home, LambdaContext, lambda_home
from fileferry.model.job import JobRef, ObjectRef, Run, Step
from fileferry.objects import Target
from fileferry.services import Services, services
from fileferry.steps import Work, named_errors, run_step

RETENTION_TAG = "retention-days"
"""The archive bucket's lifecycle rules expire objects by this tag."""
RETENTION_STEPS = (7, 30, 90, 180, 365, 730, 1095, 1825, 2555, 3650)
"""Days for which the bucket has a rule: S3's filters know exact values only, and a bucket at most 1,000 rules."""


def handler(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry: `{"job": JobRef, "attempt": n}` → `{"original": ObjectRef, "delivered": ObjectRef}`."""
    return run(event, lambda_home(context))


def run(event: Mapping[str, Any], home: Home, world: Services | None = None) -> dict[str, Any]:
    """Run the step and, once it is recorded, close the run as SUCCEEDED.

    The run is closed after the step is recorded, never before: a repeat of a recorded step returns its result also
    when the run is closed, so that a try that was killed in between is simply made again. Raises RunClosed when the
    run was closed otherwise (cancelled) meanwhile.
    """
    world = world or services()
    result = run_step(Step.ARCHIVE, event, home, archive, world)
    job = JobRef.model_validate(event["job"])
    with named_errors():
        close_as_succeeded(world, job, world.runs.get(job.job_id, job.run))
    return result


def archive(work: Work) -> dict[str, Any]:
    """Keep the original and the delivered bytes, then remove the file from ingest and staging.

    Where no operation changed the bytes they are kept once, as the original, and both references name that object:
    a second copy would tell nothing more, since the delivered names stand in the run's record. The kept copy that a
    run began from stays. Raises IntegrityError before anything is removed.
    """
    original = ObjectRef.model_validate(work.run.result(Step.STAGE)["object"])
    output = work.run.result(Step.TRANSFORM)
    delivered = ObjectRef.model_validate(output["object"])
    kept = _keep(work, original, ORIGINAL, work.job.filename)
    sent = kept if delivered.sha256 == original.sha256 else _keep(work, delivered, DELIVERED, output["filename"])
    work.home.pulse(0)  # who was replaced meanwhile, or may go on no longer, removes nothing
    # Nor does who was cancelled: the next run may have begun from what is in ingest and staging.
    work.services.runs.check_open(work.job)
    remove = work.services.objects.delete_version
    if work.run.source is None:
        remove(work.job.object.bucket, work.job.object.key, work.job.object.version_id)
    for staged in _staged(work):
        remove(staged.bucket, staged.key, staged.version_id)
    return {"original": kept.model_dump(), "delivered": sent.model_dump()}


def kept_days(asked: int) -> int:
    """The shortest retention that the bucket has a rule for and that is at least what the route asks.

    Beyond the longest one the object is kept for good, with the days that were asked in its tag.
    """
    return next((days for days in RETENTION_STEPS if days >= asked), asked)


def _keep(work: Work, ref: ObjectRef, kind: str, filename: str) -> ObjectRef:
    """A verified copy in the archive; one that a killed try left is found and not made again."""
    archiving = work.route.archive
    target = Target(
        work.services.settings.archive_bucket,
        f"{archive_folder(work.job, work.run)}/{kind}/{filename}",
        metadata={"job-id": work.job.job_id, "run": str(work.job.run)},
        tags={**archiving.tags, RETENTION_TAG: str(kept_days(archiving.retention_days))},
    )
    return work.services.objects.copy_verified(ref, target, work.transfer(kind), sha256=ref.sha256, repeat=True)


def _staged(work: Work) -> Iterator[ObjectRef]:
    """What this run and the job's failed runs before it have staged and recorded; each object once."""
    seen = set()
    for run in _runs_until(work):
        for step in (Step.STAGE, Step.TRANSFORM):
            result = run.result(step)
            if result and (ref := ObjectRef.model_validate(result["object"])) not in seen:
                seen.add(ref)
                yield ref


def _runs_until(work: Work) -> list[Run]:
    if work.job.run == 1:
        return [work.run]
    return [run for run in work.services.runs.of_job(work.job.job_id) if run.run <= work.job.run]
