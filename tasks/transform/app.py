"""The transform task: the route's operations in their order, from the staged object to the one that is delivered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from fileferry.home import Home, LambdaContext, lambda_home
from fileferry.model.job import ObjectRef, Step
from fileferry.model.route import Rename
from fileferry.objects import Target, Written
from fileferry.scratch import scratch_folder
from fileferry.services import Services
from fileferry.steps import Work, run_step

from .content import Content, Done, Scratch, read_blocks
from .names import name_after
from .operations import Workshop, pipeline
from .pgp_keys import KeySource

_MADE = "transform/made"
"""Where the result is kept: a transform need not be repeatable, and a second output would be sent anew."""


def handler(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry: `{"job": JobRef, "attempt": n}` → `{"object": ObjectRef, "filename": str, "operations": […]}`."""
    return run(event, lambda_home(context))


def run(event: Mapping[str, Any], home: Home, world: Services | None = None) -> dict[str, Any]:
    """The step in any home."""
    return run_step(Step.TRANSFORM, event, home, transform, world)


def transform(work: Work) -> dict[str, Any]:
    """Run the pipeline and write its output to `{tenant}/{job_id}/{run}/output` in the staging bucket.

    The staged object is read ahead, transformed and written at the same time; without operations, or with renames
    only, it is the output itself. `operations` has one entry an operation: its `op`, the `filename` after it and what
    it found out. Raises ContentRefused for content at fault, ConfigurationError for a route or secret at fault; both
    name the operation.
    """
    staged = ObjectRef.model_validate(work.run.result(Step.STAGE)["object"])
    if all(isinstance(operation, Rename) for operation in work.route.transform):
        return {"object": staged.model_dump(), "filename": _renamed(work), "operations": []}
    made = _made_before(work)
    if made:
        return made
    with (
        scratch_folder(work.home.scratch, work.job, Step.TRANSFORM) as folder,
        work.services.objects.open(staged, work.transfer()) as stream,
    ):
        shop = Workshop(work.job, Scratch(folder), work.home.memory, _keys(work))
        done = pipeline(work.route.transform, Content(work.job.filename, read_blocks(stream)), shop)
        ref = _write(work, done)
    return {"object": ref.model_dump(), **_told(done)}


def _keys(work: Work) -> KeySource:
    world = work.services
    return KeySource(lambda: world.secrets, lambda name: world.config.key_ring(work.job.tenant, name))


def _renamed(work: Work) -> str:
    name = work.job.filename
    for operation in work.route.transform:
        name = name_after(operation, name, work.job)
    return name


def _told(done: Done) -> dict[str, Any]:
    """What the step's result says beside its object; complete once the output is read."""
    return {"filename": done.content.name, **done.told}


def _made_before(work: Work) -> dict[str, Any] | None:
    """The step's result, if a try that was killed after it had made the output has left it."""
    kept = work.home.progress.load(_MADE)
    if not kept:
        return None
    ref = work.services.objects.find(_output(work), Written(**kept["written"]))
    return {"object": ref.model_dump(), **kept["told"]} if ref else None


def _write(work: Work, done: Done) -> ObjectRef:
    """Write what the pipeline gives; the step's result is kept right before the output becomes visible."""

    def keep(written: Written) -> None:
        work.home.progress.save(_MADE, {"written": asdict(written), "told": _told(done)})

    writer = work.services.objects.writer(
        _output(work), work.transfer(), about=work.job.object.size, before_visible=keep
    )
    with writer:
        for block in done.content.read():
            writer.write(block)
    return writer.ref


def _output(work: Work) -> Target:
    job = work.job
    return Target(
        work.services.settings.staging_bucket,
        f"{job.tenant}/{job.job_id}/{job.run}/output",
        metadata={"job-id": job.job_id, "run": str(job.run)},
    )
