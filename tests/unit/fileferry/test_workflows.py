"""Which version a run is pinned to, and what its digest is taken of."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from fileferry.errors import ConfigurationError
from fileferry.model.job import PinnedWorkflow
from fileferry.model.route import Route
from fileferry.workflows import DeployedWorkflows, machine_of, task_of, workflow_digest
from tests.unit.tasks.deliver.world import SETTINGS

MACHINE = "arn:aws:states:eu-central-1:123456789012:stateMachine:ferry-transfer-v1"
DEPLOYED = replace(SETTINGS, workflows={"transfer/v1": f"{MACHINE}:live"})


def definition(function: str = "${ValidateFunction}", **more: Any) -> str:
    task = {"Type": "Task", "Arguments": {"FunctionName": function}, "End": True, **more}
    return json.dumps({"StartAt": "Validate", "States": {"Validate": task}})


def route(**workflow: str) -> Route:
    return Route.model_validate(
        {
            "tenant": "acme",
            "id": "orders",
            "revision": 1,
            "match": {"glob": "**"},
            "deliver": {"destinations": ["bank"]},
            "workflow": workflow,
        }
    )


class Deployed:
    """Step Functions with one state machine, its versions and aliases."""

    def __init__(self, versions: dict[str, str], aliases: dict[str, dict[str, int]]) -> None:
        self.versions, self.aliases = versions, aliases
        self.calls: Counter[str] = Counter()

    def describe_state_machine_alias(self, *, stateMachineAliasArn: str) -> Any:  # noqa: N803
        self.calls["alias"] += 1
        weights = self.aliases.get(stateMachineAliasArn)
        if weights is None:
            raise self._error("ResourceNotFound", "DescribeStateMachineAlias")
        return {
            "routingConfiguration": [
                {"stateMachineVersionArn": version, "weight": weight} for version, weight in weights.items()
            ]
        }

    def describe_state_machine(self, *, stateMachineArn: str) -> Any:  # noqa: N803
        self.calls["version"] += 1
        if stateMachineArn not in self.versions:
            raise self._error("StateMachineDoesNotExist", "DescribeStateMachine")
        return {"definition": self.versions[stateMachineArn]}

    @staticmethod
    def _error(code: str, operation: str) -> ClientError:
        return ClientError({"Error": {"Code": code, "Message": "no such thing"}}, operation)


def deployed(versions: dict[str, str], **weights: int) -> tuple[Deployed, DeployedWorkflows]:
    """`weights` of the alias `live`: v1=90, v2=10."""
    arns = {f"{MACHINE}:{number}": text for number, text in versions.items()}
    routing = {f"{MACHINE}:{name.removeprefix('v')}": weight for name, weight in weights.items()}
    states = Deployed(arns, {f"{MACHINE}:live": routing})
    return states, DeployedWorkflows(states)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("function", "task"),
    [
        ("${ValidateFunction}", "validate"),
        ("arn:aws:lambda:eu-central-1:123456789012:function:fileferry-validate", "validate"),
        ("arn:aws:lambda:eu-central-1:123456789012:function:my-own-ferry-close:17", "close"),
        ("arn:aws-cn:lambda:cn-north-1:123456789012:function:ferry-archive:live", "archive"),
        ("arn:aws:lambda:eu-central-1:123456789012:function:validate", ""),
        ("arn:aws:states:::lambda:invoke", ""),
        ("{% $states.input.job %}", ""),
    ],
)
def test_a_function_is_known_by_its_task_whatever_the_stack_is_called(function: str, task: str) -> None:
    assert task_of(function) == task


def test_the_digest_does_not_depend_on_the_functions_the_order_of_members_or_the_layout() -> None:
    arn = "arn:aws:lambda:eu-central-1:123456789012:function:fileferry-validate:3"
    pretty = json.dumps(json.loads(definition()), indent=4, sort_keys=True)
    assert workflow_digest(definition()) == workflow_digest(definition(arn)) == workflow_digest(pretty)


@pytest.mark.parametrize(
    "other", [definition("${StageFunction}"), definition(TimeoutSeconds=5), definition("arn:aws:states:::sqs:x")]
)
def test_the_digest_tells_definitions_apart_that_say_something_else(other: str) -> None:
    assert workflow_digest(other) != workflow_digest(definition())


def test_a_run_is_pinned_to_the_version_that_the_alias_gives_the_most_weight() -> None:
    new = definition(TimeoutSeconds=5)
    _, workflows = deployed({"1": definition(), "2": new}, v2=10, v1=90)
    pinned = workflows.pin("transfer/v1", machine_of(DEPLOYED, route()))
    assert pinned == PinnedWorkflow(
        name="transfer/v1", version_arn=f"{MACHINE}:1", digest=workflow_digest(definition())
    )


def test_the_routes_own_version_is_taken_without_asking_for_the_alias() -> None:
    states, workflows = deployed({"1": definition(), "2": definition()}, v2=100)
    pinned = workflows.pin("transfer/v1", machine_of(DEPLOYED, route(version_arn=f"{MACHINE}:1")))
    assert pinned.version_arn == f"{MACHINE}:1"
    assert states.calls["alias"] == 0


def test_a_version_is_read_once_and_the_alias_each_time() -> None:
    states, workflows = deployed({"1": definition(), "2": definition()}, v1=100)
    first = workflows.pin("transfer/v1", f"{MACHINE}:live")
    states.aliases[f"{MACHINE}:live"] = {f"{MACHINE}:2": 100}
    second = workflows.pin("transfer/v1", f"{MACHINE}:live")
    workflows.pin("transfer/v1", f"{MACHINE}:live")
    assert [pinned.version_arn for pinned in (first, second)] == [f"{MACHINE}:1", f"{MACHINE}:2"]
    assert states.calls == {"alias": 3, "version": 2}


@pytest.mark.parametrize("machine", [f"{MACHINE}:live", f"{MACHINE}:7"])
def test_an_alias_or_a_pinned_version_that_is_not_there_is_the_routes_fault(machine: str) -> None:
    states, workflows = deployed({"1": definition()})
    states.aliases.clear()
    with pytest.raises(ConfigurationError, match=f"does not know {machine}"):
        workflows.pin("transfer/v1", machine)


def test_a_version_that_the_alias_names_but_step_functions_does_not_show_yet_is_asked_for_again() -> None:
    _, workflows = deployed({}, v1=100)
    with pytest.raises(ClientError, match="StateMachineDoesNotExist"):
        workflows.pin("transfer/v1", f"{MACHINE}:live")


def test_a_workflow_that_is_not_deployed_or_not_the_pinned_versions_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="not deployed here"):
        machine_of(DEPLOYED, route(name="transfer/v9"))
    with pytest.raises(ConfigurationError, match="is no version of"):
        machine_of(DEPLOYED, route(version_arn=f"{MACHINE}0:1"))


def test_a_pinned_run_takes_the_file_at_hand_if_it_says_the_same_and_else_the_deployed_version(tmp_path: Path) -> None:
    arn = "arn:aws:lambda:eu-central-1:123456789012:function:fileferry-validate:3"
    states, workflows = deployed({"1": definition(arn), "2": definition(arn, TimeoutSeconds=5)}, v1=100)
    file = tmp_path / "transfer" / "v1.asl.json"
    file.parent.mkdir()
    file.write_text(definition())
    same, other = workflows.pin("transfer/v1", f"{MACHINE}:1"), workflows.pin("transfer/v1", f"{MACHINE}:2")

    assert workflows.definition_of(same, tmp_path) == definition()
    assert workflows.definition_of(other, tmp_path) == states.versions[f"{MACHINE}:2"]
    assert workflows.definition_of(same, tmp_path / "elsewhere") == states.versions[f"{MACHINE}:1"]
