"""A user logs in by password on the running system, whose profile lets users have passwords."""

from __future__ import annotations

import asyncio
import time
from pathlib import PurePosixPath

import asyncssh
import pytest

from fileferry.model.job import JobStatus
from local.demo.sending import HOST
from tests.trials import OTHER, TENANT, Trials, unique

PASSWORD = "correct horse battery"
USER = f"/v1/tenants/{TENANT}/users/{OTHER}"


def uploaded(trials: Trials, user: str, password: str, path: str) -> None:
    """Upload a small file in a session that only the password opens. Raises asyncssh.PermissionDenied."""

    async def upload() -> None:
        async with asyncssh.connect(
            HOST,
            trials.stack.emulator.sftp_port,
            username=user,
            password=password,
            client_keys=None,
            known_hosts=str(trials.system.workspace.known_hosts),
            config=[],
            agent_path=None,
        ) as connection:
            sftp = await connection.start_sftp_client()
            await sftp.makedirs(str(PurePosixPath(path).parent), exist_ok=True)
            async with sftp.open(path, "wb") as file:
                await file.write(b"content\n")

    asyncio.run(asyncio.wait_for(upload(), 60))


def test_a_password_opens_the_users_home_and_its_refusals_tell_nothing(trials: Trials) -> None:
    path = f"plain/{unique('file.csv')}"
    with pytest.raises(asyncssh.PermissionDenied):
        uploaded(trials, OTHER, PASSWORD, path)
    told = trials.api.call("PUT", f"{USER}/password", {"password": PASSWORD})
    assert told["password_set_at"]
    uploaded(trials, OTHER, PASSWORD, path)
    assert trials.ended(path, OTHER).status is JobStatus.SUCCEEDED

    seconds = []
    for user, password in ((OTHER, f"{PASSWORD}!"), ("trials-nobody", PASSWORD)):
        begun = time.monotonic()
        with pytest.raises(asyncssh.PermissionDenied):
            uploaded(trials, user, password, path)
        seconds.append(time.monotonic() - begun)
    assert min(seconds) >= 1.0, "a refusal waits, whatever is wrong"
    trials.api.call("DELETE", f"{USER}/password")
    with pytest.raises(asyncssh.PermissionDenied):
        uploaded(trials, OTHER, PASSWORD, path)
