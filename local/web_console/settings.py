"""What the console's server is told: the API's address, and `/config.json` for the pages (console/src/config.ts)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

SCOPE = "openid email profile fileferry/administer"
ROLES_CLAIM = "cognito:groups"


@dataclass(frozen=True)
class ConsoleSettings:
    """Kept below `.ferry/`, and read at each request, so that a new deployment needs no restart."""

    port: int
    pages: str
    api: str
    """Base of the token API; `/v1/…` is passed on to it."""
    issuer: str
    login: str
    """Base of the issuer's login pages."""
    client_id: str
    region: str = ""

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}/"

    def config(self) -> dict[str, Any]:
        """`/config.json`: the API has the console's own origin."""
        return {
            "apiUrl": "",
            "issuer": self.issuer,
            "clientId": self.client_id,
            "scope": SCOPE,
            "rolesClaim": ROLES_CLAIM,
            "endpoints": endpoints(self.login),
            "region": self.region,
        }


def endpoints(login: str) -> Mapping[str, str]:
    """Of a Cognito domain, or of the emulator, which serves the same."""
    base = login.rstrip("/")
    return {
        "authorization": f"{base}/oauth2/authorize",
        "token": f"{base}/oauth2/token",
        "logout": f"{base}/logout",
        "revocation": f"{base}/oauth2/revoke",
    }


def settings_file(home: Path) -> Path:
    return home / "console.json"


def write_settings(home: Path, settings: ConsoleSettings) -> None:
    settings_file(home).write_text(json.dumps(asdict(settings), indent=2) + "\n")


def read_settings(home: Path) -> ConsoleSettings | None:
    """What was written, or None where the console was never served."""
    try:
        return ConsoleSettings(**json.loads(settings_file(home).read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None
