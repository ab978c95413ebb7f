"""Files put there by real SFTP clients, in the ways that clients put them."""

from __future__ import annotations

import asyncio
import hashlib
import subprocess
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncssh
import pytest

from fileferry.model.job import JobStatus
from local.sftp_client import Login, connect
from tests.trials import Trials, unique
from tests.waiting import until


def test_a_file_travels_from_sftp_to_the_partner_and_the_archive(trials: Trials) -> None:
    name, content = unique("a+b %41 ü.csv"), b"n;v\n1;2\n"
    trials.send({f"plain/{name}": content})
    job = trials.ended(f"plain/{name}")
    assert job.status is JobStatus.SUCCEEDED, trials.run(job)
    assert trials.delivered(name) == content
    assert trials.archived(job) == {f"original/{name}": content}
    assert trials.in_ingest(f"plain/{name}") == []
    succeeded = trials.event(job, "JobSucceeded", "success")
    assert succeeded["data"]["sha256"] == hashlib.sha256(content).hexdigest()


def test_a_rename_after_the_upload_is_one_job_of_the_final_name(trials: Trials) -> None:
    name = unique("renamed.csv")
    asyncio.run(_put_and_rename(trials.login(), f"plain/{name}.filepart", f"plain/{name}", b"whole\n"))
    assert trials.ended(f"plain/{name}").status is JobStatus.SUCCEEDED
    assert trials.jobs(f"plain/{name}.filepart") == []
    assert trials.delivered(name) == b"whole\n"
    assert trials.delivered(f"{name}.filepart") is None


async def _put_and_rename(login: Login, temporary: str, final: str, content: bytes) -> None:
    async with _session(login) as sftp:
        await sftp.makedirs(final.rpartition("/")[0], exist_ok=True)
        async with sftp.open(temporary, "wb") as file:
            await file.write(content)
        await sftp.rename(temporary, final)


def test_an_interrupted_upload_becomes_whole_by_its_repeat(trials: Trials) -> None:
    """The client is killed in the middle: what comes of it is at most a shorter version, never the final one."""
    name, content = unique("large.bin"), bytes(range(256)) * 32_768  # 8 MiB
    asyncio.run(_cut_off(trials.login(), f"plain/{name}", content[: len(content) // 2]))
    trials.send({f"plain/{name}": content})

    def whole() -> bool:
        jobs = trials.jobs(f"plain/{name}")
        return bool(jobs) and all(job.status.is_final for job in jobs) and jobs[-1].object.size == len(content)

    until(whole, 180, f"the repeated upload has no end: {trials.jobs(f'plain/{name}')}")
    jobs = trials.jobs(f"plain/{name}")
    assert {job.status for job in jobs} == {JobStatus.SUCCEEDED}
    assert [job.object.size for job in jobs].count(len(content)) == 1
    assert trials.delivered(name) == content
    assert trials.in_ingest(f"plain/{name}") == []


async def _cut_off(login: Login, path: str, content: bytes) -> None:
    async with _session(login) as sftp:
        await sftp.makedirs(path.rpartition("/")[0], exist_ok=True)
        file = await sftp.open(path, "wb")
        await file.write(content)  # and never closed: the session ends


@asynccontextmanager
async def _session(login: Login) -> AsyncIterator[asyncssh.SFTPClient]:
    """An asyncssh session of the user's own, whose connection is cut off at its end whatever is open."""
    connection = await connect(login)
    try:
        yield await connection.start_sftp_client()
    finally:
        connection.abort()
        await connection.wait_closed()


def test_a_temporary_name_that_stays_is_no_job(trials: Trials) -> None:
    name, after = unique("stays.filepart"), unique("after.csv")
    trials.send({f"plain/{name}": b"half", f"plain/{after}": b"whole"})
    trials.ended(f"plain/{after}")  # same user, so the same line of events: the first one was looked at before
    assert trials.jobs(f"plain/{name}") == []
    assert len(trials.in_ingest(f"plain/{name}")) == 1


@pytest.mark.parametrize("sidecar_first", [True, False])
def test_a_sidecar_is_met_in_either_order(trials: Trials, sidecar_first: bool) -> None:
    name, content = unique("sealed.txt"), b"sealed\n"
    file = {f"checked/{name}": content}
    sidecar = {f"checked/{name}.sha256": f"{hashlib.sha256(content).hexdigest()}  {name}\n".encode()}
    trials.send({**sidecar, **file} if sidecar_first else {**file, **sidecar})
    job = trials.ended(f"checked/{name}")
    assert job.status is JobStatus.SUCCEEDED
    assert trials.run(job).declared == {"sha256": hashlib.sha256(content).hexdigest()}
    assert trials.jobs(f"checked/{name}.sha256") == []
    assert trials.in_ingest(f"checked/{name}.sha256") == []


def test_content_that_breaks_its_sidecar_is_quarantined(trials: Trials) -> None:
    name = unique("broken.txt")
    trials.send({f"checked/{name}.sha256": b"0" * 64, f"checked/{name}": b"other content\n"})
    job = trials.ended(f"checked/{name}")
    assert job.status is JobStatus.QUARANTINED
    assert trials.delivered(name) is None
    assert trials.archived(job, "quarantine") == {name: b"other content\n"}


def test_content_seen_before_is_a_duplicate_where_the_route_says_so(trials: Trials) -> None:
    first, second, content = unique("one.csv"), unique("two.csv"), uuid.uuid4().bytes
    trials.send({f"once/{first}": content, f"once/{second}": content})
    one, two = trials.ended(f"once/{first}"), trials.ended(f"once/{second}")
    assert (one.status, two.status) == (JobStatus.SUCCEEDED, JobStatus.DUPLICATE)
    assert two.first_job == one.job_id
    assert trials.delivered(second) is None
    assert trials.event(two, "JobDuplicate", "success")["data"]["first_job"] == one.job_id


def test_an_ordered_route_delivers_in_the_order_of_arrival(trials: Trials) -> None:
    names = [unique(f"{number}.csv") for number in range(6)]
    trials.send({f"ordered/{name}": f"{name}\n".encode() * (6 - number) for number, name in enumerate(names)})
    for name in names:
        assert trials.ended(f"ordered/{name}").status is JobStatus.SUCCEEDED
    renamed = [path.decode().rpartition("/")[2] for operation, path in trials.inbox.log if "rename" in operation]
    assert [name for name in renamed if name in names] == names


def test_a_stranger_is_not_let_in(trials: Trials) -> None:
    login = trials.login()
    command = ["sftp", "-F", "/dev/null", "-b", "-", "-P", str(login.port), "-i", str(login.key)]
    command += ["-o", f'UserKnownHostsFile="{login.known_hosts}"', "-o", "BatchMode=yes", f"nobody@{login.host}"]
    done = subprocess.run(command, input="ls\n", capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0
    assert "Permission denied" in done.stderr
