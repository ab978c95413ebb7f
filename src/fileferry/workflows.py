"""Workflow versions as they are deployed: which one a run is pinned to, and what its definition says.

`sam deploy` substitutes the functions' published versions into the definition, so the deployed text differs from the
file, and from region to region. Its digest is taken of what it says without them.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from fileferry.errors import ConfigurationError, NoSuchRecord
from fileferry.model.job import PinnedWorkflow
from fileferry.model.route import Route
from fileferry.repositories.pages import BadCursor
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


def readable_definition(definition: str) -> dict[str, Any]:
    """A deployed definition as a value in the file's words: `${ValidateFunction}` for the ARN of a task's function."""
    plain = _mapped(
        json.loads(definition), lambda text: f"${{{task.capitalize()}Function}}" if (task := task_of(text)) else text
    )
    assert isinstance(plain, dict)
    return plain


def workflow_digest(definition: str) -> str:
    """SHA-256 in hex of what a definition (JSON text) says: the same for the file and for each deployment of it.

    Raises ValueError when it is not JSON.
    """
    plain = json.loads(definition)
    text = json.dumps(_without_functions(plain), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _without_functions(value: Any) -> Any:
    return _mapped(value, lambda text: task_of(text) or text)


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    """A JSON value with every text in it changed, but for names."""
    if isinstance(value, dict):
        return {name: _mapped(item, change) for name, item in value.items()}
    if isinstance(value, list):
        return [_mapped(item, change) for item in value]
    return change(value) if isinstance(value, str) else value


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
    machine = _machine_arn(deployed)
    if not pinned.startswith(f"{machine}:"):
        raise ConfigurationError(
            f"Route {route.id!r} pins {pinned!r}, which is no version of {machine!r}.",
            todo=f"pin a published version of workflow {route.workflow.name!r}, or none.",
        )
    return pinned


@dataclass(frozen=True)
class PublishedVersion:
    """A published version of a workflow's state machine: `number` as Step Functions counts, `arn`, when it was made."""

    number: int
    arn: str
    created_at: datetime


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

    def live(self, alias: str) -> int:
        """Number of the version that the workflow's alias stands for, as `pin` chooses it."""
        return version_number(self._live(alias))

    def versions(self, alias: str, limit: int, token: str | None = None) -> tuple[list[PublishedVersion], str | None]:
        """Published versions of the alias' state machine, the newest first, and the token of the page that follows.

        Raises BadCursor for a token that Step Functions does not know.
        """
        more: Any = {"nextToken": token} if token else {}
        try:
            answer = self._sfn.list_state_machine_versions(
                stateMachineArn=_machine_arn(alias), maxResults=limit, **more
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "InvalidToken":
                raise
            raise BadCursor("The cursor is not of this listing, or it is too old.", todo="begin anew.") from error
        found = [
            PublishedVersion(
                version_number(item["stateMachineVersionArn"]), item["stateMachineVersionArn"], item["creationDate"]
            )
            for item in answer["stateMachineVersions"]
        ]
        return found, answer.get("nextToken")

    def version(self, alias: str, number: int) -> tuple[PublishedVersion, str]:
        """A published version and its definition, as JSON text. Raises NoSuchRecord."""
        arn = f"{_machine_arn(alias)}:{number}"
        try:
            answer = self._sfn.describe_state_machine(stateMachineArn=arn)
        except ClientError as error:
            if error.response["Error"]["Code"] not in _NO_VERSION:
                raise
            raise NoSuchRecord(f"The workflow has no published version {number}, or not any more.") from error
        return PublishedVersion(number, arn, answer["creationDate"]), answer["definition"]

    def version_of_execution(self, execution_arn: str) -> tuple[str, str]:
        """ARN of the version that an execution runs (empty where it was started on none), and its definition.

        Raises NoSuchRecord when Step Functions has forgotten the execution (after 90 days).
        """
        try:
            version = self._sfn.describe_execution(executionArn=execution_arn).get("stateMachineVersionArn", "")
        except ClientError as error:
            if error.response["Error"]["Code"] != "ExecutionDoesNotExist":
                raise
            raise NoSuchRecord(f"Step Functions has no execution {execution_arn} any more.") from error
        try:
            if version:
                return version, self.definition(version)
        except ClientError as error:
            if error.response["Error"]["Code"] not in _NO_VERSION:
                raise
        # A version that was deleted lives on in its executions.
        answer = self._sfn.describe_state_machine_for_execution(executionArn=execution_arn)
        return version, answer["definition"]

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


def version_number(version_arn: str) -> int:
    """The number at the end of a version's ARN."""
    return int(version_arn.rsplit(":", 1)[-1])


def _machine_arn(alias: str) -> str:
    return ":".join(alias.split(":")[:7])


def _named(error: ClientError, arn: str, hopeless: tuple[str, ...]) -> Exception:
    if error.response["Error"]["Code"] not in hopeless:
        return error
    return ConfigurationError(
        f"Step Functions does not know {arn}: {error}",
        todo="deploy the workflow, or write the route with one that is deployed.",
    )
