"""Links to what the archive keeps of a job."""

from __future__ import annotations

from pydantic import Field

from fileferry.api import Answer, Call, Role, reply
from fileferry.clock import timestamp
from fileferry.downloads import Kept, link_to
from fileferry.model.job import Frozen
from fileferry.services import services

from .jobs import job_of
from .service import api


class DownloadRequest(Frozen):
    what: Kept
    run: int | None = Field(None, ge=1, description="Of this run; by default of the latest one that has it.")


class DownloadLink(Frozen):
    """A link that answers a GET, whoever sends it, until it expires."""

    url: str
    expires_at: str
    filename: str
    size: int = Field(description="Bytes.")
    sha256: str
    run: int


@api.operation(
    "POST",
    "/v1/tenants/{tenant}/jobs/{job_id}/download",
    access=Role.OPERATOR,
    body=DownloadRequest,
    answer=DownloadLink,
    secret=True,
)
def download_file(call: Call) -> Answer:
    """Make a link to a quarantined, duplicate or archived file.

    It holds for five minutes and for this very version, and whoever has it needs no other right. 404 when nothing of
    the kind is kept, or its retention is over.
    """
    job = job_of(call)
    world, wanted = services(), call.body
    runs = [run for run in world.runs.of_job(job.job_id) if wanted.run in (None, run.run)]
    link = link_to(world.link_s3, world.objects, runs, wanted.what)
    call.note(what=wanted.what.value, run=link.run, key=link.object.key, version_id=link.object.version_id)
    return reply(
        DownloadLink(
            url=link.url,
            expires_at=timestamp(link.expires_at),
            filename=link.filename,
            size=link.object.size,
            sha256=link.object.sha256,
            run=link.run,
        )
    )
