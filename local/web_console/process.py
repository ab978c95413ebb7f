"""Starting and stopping the console's server."""

from __future__ import annotations

import socket
import sys
import time

from fileferry.errors import FerryError
from local.api import local_url
from local.console import console, stage
from local.processes import find, spawn, stop
from local.stack import Stack
from local.workspace import Workspace

from . import build
from .server import HOST
from .settings import ConsoleSettings, read_settings, write_settings

CONSOLE = "console"
_READY_SECONDS = 15.0


class ConsoleDown(FerryError):
    """The console's server does not answer."""


def start_console(workspace: Workspace, stack: Stack) -> str | None:
    """The address of the console as its sources are now; None, after saying why, where it cannot be had.

    The rest of the system does not need it, so nothing of this ends `ferry up`.
    """
    try:
        pages = build.built(workspace)
    except FerryError as error:
        console.print(f"! {error.what}", markup=False, style="yellow")
        console.print(f"  To do: {error.todo}", markup=False)
        if not build.is_built(workspace.root):
            return None
        console.print("  Until then the console is the one that was built before.", markup=False)
        pages = build.pages(workspace.root)
    settings = ConsoleSettings(
        port=workspace.console_port,
        pages=str(pages),
        api=local_url(stack["ApiUrl"], stack.emulator.endpoint),
        issuer=stack["Issuer"],
        login=stack.emulator.endpoint,
        client_id=stack["ConsoleClientId"],
        region=stack.emulator.region,
    )
    try:
        with stage("Starting the console's server"):
            return serve(workspace, settings)
    except ConsoleDown as error:
        console.print(f"! {error.what}\n  To do: {error.todo}", markup=False, style="yellow")
        return None


def serve(workspace: Workspace, settings: ConsoleSettings) -> str:
    """Its address, served by the code as it is now. Raises ConsoleDown."""
    stop_console(workspace)
    if _answers(settings.port):
        raise ConsoleDown(
            f"Another process listens on port {settings.port}, where the console should be.",
            todo="end it, or choose another port with FERRY_CONSOLE_PORT=NUMBER; then `ferry up` again.",
        )
    write_settings(workspace.home, settings)
    command = [sys.executable, "-m", "local.web_console.server", str(workspace.home)]
    log = workspace.logs / f"{CONSOLE}.log"
    spawn(workspace.home, CONSOLE, command, log, {"PYTHONPATH": f"{workspace.root}:{workspace.root / 'src'}"})
    until = time.monotonic() + _READY_SECONDS
    while time.monotonic() < until and find(workspace.home, CONSOLE):
        if _answers(settings.port):
            return settings.url
        time.sleep(0.05)
    raise ConsoleDown(f"The console's server does not answer on port {settings.port}.", todo=f"read {log}.")


def console_url(workspace: Workspace) -> str | None:
    """Where the console is served now, or None."""
    settings = read_settings(workspace.home)
    return settings.url if settings and find(workspace.home, CONSOLE) else None


def stop_console(workspace: Workspace) -> bool:
    """Whether it was running."""
    return stop(workspace.home, CONSOLE)


def _answers(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True
