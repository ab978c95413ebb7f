"""The transform task: the route's operations in their order, from the staged object to the one that is delivered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fileferry.home import Home, LambdaContext, lambda_home
from fileferry.model.job import ObjectRef, Step
from fileferry.model.route import Rename
from fileferry.objects import Target
from fileferry.scratch import scratch_folder
from fileferry.services import Services
from fileferry.steps import Work, run_step

from .content import Blocks, Content, Scratch, read_blocks
from .names import name_after
from .operations import Workshop, pipeline


def handler(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry: `{"job": JobRef, "attempt": n}` → `{"object": ObjectRef, "filename": str, "operations": […]}`."""
    return run(event, lambda_home(context))


def run(event: Mapping[str, Any], home: Home, world: Services | None = None) -> dict[str, Any]:
    """The step in any home."""
    return run_step(Step.TRANSFORM, event, home, transform, world)


def transform(work: Work) -> dict[str, Any]:
    """Run the pipeline and write its output to `{tenant}/{job_id}/{run}/output` in the staging bucket.

    Without operations, or with renames only, the staged object itself is the output. `operations` has one entry an
    operation: its `op`, the `filename` after it and what it found out. Raises ContentRefused for content at fault,
    ConfigurationError for a route or secret at fault; both name the operation.
    """
    staged = ObjectRef.model_validate(work.run.result(Step.STAGE)["object"])
    if all(isinstance(operation, Rename) for operation in work.route.transform):
        return {"object": staged.model_dump(), "filename": _renamed(work), "operations": []}
    with (
        scratch_folder(work.home.scratch, work.job, Step.TRANSFORM) as folder,
        work.services.objects.open(staged, work.transfer()) as stream,
    ):
        shop = Workshop(work.job, Scratch(folder), work.home.memory, lambda: work.services.secrets)
        done = pipeline(work.route.transform, Content(work.job.filename, read_blocks(stream)), shop)
        ref = _write(work, done.content.read())
    return {"object": ref.model_dump(), "filename": done.content.name, **done.told}


def _renamed(work: Work) -> str:
    name = work.job.filename
    for operation in work.route.transform:
        name = name_after(operation, name, work.job)
    return name


def _write(work: Work, blocks: Blocks) -> ObjectRef:
    job = work.job
    target = Target(
        work.services.settings.staging_bucket,
        f"{job.tenant}/{job.job_id}/{job.run}/output",
        metadata={"job-id": job.job_id, "run": str(job.run)},
    )
    with work.services.objects.writer(target, work.transfer(), about=job.object.size) as writer:
        for block in blocks:
            writer.write(block)
    return writer.ref
