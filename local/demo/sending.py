"""Files onto the SFTP server, as the demo's users."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from local.sftp_client import Client, Login, Upload
from local.stack import Stack
from local.workspace import Workspace

from .keys import login_key
from .samples import Sample
from .tenant import MAILBOX

HOST = "localhost"


def login(workspace: Workspace, stack: Stack, user: str) -> Login:
    """How `user` gets into the SFTP server."""
    key = login_key(workspace.keys, user)
    return Login(HOST, stack.emulator.sftp_port, user, key, workspace.known_hosts)


def write_samples(folder: Path, samples: Sequence[Sample]) -> dict[str, list[Upload]]:
    """The samples as files below `folder`, and each user's uploads; a sidecar comes after its file."""
    uploads: dict[str, list[Upload]] = {}
    for sample in samples:
        file = folder / sample.path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(sample.content)
        theirs = uploads.setdefault(sample.user, [])
        theirs.append(Upload(file, sample.path))
        if sample.sidecar:
            sidecar = file.with_name(f"{file.name}.sha256")
            sidecar.write_text(f"{sample.sha256}  {sample.filename}\n")
            theirs.append(Upload(sidecar, f"{sample.path}.sha256"))
    return uploads


def send_all(workspace: Workspace, stack: Stack, client: Client, uploads: dict[str, list[Upload]]) -> None:
    """One SFTP session for each user. Raises UploadFailed."""
    for user, theirs in uploads.items():
        client(login(workspace, stack, user), theirs)


def acknowledge(workspace: Workspace, stack: Stack, client: Client, name: str) -> None:
    """Put NAME.ack into the partner's mailbox, as the partner does when it has worked on the file."""
    file = workspace.samples / "acknowledgements" / f"{name}.ack"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("accepted\n")
    client(login(workspace, stack, MAILBOX), [Upload(file, file.name)])
