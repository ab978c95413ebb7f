"""Starts, finds and stops the emulator's process. It runs detached, so that it outlives the command that started it.

Everything it keeps lies below `home`: `emulator.json` (who runs), `emulator.log`, `state/` and `objects/` (survive a
restart), and `lambda/` (unpacked functions).
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from fileferry.errors import FerryError
from local.lock import one_at_a_time

ACCOUNT_ID = "000000000000"
LOOPBACK = "127.0.0.1"  # nothing of the emulator is reachable from other machines
ROOT_KEY = "test"  # MiniStack's key of the account's root user
READY_TIMEOUT_SECONDS = 60.0
STOP_TIMEOUT_SECONDS = 20.0
PORT_WAIT_SECONDS = 2.0  # a killed process lets go of its ports a moment after it is gone
LOG_TAIL_LINES = 20


class PortInUse(FerryError):
    """Another process listens where the emulator should."""


class PortChanged(FerryError):
    """The kept state holds addresses (of queues and APIs) with another port than the one asked for."""


class EmulatorFailed(FerryError):
    """The emulator's process ended, or did not answer in time."""


@dataclass(frozen=True)
class EmulatorSettings:
    """What a start needs: a folder for state and logs, two ports of the loopback interface, the region."""

    home: Path = Path(".ferry")
    port: int = 4566
    sftp_port: int = 2222
    region: str = "eu-central-1"

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> EmulatorSettings:
        """Settings from FERRY_HOME, FERRY_PORT, FERRY_SFTP_PORT and FERRY_REGION; defaults for what is not set."""
        return cls(
            home=Path(environ.get("FERRY_HOME", ".ferry")).absolute(),
            port=int(environ.get("FERRY_PORT", "4566")),
            sftp_port=int(environ.get("FERRY_SFTP_PORT", "2222")),
            region=environ.get("FERRY_REGION", "eu-central-1"),
        )

    def to_environment(self) -> dict[str, str]:
        """The variables that `from_environment` reads."""
        return {
            "FERRY_HOME": str(self.home.absolute()),
            "FERRY_PORT": str(self.port),
            "FERRY_SFTP_PORT": str(self.sftp_port),
            "FERRY_REGION": self.region,
        }

    @property
    def service_endpoint(self) -> str:
        """The gateway's address for the emulator's own processes; an IP address, so that S3 is addressed by path."""
        return f"http://{LOOPBACK}:{self.port}"

    def ministack_environment(self) -> dict[str, str]:
        """MiniStack's own settings: IAM enforced, state on disk, the loopback interface only."""
        return {
            "GATEWAY_PORT": str(self.port),
            "BIND_HOST": LOOPBACK,
            "SFTP_PORT": str(self.sftp_port),
            "SFTP_HOST": LOOPBACK,
            "AUTH": "true",
            "MINISTACK_REGION": self.region,
            "MINISTACK_ACCOUNT_ID": ACCOUNT_ID,
            "PERSIST_STATE": "1",
            "STATE_DIR": str(self.home / "state"),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(self.home / "objects"),
            "LAMBDA_ACCOUNT_CONCURRENCY": "0",  # calls wait in lambda_pool.py; else hundreds of them fail
            "IOT_MTLS_ENABLED": "0",  # would listen on all interfaces
            "LOG_LEVEL": os.environ.get("LOG_LEVEL", "INFO"),
        }


@dataclass(frozen=True)
class Emulator:
    """A running emulator."""

    endpoint: str
    port: int
    sftp_port: int
    pid: int
    region: str
    account_id: str
    home: Path

    def environment(self) -> dict[str, str]:
        """What the SAM CLI, the AWS CLI and boto3 need to talk to it as the account's root user."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": ROOT_KEY,
            "AWS_SECRET_ACCESS_KEY": ROOT_KEY,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
        }


def start(settings: EmulatorSettings) -> Emulator:
    """The running emulator of `settings.home`; started, if none runs, and ready to serve.

    Raises PortInUse when another process has one of the ports, PortChanged when the state that `home` keeps was made
    with another port, EmulatorFailed when it does not come up.
    """
    home = settings.home.absolute()
    home.mkdir(parents=True, exist_ok=True)
    with one_at_a_time(home / "start.lock"):  # two commands at the same time start one emulator
        return running(home) or _started(settings, home)


def kept_port(home: Path) -> int | None:
    """The gateway's port with which the state in `home` was made; None where there is none."""
    file = _port_file(home)
    return int(file.read_text()) if file.exists() and (home / "state").exists() else None


def _port_file(home: Path) -> Path:
    return home / "port"


def _require_same_port(home: Path, port: int) -> None:
    kept = kept_port(home)
    if kept not in (None, port):
        raise PortChanged(
            f"The state there was made with port {kept}, which its queues' addresses hold; port {port} is asked for.",
            where=str(home),
            todo=f"set FERRY_PORT={kept}, or begin anew: `make clean` (or another FERRY_HOME).",
        )
    _port_file(home).write_text(str(port))


def _started(settings: EmulatorSettings, home: Path) -> Emulator:
    for port, variable in ((settings.port, "FERRY_PORT"), (settings.sftp_port, "FERRY_SFTP_PORT")):
        _require_free(port, variable)
    _require_same_port(home, settings.port)
    log = home / "emulator.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "local.emulator"],
            env={**os.environ, **settings.to_environment(), "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a Ctrl-C at the terminal does not reach it; stop() finds all of the session
        )
    emulator = Emulator(
        endpoint=f"http://localhost:{settings.port}",
        port=settings.port,
        sftp_port=settings.sftp_port,
        pid=process.pid,
        region=settings.region,
        account_id=ACCOUNT_ID,
        home=home,
    )
    _record(emulator)
    try:
        _await_ready(process, settings, log)
    except BaseException:
        stop(home)
        raise
    return emulator


def running(home: Path) -> Emulator | None:
    """The emulator that runs with this home, or None."""
    recorded = _recorded(home.absolute())
    if recorded is None:
        return None
    emulator, created = recorded
    try:
        process = psutil.Process(emulator.pid)
        # A process id is used again some day: the start time tells our process from a stranger's.
        alive = abs(process.create_time() - created) < 1 and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return None
    return emulator if alive else None


def stop(home: Path) -> None:
    """End the emulator and every process that it started; state is saved. Nothing happens when none runs."""
    home = home.absolute()
    emulator = running(home)
    if emulator is not None:
        main = psutil.Process(emulator.pid)
        processes = _session(emulator.pid)
        with suppress(psutil.NoSuchProcess):
            main.terminate()
        psutil.wait_procs([main], timeout=STOP_TIMEOUT_SECONDS)
        _kill({*processes, *_session(emulator.pid)})
    else:
        _kill(_orphans(home))
    _record_file(home).unlink(missing_ok=True)


def _kill(processes: set[psutil.Process]) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(list(processes), timeout=5)


def _session(leader: int) -> set[psutil.Process]:
    """Every process of the session that the emulator leads: itself, and the functions' runtimes."""
    found = set()
    for process in psutil.process_iter():
        with suppress(OSError, psutil.Error):
            if os.getsid(process.pid) == leader:
                found.add(process)
    return found


def _orphans(home: Path) -> set[psutil.Process]:
    """Runtimes that a killed emulator left behind (they end by themselves once they want their next event)."""
    recorded = _recorded(home)
    if recorded is None:
        return set()
    emulator, created = recorded
    cache = str(home / "lambda")
    found = set()
    for process in _session(emulator.pid):
        with suppress(psutil.Error):
            if process.create_time() >= created - 1 and process.cwd().startswith(cache):
                found.add(process)
    return found


def _record_file(home: Path) -> Path:
    return home / "emulator.json"


def _record(emulator: Emulator) -> None:
    facts = {**asdict(emulator), "home": str(emulator.home), "created": psutil.Process(emulator.pid).create_time()}
    _record_file(emulator.home).write_text(json.dumps(facts, indent=2) + "\n")


def _recorded(home: Path) -> tuple[Emulator, float] | None:
    try:
        facts = json.loads(_record_file(home).read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    created = float(facts.pop("created"))
    return Emulator(**{**facts, "home": Path(facts["home"])}), created


def _require_free(port: int, variable: str) -> None:
    deadline = time.monotonic() + PORT_WAIT_SECONDS
    while not _is_free(port):
        if time.monotonic() > deadline:
            raise PortInUse(
                f"Port {port} is in use by {_listener(port)}",
                where=f"{LOOPBACK}:{port}",
                todo=f"end that process, or choose another port with {variable}=NUMBER",
            )
        time.sleep(0.1)


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def _listener(port: int) -> str:
    """Who listens on the port, as `process 4711 (python -m http.server)`; as far as this user may know."""
    try:
        connections = psutil.net_connections(kind="tcp")
    except psutil.AccessDenied:
        return "another process"
    for connection in connections:
        address = connection.laddr
        if connection.status == psutil.CONN_LISTEN and connection.pid and address and address.port == port:
            with suppress(psutil.Error):
                command = " ".join(psutil.Process(connection.pid).cmdline())[:120]
                return f"process {connection.pid} ({command})"
    return "another process (of another user)"


def _await_ready(process: subprocess.Popen[bytes], settings: EmulatorSettings, log: Path) -> None:
    deadline = time.monotonic() + READY_TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise EmulatorFailed(
                f"The emulator ended with exit status {process.returncode} before it was ready:\n{_tail(log)}",
                where=str(log),
            )
        if _answers(settings):
            return
        time.sleep(0.1)
    raise EmulatorFailed(
        f"The emulator did not answer within {READY_TIMEOUT_SECONDS:.0f} seconds:\n{_tail(log)}", where=str(log)
    )


def _answers(settings: EmulatorSettings) -> bool:
    url = f"{settings.service_endpoint}/_ministack/ready"
    try:
        with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310 - the address is ours
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-LOG_TAIL_LINES:])
