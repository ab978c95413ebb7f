"""Workflow versions as they are deployed: which one a run is pinned to, and what its definition says.

`sam deploy` substitutes the functions' published versions into the definition, so the deployed text differs from the
file, and from region to region. Its digest is taken of what it says without them.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from fileferry.errors import ConfigurationError
from fileferry.model.job import PinnedWorkflow
from fileferry.model.route import Route
from fileferry.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

_SUBSTITUTION = re.compile(r"\$\{([A-Z][A-Za-z]*)Function\}")
_FUNCTION_ARN = re.compile(r"arn:[^:]+:lambda:[^:]+:[^:]+:function:[^:]*-([a-z]+)(?::[^:]+)?")
# Errors of the Describe calls that no repeat heals (Step Functions API reference): the route's workflow is at fault.
_NO_ALIAS = ("InvalidArn", "ResourceNotFound", "ValidationException")
_NO_VERSION = ("InvalidArn", "StateMachineDoesNotExist", "ValidationException")


def task_of(function: str) -> str:
    """The task that a definition's function reference means, empty if it is none of ours.

    `function` is `${ValidateFunction}` in the file; deployed, the ARN of `STACK-validate`, of a version or not.
    """
    if found := _SUBSTITUTION.fullmatch(function):
        return found[1].lower()
    found = _FUNCTION_ARN.fullmatch(function)
    return found[1] if found else ""


def workflow_digest(definition: str) -> str:
    """SHA-256 in hex of what a definition (JSON text) says: the same for the file and for each deployment of it.

    Raises ValueError when it is not JSON.
    """
    plain = json.loads(definition)
    text = json.dumps(_without_functions(plain), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _without_functions(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_functions(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_without_functions(item) for item in value]
    return (task_of(value) or value) if isinstance(value, str) else value


def machine_of(settings: Settings, route: Route) -> str:
    """ARN that the route's jobs are started on: the deployed workflow's alias, or the version that the route pins.

    Raises ConfigurationError when the workflow is not deployed, or the pinned version is not one of it.
    """
    deployed = settings.workflows.get(route.workflow.name)
    if not deployed:
        raise ConfigurationError(
            f"Route {route.id!r} names workflow {route.workflow.name!r}, which is not deployed here.",
            todo=f"use one of {', '.join(settings.workflows) or 'the deployed workflows'}.",
        )
    pinned = route.workflow.version_arn
    if not pinned:
        return deployed
    machine = ":".join(deployed.split(":")[:7])
    if not pinned.startswith(f"{machine}:"):
        raise ConfigurationError(
            f"Route {route.id!r} pins {pinned!r}, which is no version of {machine!r}.",
            todo=f"pin a published version of workflow {route.workflow.name!r}, or none.",
        )
    return pinned


class DeployedWorkflows:
    """The published versions in Step Functions; each is read once, since it never changes."""

    def __init__(self, sfn: SFNClient) -> None:
        self._sfn = sfn
        self._definitions: dict[str, str] = {}

    def pin(self, name: str, machine: str) -> PinnedWorkflow:
        """The version that `machine` (ARN of a version or an alias, see machine_of) stands for now.

        Of an alias it is the version with the greatest weight: a gradual deployment tries the new one on ordinary
        files first. Raises ConfigurationError when there is no such alias or version.
        """
        if machine.rsplit(":", 1)[-1].isdigit():
            version = machine
            try:
                definition = self.definition(version)
            except ClientError as error:
                raise _named(error, machine, _NO_VERSION) from error
        else:
            version = self._live(machine)
            # Not there in spite of the alias: Step Functions answers a moment late, and a repeat finds it.
            definition = self.definition(version)
        return PinnedWorkflow(name=name, version_arn=version, digest=workflow_digest(definition))

    def definition(self, version_arn: str) -> str:
        """The definition of a published version, as JSON text."""
        if version_arn not in self._definitions:
            answer = self._sfn.describe_state_machine(stateMachineArn=version_arn)
            self._definitions[version_arn] = answer["definition"]
        return self._definitions[version_arn]

    def definition_of(self, workflow: PinnedWorkflow, files: Path) -> str:
        """What a pinned run is run by: the file `NAME/vN.asl.json` in `files` if it says the same, else the version's.

        The functions in it are named in the file's way or by ARN; `task_of` understands both.
        """
        file = files / f"{workflow.name}.asl.json"
        if file.is_file():
            text = file.read_text()
            if workflow_digest(text) == workflow.digest:
                return text
        return self.definition(workflow.version_arn)

    def _live(self, alias: str) -> str:
        try:
            answer = self._sfn.describe_state_machine_alias(stateMachineAliasArn=alias)
        except ClientError as error:
            raise _named(error, alias, _NO_ALIAS) from error
        return max(answer["routingConfiguration"], key=lambda entry: entry["weight"])["stateMachineVersionArn"]


def _named(error: ClientError, arn: str, hopeless: tuple[str, ...]) -> Exception:
    if error.response["Error"]["Code"] not in hopeless:
        return error
    return ConfigurationError(
        f"Step Functions does not know {arn}: {error}",
        todo="deploy the workflow, or write the route with one that is deployed.",
    )
