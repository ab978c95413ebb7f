"""Build and deployment by the real SAM CLI: the commands that the README tells AWS users, on the emulator."""

from __future__ import annotations

import tomllib

from local.commands import run_logged
from local.console import stage
from local.emulator.process import Emulator, EmulatorSettings, start
from local.lock import one_at_a_time
from local.sam import build_environment, host_architecture, host_python, sam
from local.stack import Stack, read_outputs
from local.workspace import Workspace

PROFILE = "local"
"""The profile of samconfig.toml."""
VITE = "http://localhost:5173/"
"""Where `npm run dev` serves the console while someone works on it."""


def start_emulator(workspace: Workspace) -> Emulator:
    """The running emulator, started when there is none. Raises PortInUse."""
    settings = EmulatorSettings(
        home=workspace.home, port=workspace.port, sftp_port=workspace.sftp_port, region=workspace.region
    )
    with stage("Starting the emulator with IAM enforced"):
        return start(settings)


def deploy(workspace: Workspace, emulator: Emulator) -> Stack:
    """`sam build`, `sam deploy --config-env local`, and the stack that came of it. Raises CommandFailed."""
    environment = {**build_environment(), **emulator.environment()}
    with one_at_a_time(workspace.root / ".tools/build.lock"):  # .aws-sam/ is the checkout's, not the home's
        with stage("sam build (packs the layer; the first time fetches libraries)") as say:
            run_logged(
                sam("build", "--config-env", PROFILE),
                workspace.logs / "sam-build.log",
                cwd=workspace.root,
                environment=environment,
                say=say,
                todo="mend what the output names; `ferry up` again.",
            )
        with stage("sam deploy --config-env local") as say:
            run_logged(
                sam("deploy", "--config-env", PROFILE, "--parameter-overrides", *overrides(workspace)),
                workspace.logs / "sam-deploy.log",
                cwd=workspace.root,
                environment=environment,
                say=say,
                todo="mend what the output names; `ferry up` again.",
            )
    stack = Stack(emulator)
    return Stack(emulator, read_outputs(stack) or {})


def overrides(workspace: Workspace) -> list[str]:
    """The profile's parameters with those that only the host knows; `--parameter-overrides` replaces the whole list."""
    facts = {
        "Runtime": f"python{host_python()}",
        "Architecture": host_architecture(),
        "ConsoleUrls": f"http://localhost:{workspace.console_port}/,{VITE}",
    }
    profile = tomllib.loads((workspace.root / "samconfig.toml").read_text())[PROFILE]["deploy"]["parameters"]
    kept = [given for given in profile.get("parameter_overrides", []) if given.partition("=")[0] not in facts]
    return [*(f"{name}={value}" for name, value in facts.items()), *kept]
