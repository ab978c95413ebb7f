"""A whole system for a while: for tests and measurements, on ports of its own and in a folder of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from local.demo.people import seed_people
from local.demo.seed import seed
from local.deployment import deploy, start_emulator
from local.emulator.process import Emulator, kept_port, running, stop
from local.partner.account import Account, free_port
from local.partner.servers import start_partner, stop_partner
from local.stack import Stack, read_outputs
from local.worker_process import start_worker, stop_worker
from local.workspace import Workspace


@dataclass(frozen=True)
class System:
    """The deployed stack with the demo's tenant, the worker and the partner's two servers."""

    workspace: Workspace
    stack: Stack
    account: Account


def workspace_at(home: Path) -> Workspace:
    """A workspace at `home`: with the ports of the emulator that runs, or once ran there, else with free ones."""
    found = running(home)
    port, sftp_port = (found.port, found.sftp_port) if found else (kept_port(home) or free_port(), free_port())
    return Workspace(home=home, port=port, sftp_port=sftp_port)


@contextmanager
def temporary_emulator(workspace: Workspace) -> Iterator[Emulator]:
    """The workspace's emulator; one that ran before goes on afterwards, any other leaves no process behind."""
    found = running(workspace.home)
    try:
        yield found or start_emulator(workspace)
    finally:
        if not found:
            stop_worker(workspace)
            stop_partner(workspace)
            stop(workspace.home)


def deployed_system(workspace: Workspace, emulator: Emulator) -> System:
    """What `ferry up` makes of an emulator. A stack that is deployed already is taken as it is, with its tenant."""
    account = start_partner(workspace).account
    outputs = read_outputs(Stack(emulator))
    stack = Stack(emulator, outputs) if outputs else deploy(workspace, emulator)
    start_worker(workspace, stack)
    if not outputs:
        seed(workspace, stack, account)
        seed_people(workspace, stack)
    return System(workspace, stack, account)
