"""Where the system on this machine lives: the repository, the folder `.ferry/`, ports and region."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fileferry.errors import ConfigurationError

STACK = "fileferry"
DEMO_TENANT = "acme"
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Workspace:
    """Everything that `ferry` writes lies below `home`; the code that it deploys below `root`."""

    root: Path = ROOT
    home: Path = ROOT / ".ferry"
    port: int = 4566
    sftp_port: int = 2222
    console_port: int = 4580
    region: str = "eu-central-1"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def keys(self) -> Path:
        return self.home / "keys"

    @property
    def partner(self) -> Path:
        return self.home / "partner"

    @property
    def samples(self) -> Path:
        return self.home / "samples"

    @property
    def known_hosts(self) -> Path:
        return self.home / "known_hosts"


def read_workspace(environment: Mapping[str, str] = os.environ) -> Workspace:
    """The workspace with what FERRY_HOME, FERRY_PORT, FERRY_SFTP_PORT, FERRY_CONSOLE_PORT and FERRY_REGION change.

    Raises ConfigurationError when a port is no port.
    """
    home = environment.get("FERRY_HOME")
    return Workspace(
        home=Path(home).resolve() if home else Workspace.home,
        port=_port(environment, "FERRY_PORT", Workspace.port),
        sftp_port=_port(environment, "FERRY_SFTP_PORT", Workspace.sftp_port),
        console_port=_port(environment, "FERRY_CONSOLE_PORT", Workspace.console_port),
        region=environment.get("FERRY_REGION") or Workspace.region,
    )


def _port(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name) or str(default)
    if not text.isdigit() or not 0 < int(text) < 65_536:
        raise ConfigurationError(f"{name} is {text!r}, which is no port.", todo="give a number from 1 to 65535.")
    return int(text)
