"""What makes validate, stage, transform, deliver and confirm use each of their permissions."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fileferry.model.job import Delivery, Step
from local.demo.sending import HOST
from local.partner.account import BUCKET, sftp_folder

from .jobs import JobOnItsWay
from .world import BIG_BYTES, LATEST, Seen, World, failed, made


@dataclass(frozen=True)
class Probe:
    """A call that uses permissions of one role; `shows` are the statements for which it is tried first."""

    name: str
    run: Callable[[World], Seen]
    shows: tuple[str, ...] = ()


def repeated(step: Step, function: str) -> Probe:
    """A step that is recorded already, as after a kill: its record is read."""

    def run(world: World) -> Seen:
        job = JobOnItsWay(world)
        job.done(step, repeated=True)
        return job.call(function)

    return Probe("a recorded step", run, ("RecordStep",))


def _validate(world: World) -> Seen:
    return JobOnItsWay(world, route={"validation": {"encoding": "utf-8"}}).call("validate")


VALIDATE = (Probe("a file is read", _validate), repeated(Step.VALIDATE, "validate"))


def _stage(world: World) -> Seen:
    return JobOnItsWay(world).call("stage")


def _stage_after_parts(world: World) -> Seen:
    job = JobOnItsWay(world)
    world.put_in_parts(world.services.settings.staging_bucket, f"{job.prefix}/original", job.content)
    return job.call("stage")


def _stage_wrong_digest(world: World) -> Seen:
    return failed(JobOnItsWay(world, declared={"sha256": "0" * 64}).call("stage"), "IntegrityError")


def _stage_broken(world: World) -> Seen:
    job = JobOnItsWay(world, version=world.big_in_ingest)
    seen = failed(job.call("stage"), "IntegrityError")
    return world.all_closed(seen, world.services.settings.staging_bucket, job.prefix)


def _stage_once(world: World) -> Seen:
    return JobOnItsWay(world, route={"duplicates": "skip"}).call("stage", LATEST)


def _stage_seen(world: World) -> Seen:
    job = JobOnItsWay(world, route={"duplicates": "skip"})
    first = JobOnItsWay(world)
    digest = hashlib.sha256(job.content).hexdigest()
    world.services.keys.claim_content(job.tenant, "files", digest, first.job.job_id)
    return failed(job.call("stage", LATEST), "DuplicateContent")


STAGE = (
    Probe("a file is copied", _stage),
    repeated(Step.STAGE, "stage"),
    Probe("a copy in parts is there", _stage_after_parts, ("WriteStaging",)),
    Probe("the copy has another digest", _stage_wrong_digest, ("WriteStaging",)),
    Probe("a large file's stream breaks", _stage_broken, ("WriteStaging",)),
    Probe("content that is new", _stage_once, ("ClaimContent",)),
    Probe("content of another job", _stage_seen, ("ClaimContent", "ReadJobs")),
)


def _transform(world: World) -> Seen:
    job = JobOnItsWay(world, route={"transform": [{"op": "sign", "key_secret": world.pgp_secret}]})
    job.done(Step.STAGE, object=job.staged().model_dump())
    return job.call("transform")


def _transform_broken(world: World) -> Seen:
    job = JobOnItsWay(world, route={"transform": [{"op": "charset"}]})
    job.done(Step.STAGE, object=world.big_in_staging.model_dump())
    seen = failed(job.call("transform"), "IntegrityError")
    return world.all_closed(seen, world.services.settings.staging_bucket, job.prefix)


TRANSFORM = (
    Probe("a file is signed", _transform),
    repeated(Step.TRANSFORM, "transform"),
    Probe("the output breaks off", _transform_broken, ("WriteStaging",)),
)


def bucket_target(**more: Any) -> dict[str, Any]:
    return {"kind": "s3", "bucket": BUCKET, "prefix": "privileges", **more}


def sftp_target(world: World) -> dict[str, Any]:
    account = world.system.account
    return {
        "kind": "sftp",
        "host": HOST,
        "port": account.sftp_port,
        "username": account.username,
        "secret": world.sftp_secret,
        "host_keys": [account.host_public_key],
        "folder": "/privileges",
    }


def _to_bucket(world: World, existing: str, **more: Any) -> JobOnItsWay:
    route = {"deliver": {"destinations": ["there"], "existing": existing}}
    return JobOnItsWay(world, target=bucket_target(), route=route, **more)


def _deliver_copy(world: World) -> Seen:
    job = _to_bucket(world, "overwrite")
    job.transformed()
    return job.call("deliver")


def _deliver_output(world: World) -> Seen:
    job = _to_bucket(world, "overwrite")
    job.transformed(output=job.staged("1/output"))
    return job.call("deliver")


def _deliver_found(world: World) -> Seen:
    job = _to_bucket(world, "refuse", name=_unique())
    ref = job.transformed()
    metadata = {"sha256": ref.sha256, "job-id": job.job.job_id, "run": "1"}
    world.put(BUCKET, f"privileges/{job.job.filename}", job.content, Metadata=metadata)
    return made(job.call("deliver"), "an earlier try had put it")


def _deliver_broken(world: World) -> Seen:
    name = _unique()
    job = _to_bucket(world, "refuse", name=name)
    job.transformed(world.big_in_staging.model_copy(update={"size": BIG_BYTES + 1}))
    seen = failed(job.call("deliver"), "IntegrityError")
    return world.all_closed(seen, BUCKET, f"privileges/{name}")


def _deliver_sftp(world: World) -> Seen:
    job = JobOnItsWay(world, target=sftp_target(world), name=_unique())
    job.transformed()
    return job.call("deliver")


DELIVER = (
    Probe("a copy into a bucket", _deliver_copy),
    repeated(Step.DELIVER, "deliver"),
    Probe("an output into a bucket", _deliver_output, ("ReadStaging",)),
    Probe("an object of an earlier try", _deliver_found, ("ReadDestinations",)),
    Probe("an upload breaks off", _deliver_broken, ("WriteDestinations",)),
    Probe("over SFTP", _deliver_sftp, ("ReadSecrets",)),
)


def _unique() -> str:
    return f"{secrets.token_hex(6)}.csv"


def _delivered(job: JobOnItsWay, kind: str, **detail: str) -> None:
    delivery = Delivery(
        status="DELIVERED",
        kind=kind,
        name=job.job.filename,
        location="there",
        size=len(job.content),
        sha256=hashlib.sha256(job.content).hexdigest(),
        detail=detail,
    )
    job.done(Step.DELIVER, destinations={"there": delivery.model_dump()})


def _confirm_bucket(world: World, *, versioned: bool) -> Seen:
    job = JobOnItsWay(world, target=bucket_target(), name=_unique(), route={"confirm": {"mode": "check"}})
    there = world.put(BUCKET, f"privileges/{job.job.filename}", job.content)
    # A bucket without versions gives no version id: the object is looked at by its name.
    _delivered(job, "s3", **({"version_id": there.version_id} if versioned else {}))
    return job.call("confirm")


def _confirm_sftp(world: World) -> Seen:
    job = JobOnItsWay(world, target=sftp_target(world), name=_unique(), route={"confirm": {"mode": "check"}})
    folder = sftp_folder(world.system.workspace.partner) / "privileges"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / job.job.filename).write_bytes(job.content)
    _delivered(job, "sftp")
    return job.call("confirm")


def _confirm_waits(world: World) -> Seen:
    confirm = {"mode": "acknowledgement", "user": "mailbox", "timeout_seconds": 600}
    job = JobOnItsWay(world, target=bucket_target(), route={"confirm": confirm})
    _delivered(job, "s3")
    return made(job.call("confirm", task_token="token"), "waiting")


def _confirm_completes(world: World) -> Seen:
    job = JobOnItsWay(world, target=bucket_target())
    _delivered(job, "s3")
    return job.call("confirm", task_token=json.dumps({"no": "task"}))


CONFIRM = (
    Probe("a version in a bucket", lambda world: _confirm_bucket(world, versioned=True)),
    repeated(Step.CONFIRM, "confirm"),
    Probe(
        "an object of a bucket without versions",
        lambda world: _confirm_bucket(world, versioned=False),
        ("ReadDestinations",),
    ),
    Probe("over SFTP", _confirm_sftp, ("ReadSecrets",)),
    Probe("an acknowledgement is awaited", _confirm_waits, ("AwaitAcknowledgement",)),
    Probe("a task token is completed", _confirm_completes, ("CompleteTask",)),
)
