"""What a cancelled run has left at its SFTP destinations: hidden, unfinished files that nobody will go on with.

S3 shows no part of an upload, which is aborted where it was begun, and HTTPS servers drop a request that breaks off.
"""

from __future__ import annotations

from fileferry.destinations.credentials import credentials_of
from fileferry.model.destination import SftpDestination
from fileferry.model.job import JobRef, ObjectRef, Run, Step
from fileferry.services import Services
from fileferry.steps import logger, tell_other_version

SECONDS = 60.0
"""For one destination: a login, and a request for each owner that the run has had."""


def remove_leftovers(job: JobRef, world: Services) -> None:
    """Remove the run's temporary files at every destination that has not got its file; what fails is only logged."""
    run = world.runs.get(job.job_id, job.run)
    if not run.steps[Step.DELIVER].started_at or not run.result(Step.TRANSFORM):
        return
    for destination in world.config.route_revision(job.tenant, job.route, job.revision).deliver.destinations:
        delivery = run.deliveries.get(destination)
        if delivery and delivery.status == "DELIVERED":
            continue
        try:
            _remove_at(world, job, run, destination)
        except Exception:
            logger.warning("unfinished files may be left at the destination", destination=destination, exc_info=True)


def _remove_at(world: Services, job: JobRef, run: Run, destination: str) -> None:
    record = world.config.destination(job.tenant, destination)
    target = record.target
    if not isinstance(target, SftpDestination):
        return
    from fileferry.destinations.sftp_session import SftpAccess

    from . import sftp

    made = run.result(Step.TRANSFORM)
    sha256 = ObjectRef.model_validate(made["object"]).sha256
    names = [
        sftp.temporary_name(str(made["filename"]), sha256, job.job_id, run.run, fence)
        for fence in range(1, run.fence + 1)
    ]
    credentials = credentials_of(world.secrets, record, tell_other_version(destination))
    access = SftpAccess(target, credentials, world.settings.allow_private_destinations)
    removed = sftp.remove(access, names, SECONDS)
    logger.info("unfinished files removed", destination=destination, files=removed)
