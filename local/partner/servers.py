"""Starting and stopping the partner's two servers."""

from __future__ import annotations

import socket
import sys
import time
from dataclasses import dataclass

from fileferry.errors import FerryError
from local.processes import Process, find, spawn, stop
from local.workspace import Workspace

from .account import HOST, Account, https_folder, open_account, sftp_folder, with_free_ports, write_account

SFTP, HTTPS = "partner-sftp", "partner-https"
_MODULES = {SFTP: "local.partner.sftp_server", HTTPS: "local.partner.https_receiver"}
_READY_SECONDS = 15.0


class PartnerDown(FerryError):
    """A server of the partner does not answer."""


@dataclass(frozen=True)
class Partner:
    """The partner's servers as they run."""

    account: Account
    workspace: Workspace

    @property
    def places(self) -> dict[str, str]:
        """Name → address and folder, for people."""
        account, folder = self.account, self.workspace.partner
        return {
            SFTP: f"sftp://{account.username}@{HOST}:{account.sftp_port} in {sftp_folder(folder)}",
            HTTPS: f"https://localhost:{account.https_port} in {https_folder(folder)}",
        }


def start_partner(workspace: Workspace) -> Partner:
    """The partner's servers, started where they are not running. Raises PartnerDown when one does not come up."""
    missing = [name for name in _MODULES if find(workspace.home, name) is None]
    account = with_free_ports(open_account(workspace.partner), sftp=SFTP in missing, https=HTTPS in missing)
    write_account(workspace.partner, account)
    for name in missing:
        command = [sys.executable, "-m", _MODULES[name], str(workspace.partner)]
        spawn(workspace.home, name, command, workspace.logs / f"{name}.log", {"PYTHONPATH": str(workspace.root)})
    for name, port in ((SFTP, account.sftp_port), (HTTPS, account.https_port)):
        _await(workspace, name, port)
    return Partner(account, workspace)


def partner_processes(workspace: Workspace) -> dict[str, Process | None]:
    """Each server's process, None where it does not run."""
    return {name: find(workspace.home, name) for name in _MODULES}


def stop_partner(workspace: Workspace) -> list[str]:
    """The names of the servers that were running and are stopped now."""
    return [name for name in _MODULES if stop(workspace.home, name)]


def _await(workspace: Workspace, name: str, port: int) -> None:
    until = time.monotonic() + _READY_SECONDS
    while time.monotonic() < until and find(workspace.home, name):
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise PartnerDown(
        f"{name} does not answer on port {port}.", todo=f"read {workspace.logs / f'{name}.log'}; then `ferry up` again."
    )
