"""Anybody's files, sent as one of the demo's users and followed to their end."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fileferry.clock import timestamp
from fileferry.errors import NoSuchRecord
from fileferry.model.job import JobStatus
from local.console import console
from local.demo.sending import HOST, login
from local.demo.tenant import TENANT
from local.demo.verify import why
from local.follow.board import Row
from local.follow.display import display
from local.follow.feed import subscribed
from local.follow.follower import Follower, Stuck
from local.follow.jobs import run_of
from local.sftp_client import Upload, await_login, choose_client, pin_host_key
from local.stack import Stack
from local.workspace import Workspace


def send_files(
    workspace: Workspace, stack: Stack, files: Sequence[Path], user: str, folder: str, seconds: float
) -> bool:
    """Send and follow the files; whether all of them succeeded. Raises NoSuchRecord, UploadFailed, Stuck."""
    if missing := [str(file) for file in files if not file.is_file()]:
        raise NoSuchRecord(f"There is no such file: {', '.join(missing)}.")
    if not (workspace.keys / user).exists():
        known = sorted(path.name for path in workspace.keys.iterdir() if path.suffix == ".pub")
        raise NoSuchRecord(f"There is no key of a user {user!r}.", todo=f"choose of {', '.join(known)} (without .pub).")
    uploads = [Upload(file.resolve(), f"{folder.strip('/')}/{file.name}".lstrip("/")) for file in files]
    client = choose_client(workspace.logs / "apt-get.log", lambda text: console.print(text, markup=False))
    pin_host_key(HOST, stack.emulator.sftp_port, workspace.known_hosts)
    who = login(workspace, stack, user)
    await_login(who)
    paths = {upload.remote for upload in uploads}
    with subscribed(stack) as feed, display(f"Over SFTP: {len(files)}") as show:
        follower = Follower(stack, feed, TENANT, timestamp())
        client(who, uploads)

        def ended(rows: list[Row]) -> bool:
            return paths <= {row.path for row in rows if row.user == user and row.status.is_final}

        done = follower.until(ended, show, seconds)
    ours = [row for row in follower.rows() if row.user == user and row.path in paths]
    if not done:
        open_paths = paths - {row.path for row in ours if row.status.is_final}
        raise Stuck(f"Not at its end within {seconds:.0f} s: {', '.join(sorted(open_paths))}.", todo="`ferry status`.")
    _explain(stack, ours)
    return all(row.status is JobStatus.SUCCEEDED for row in ours)


def _explain(stack: Stack, rows: Sequence[Row]) -> None:
    for row in rows:
        if row.status is JobStatus.SUCCEEDED:
            continue
        job = stack.jobs.get(row.job_id)
        for text in why(job, run_of(stack, job)):
            console.print(f"  {row.path}: {text}", markup=False)
