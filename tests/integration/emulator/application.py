"""The small application of `app/`, deployed by the real SAM CLI to an emulator of the tests' own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from local.emulator.process import Emulator

APP = Path(__file__).parent / "app"
STACK = "probe"
SAM = ["uv", "tool", "run", "--from", "aws-sam-cli==1.170.0", "sam"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def client(emulator: Emulator, service: str) -> Any:
    """A boto3 client of the account's root user."""
    environment = emulator.environment()
    return boto3.client(
        service,
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        region_name=emulator.region,
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
    )


def deploy(emulator: Emulator, app: Path) -> None:
    """`sam deploy` of the app's template."""
    runtime = f"python3.{sys.version_info.minor}"
    command = [*SAM, "deploy", "--stack-name", STACK, "--template-file", "template.yaml", "--language-extensions"]
    command += ["--resolve-s3", "--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND", "--no-confirm-changeset"]
    command += ["--no-fail-on-empty-changeset", "--parameter-overrides", f"Runtime={runtime}"]
    environment = {**os.environ, **emulator.environment(), "SAM_CLI_TELEMETRY": "0"}
    done = subprocess.run(command, cwd=app, env=environment, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@dataclass(frozen=True)
class Deployed:
    """The application on the emulator."""

    emulator: Emulator
    outputs: dict[str, str]

    def client(self, service: str) -> Any:
        return client(self.emulator, service)
