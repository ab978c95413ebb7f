"""The env-vars file of `sam local invoke`: the variables of each deployed function, for a container on this machine.

`sam local invoke` resolves `!Ref ConfigTable` to `ConfigTable`, and takes from `--env-vars` only the variables that the
template names ("Using sam local invoke", SAM developer guide); so the file tells them all, with the emulator's address.
"""

from __future__ import annotations

import json
from pathlib import Path

from local.invoke import logical_id
from local.stack import Stack
from local.workspace import STACK, Workspace


def env_vars_file(workspace: Workspace) -> Path:
    return workspace.home / "local-env.json"


def write_env_vars(workspace: Workspace, stack: Stack) -> Path:
    """Write logical id → variables of every function of the stack."""
    path = env_vars_file(workspace)
    path.write_text(json.dumps(env_vars(stack), indent=2) + "\n")
    return path


def env_vars(stack: Stack) -> dict[str, dict[str, str]]:
    """Logical id → variable → value. The container must share the host's network, where the emulator listens."""
    found = {}
    for page in stack.functions.get_paginator("list_functions").paginate():
        for function in page["Functions"]:
            if function["FunctionName"].startswith(f"{STACK}-"):
                variables = function.get("Environment", {}).get("Variables", {})
                name = logical_id(function["FunctionName"].removeprefix(f"{STACK}-"))
                found[name] = {**variables, "AWS_ENDPOINT_URL": stack.emulator.endpoint}
    return found
