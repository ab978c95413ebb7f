"""Every function has its own role, and no statement says more than it must."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

Resources = dict[str, dict[str, Any]]

_WITHOUT_RESOURCES = {
    "SendTraces": "xray",
    "CompleteTasks": "states",
    "CompleteTask": "states",
    "DeliverLogs": "logs",
    "Login": "ecr",
    "LookAtAlarms": "cloudwatch",
    "ManageSubscriptions": "sns",
}
"""Sid → service of the statements on `*`: their actions know no resources, or not in all
their forms (Service Authorization Reference; CloudWatch API reference, DescribeAlarms)."""


def _roles(resources: Resources) -> Resources:
    return {name: resource for name, resource in resources.items() if resource["Type"] == "AWS::IAM::Role"}


def _statements(role: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for policy in role["Properties"]["Policies"]:
        for statement in policy["PolicyDocument"]["Statement"]:
            yield statement["Fn::If"][1] if "Fn::If" in statement else statement


def _actions(statement: dict[str, Any]) -> list[str]:
    action = statement["Action"]
    return [action] if isinstance(action, str) else action


def test_every_function_has_a_role_of_its_own(functions: Resources) -> None:
    roles = Counter(function["Role"]["Fn::GetAtt"][0] for function in functions.values())

    assert roles == Counter(name.replace("Function", "Role") for name in functions)


def test_no_role_has_a_managed_policy(resources: Resources, translate: Callable[..., Resources]) -> None:
    made = _roles(translate(GradualDeployment="true", WorkerImageUri="image"))

    assert set(made) == set(_roles(resources)), "SAM adds no role of its own"
    assert not [name for name, role in made.items() if role["Properties"].get("ManagedPolicyArns")]


def test_every_statement_of_a_role_has_a_sid_of_its_own(resources: Resources) -> None:
    for name, role in _roles(resources).items():
        sids = Counter(statement.get("Sid") for statement in _statements(role))
        assert None not in sids, name
        assert set(sids.values()) == {1}, f"{name}: {sids}"


def test_no_statement_allows_a_wildcard_of_actions(resources: Resources) -> None:
    wild = [
        (name, action)
        for name, role in _roles(resources).items()
        for statement in _statements(role)
        for action in _actions(statement)
        if "*" in action
    ]

    assert wild == []


def test_only_actions_without_resources_are_allowed_on_everything(resources: Resources) -> None:
    for name, role in _roles(resources).items():
        for statement in _statements(role):
            if statement["Resource"] == "*":
                services = {action.split(":")[0] for action in _actions(statement)}
                assert services == {_WITHOUT_RESOURCES.get(statement["Sid"], "")}, f"{name}, {statement['Sid']}"


def test_objects_are_reached_below_a_prefix_only(resources: Resources) -> None:
    for name, role in _roles(resources).items():
        for statement in _statements(role):
            targets = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
            for target in targets:
                arn = target.get("Fn::Sub", "") if isinstance(target, dict) else target
                assert not arn.endswith("Bucket.Arn}/*"), f"{name}, {statement['Sid']}"


def test_state_machines_are_named_without_a_qualifier(resources: Resources) -> None:
    # Step Functions developer guide, "Authorization for versions and aliases": with one a statement permits nothing.
    named = [
        resource["Fn::Sub"]
        for role in _roles(resources).values()
        for statement in _statements(role)
        for resource in [statement["Resource"]]
        if isinstance(resource, dict) and ":stateMachine:" in resource.get("Fn::Sub", "")
    ]

    assert len(named) == 5
    assert {arn.split(":stateMachine:")[1] for arn in named} == {"${AWS::StackName}-transfer-v1"}


def test_only_the_archive_task_and_those_that_put_away_remove_from_ingest(resources: Resources) -> None:
    removers = {
        name
        for name, role in _roles(resources).items()
        for statement in _statements(role)
        if "s3:DeleteObjectVersion" in _actions(statement) and "IngestBucket" in str(statement["Resource"])
    }

    assert removers == {"RouterRole", "ArchiveRole", "CloseRole", "WorkerRole"}


def test_a_session_of_sftp_can_neither_remove_versions_nor_leave_its_region(resources: Resources) -> None:
    statements = {statement["Sid"]: statement for statement in _statements(resources["TransferUserRole"])}

    assert "s3:DeleteObjectVersion" not in _actions(statements["UseHomes"])
    assert statements["UseHomes"]["Resource"] == {"Fn::Sub": "${IngestBucket.Arn}/in/${AWS::Region}/*"}
    assert statements["ListHomes"]["Condition"] == {"StringLike": {"s3:prefix": {"Fn::Sub": "in/${AWS::Region}/*"}}}


def test_roles_are_assumed_by_one_service_each(resources: Resources) -> None:
    for name, role in _roles(resources).items():
        (statement,) = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        assert isinstance(statement["Principal"]["Service"], str), name
        if statement["Principal"]["Service"] != "lambda.amazonaws.com":  # functions' roles are passed by the deployer
            assert "aws:SourceAccount" in str(statement["Condition"]), name
