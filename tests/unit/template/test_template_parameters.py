"""What parameters and conditions make of the template, and the profiles that set them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
Resources = dict[str, dict[str, Any]]
_OUTPUTS = """IngestBucketName StagingBucketName ArchiveBucketName
ConfigTableName JobsTableName RunsTableName KeysTableName StatisticsTableName
EventsTopicArn SuccessTopicArn FailureTopicArn
IngestQueueUrl IngestDlqUrl WorkQueueUrl WorkDlqUrl RuleDlqUrl ApiUrl IamApiUrl Issuer
SftpServerId SftpEndpoint TransferUserRoleArn TransferStateMachineArn TransferLiveAliasArn WorkerRoleArn"""
_STATEFUL = ("AWS::S3::Bucket", "AWS::DynamoDB::GlobalTable")


def _groups(made: Resources) -> Resources:
    return {name: r for name, r in made.items() if r["Type"] == "AWS::CodeDeploy::DeploymentGroup"}


def test_the_outputs_are_those_that_others_rely_on(template: dict[str, Any]) -> None:
    assert set(_OUTPUTS.split()) <= set(template["Outputs"])


def test_every_parameter_is_grouped_for_the_console(template: dict[str, Any]) -> None:
    groups = template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]

    assert sorted(name for group in groups for name in group["Parameters"]) == sorted(template["Parameters"])


def test_data_is_kept_or_deleted_as_the_parameter_says(resources: Resources) -> None:
    stateful = {name: resource for name, resource in resources.items() if resource["Type"] in _STATEFUL}

    assert len(stateful) == 9
    for name, resource in stateful.items():
        if "Condition" not in resource:
            assert resource["DeletionPolicy"] == resource["UpdateReplacePolicy"] == {"Ref": "DataDeletionPolicy"}, name
    protection = resources["UserPool"]["Properties"]["DeletionProtection"]
    assert protection == {"Fn::If": ["RetainsData", "ACTIVE", "INACTIVE"]}


def test_no_policy_of_a_conditional_resource_is_a_reference(resources: Resources) -> None:
    # SAM CLI 1.170 makes AWS::NoValue of it where the condition does not hold, and refuses to deploy.
    for name, resource in resources.items():
        if "Condition" in resource:
            assert isinstance(resource.get("DeletionPolicy", ""), str), name
            assert isinstance(resource.get("UpdateReplacePolicy", ""), str), name


def test_every_bucket_is_versioned_private_and_takes_tls_only(resources: Resources) -> None:
    buckets = {name: r["Properties"] for name, r in resources.items() if r["Type"] == "AWS::S3::Bucket"}

    for name, bucket in buckets.items():
        assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
        statement, *_ = resources[f"{name}Policy"]["Properties"]["PolicyDocument"]["Statement"]
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        assert resources[f"{name}Policy"]["Condition"] == ("WithConsole" if name == "ConsoleBucket" else "WithTls")


def test_every_queue_and_topic_takes_tls_only_and_its_policy_is_about_it_alone(resources: Resources) -> None:
    kinds = ("AWS::SQS::Queue", "AWS::SNS::Topic")
    targets = [name for name, resource in resources.items() if resource["Type"] in kinds and name != "AlarmTopic"]

    assert len(targets) == 12
    for name in targets:
        statements = resources[f"{name}Policy"]["Properties"]["PolicyDocument"]["Statement"]
        plain = [statement["Fn::If"][1] if "Fn::If" in statement else statement for statement in statements]
        assert "RefusePlainHttp" in [statement["Sid"] for statement in plain], name
        assert {str(statement["Resource"]) for statement in plain} <= {
            str({"Ref": name}),
            str({"Fn::GetAtt": [name, "Arn"]}),
        }, name


def test_nothing_waits_for_a_resource_that_sam_makes(resources: Resources) -> None:
    # AWS::LanguageExtensions, which comes before SAM, refuses such a DependsOn.
    for name, resource in resources.items():
        given = resource.get("DependsOn", [])
        assert set([given] if isinstance(given, str) else given) <= set(resources), name


def test_no_rule_ends_versions_in_ingest(resources: Resources) -> None:
    rules = resources["IngestBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]

    assert not [rule for rule in rules if "NoncurrentVersionExpiration" in rule or "ExpirationInDays" in rule]


def test_staging_outlives_the_longest_wait_for_an_acknowledgement(template: dict[str, Any]) -> None:
    assert template["Parameters"]["StagingRetentionDays"]["MinValue"] > 30


def test_deployment_is_gradual_only_when_asked_for(translate: Callable[..., Resources]) -> None:
    assert not _groups(translate(GradualDeployment="false"))

    groups = _groups(translate(GradualDeployment="true"))
    assert {name.removesuffix("DeploymentGroup") for name in groups} == {
        "RouterFunction",
        "ConfigServiceFunction",
        "StatusServiceFunction",
    }
    for group in groups.values():
        assert group["Properties"]["AlarmConfiguration"]["Enabled"] is True
        assert group["Properties"]["AlarmConfiguration"]["Alarms"]


def test_the_workflow_shifts_gradually_and_rolls_back_by_the_alarm(translate: Callable[..., Resources]) -> None:
    preference = translate()["TransferStateMachineAliaslive"]["Properties"]["DeploymentPreference"]

    assert preference["Type"] == {"Fn::If": ["WithGradualDeployment", "CANARY", "ALL_AT_ONCE"]}
    assert preference["Alarms"]["Fn::If"][1] == [{"Ref": "ExecutionsFailedAlarm"}]


@pytest.mark.parametrize("profile", ["dev", "prod-primary", "prod-secondary", "local"])
def test_a_profile_sets_parameters_that_exist_to_values_they_allow(template: dict[str, Any], profile: str) -> None:
    deploy = tomllib.loads((ROOT / "samconfig.toml").read_text())[profile]["deploy"]["parameters"]

    for override in deploy["parameter_overrides"]:
        name, value = override.split("=", 1)
        parameter = template["Parameters"][name]
        value = value.strip("'\"")
        assert value in [str(allowed) for allowed in parameter.get("AllowedValues", [value])], override
        assert re.search(parameter.get("AllowedPattern", ""), value), override
