"""Events, queues, functions and the workflow fit each other and the code."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fileferry.ingest_key import home_prefix, shard_of
from fileferry.intake.messages import ObjectCreated, parse_message
from fileferry.model.job import LONGEST_CALL_SECONDS
from fileferry.settings import read_settings
from fileferry.webhooks.delivering import ATTEMPTS, DELAYS

ROOT = Path(__file__).parents[3]
Resources = dict[str, dict[str, Any]]
_HANDLERS = {
    "RouterFunction": "router/app.handler",
    "ReconcilerFunction": "router/reconciler.handler",
    "WatcherFunction": "watcher/app.handler",
    "WebhooksFunction": "webhooks/app.handler",
    "ValidateFunction": "tasks/validate.app.handler",
    "StageFunction": "tasks/stage.app.handler",
    "TransformFunction": "tasks/transform.app.handler",
    "DeliverFunction": "tasks/deliver.app.handler",
    "ConfirmFunction": "tasks/confirm.app.handler",
    "ArchiveFunction": "tasks/archive.app.handler",
    "CloseFunction": "tasks/close.app.handler",
    "EndedFunction": "tasks/close.ended.handler",
    "ConfigServiceFunction": "control_plane/config_service.app.handler",
    "StatusServiceFunction": "control_plane/status_service.app.handler",
    "BulkWorkerFunction": "control_plane/status_service.bulk_worker.handler",
    "SftpIdentityFunction": "control_plane/sftp_identity.app.handler",
}


@pytest.fixture(scope="session")
def workflow() -> dict[str, Any]:
    definition: dict[str, Any] = json.loads((ROOT / "workflows/transfer/v1.asl.json").read_text())
    return definition


def _rules(resources: Resources) -> list[dict[str, Any]]:
    return [resource["Properties"] for name, resource in resources.items() if name.startswith("IngestRule")]


def test_every_function_is_there_with_the_handler_of_the_contract(functions: Resources) -> None:
    assert {name: f["CodeUri"] + f["Handler"] for name, f in functions.items()} == _HANDLERS


@pytest.mark.parametrize("handler", _HANDLERS.values())
def test_a_handler_exists(handler: str) -> None:
    folder, dotted = handler.split("/")
    *modules, function = dotted.split(".")
    source = ROOT.joinpath(folder, *modules).with_suffix(".py")

    assert f"def {function}(" in source.read_text()


def test_every_function_logs_into_a_group_with_retention(functions: Resources, resources: Resources) -> None:
    for name, function in functions.items():
        group = resources[function["LoggingConfig"]["LogGroup"]["Ref"]]["Properties"]
        assert group["LogGroupName"]["Fn::Sub"] == f"/aws/lambda/{function['FunctionName']['Fn::Sub']}", name


def test_every_log_group_has_retention(resources: Resources) -> None:
    groups = {name: r["Properties"] for name, r in resources.items() if r["Type"] == "AWS::Logs::LogGroup"}

    assert groups
    assert not [name for name, properties in groups.items() if "RetentionInDays" not in properties]


def test_functions_find_their_settings(template: dict[str, Any]) -> None:
    names = template["Globals"]["Function"]["Environment"]["Variables"]
    values = {name: value if isinstance(value, str) else "1" for name, value in names.items()}

    assert read_settings({**values, "AWS_REGION": "eu-central-1"}).shards == 16


def test_the_router_knows_the_alias_that_the_state_machine_gets(functions: Resources, resources: Resources) -> None:
    workflows = functions["RouterFunction"]["Environment"]["Variables"]["WORKFLOWS"]["Fn::Sub"]
    machine = resources["TransferStateMachine"]["Properties"]

    arn = json.loads(workflows)["transfer/v1"]
    assert arn.endswith(f":stateMachine:{machine['Name']['Fn::Sub']}:{machine['AutoPublishAlias']}")
    assert functions["ReconcilerFunction"]["Environment"]["Variables"]["WORKFLOWS"]["Fn::Sub"] == workflows


def test_each_shard_of_the_code_has_its_rule_and_its_group(resources: Resources, template: dict[str, Any]) -> None:
    shards = int(template["Globals"]["Function"]["Environment"]["Variables"]["SHARDS"])
    by_prefix = {}
    for rule in _rules(resources):
        ((target,), (key,)) = rule["Targets"], rule["EventPattern"]["detail"]["object"]["key"]
        by_prefix[key["prefix"]["Fn::Sub"]] = target["SqsParameters"]["MessageGroupId"]["Fn::Sub"]

    assert by_prefix == {f"in/${{AWS::Region}}/{n:02d}/": f"shard-{n:02d}" for n in range(shards)}


def test_a_users_home_lies_below_its_shards_prefix(resources: Resources) -> None:
    home = home_prefix("${AWS::Region}", "acme", "alice", 16) + "/"
    shard = shard_of("acme", "alice", 16)

    keys = [rule["EventPattern"]["detail"]["object"]["key"][0]["prefix"]["Fn::Sub"] for rule in _rules(resources)]
    assert [key for key in keys if home.startswith(key)] == [f"in/${{AWS::Region}}/{shard}/"]


def test_every_target_of_a_rule_has_a_dead_letter_queue(translate: Callable[..., Resources]) -> None:
    rules = {name: r["Properties"] for name, r in translate().items() if r["Type"] == "AWS::Events::Rule"}

    assert len(rules) == 20
    for name, rule in rules.items():
        for target in rule["Targets"]:
            assert target["DeadLetterConfig"]["Arn"] == {"Fn::GetAtt": ["RuleDlq", "Arn"]}, name


@pytest.mark.parametrize("key", ["in/eu-central-1/03/acme/alice/a+b %41 ü.csv", 'in/eu-central-1/03/a/b/say "hi".txt'])
def test_the_transformed_event_is_the_routers_message(resources: Resources, key: str) -> None:
    detail = {
        "bucket": {"name": "ingest"},
        "object": {"key": key, "size": 5, "etag": "e", "version-id": "v", "sequencer": "00A1"},
    }
    transformer = resources["IngestRule03"]["Properties"]["Targets"][0]["InputTransformer"]

    body = transformer["InputTemplate"]
    for name, path in transformer["InputPathsMap"].items():
        value: Any = {"detail": detail}
        for member in path.removeprefix("$.").split("."):
            value = value[member]
        body = body.replace(f"<{name}>", json.dumps(value))

    assert parse_message(body) == ObjectCreated("ingest", key, "v", 5, "e", "00A1")


def test_every_queue_has_a_dead_letter_queue_of_its_kind(resources: Resources) -> None:
    queues = {name: r["Properties"] for name, r in resources.items() if r["Type"] == "AWS::SQS::Queue"}
    dead = {name: queue for name, queue in queues.items() if name.endswith("Dlq")}

    for name in queues.keys() - dead.keys():
        target = queues[name]["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]
        assert queues[name].get("FifoQueue") == dead[target].get("FifoQueue"), name


def test_every_dead_letter_queue_has_an_alarm(resources: Resources) -> None:
    watched = {
        value["Fn::GetAtt"][0]
        for resource in resources.values()
        if resource["Type"] == "AWS::CloudWatch::Alarm" and "Dimensions" in resource["Properties"]
        for value in [resource["Properties"]["Dimensions"][0]["Value"]]
        if "Fn::GetAtt" in value
    }

    assert {name for name in resources if name.endswith("Dlq")} <= watched


def test_a_message_returns_only_after_six_times_its_functions_limit(functions: Resources, resources: Resources) -> None:
    # Lambda developer guide, "Configuring a queue to use with Lambda"
    for queue, function in (("IngestQueue", "RouterFunction"), ("BulkQueue", "BulkWorkerFunction")):
        visible_after = resources[queue]["Properties"]["VisibilityTimeout"]
        assert visible_after >= 6 * functions[function]["Timeout"], queue


def test_a_task_ends_before_its_state_gives_it_up(functions: Resources, workflow: dict[str, Any]) -> None:
    limits = {
        state["Arguments"]["FunctionName"][2:-1]: _seconds(state["TimeoutSeconds"])
        for name, state in workflow["States"].items()
        if "TimeoutSeconds" in state and name != "Confirm"
    }

    assert len(limits) == 6
    for name, seconds in limits.items():
        assert functions[name]["Timeout"] < seconds, name


def _seconds(limit: int | str) -> int:
    """What a state's limit is where Lambda runs the task: the job says it, else the definition itself."""
    if isinstance(limit, int):
        return limit
    asked, default = re.fullmatch(r"\{% \$exists\((.+?)\) \? \1 : (\d+) %\}", limit).groups()  # type: ignore[union-attr]
    assert asked == "$states.input.job.step_timeout_seconds"
    assert int(default) == LONGEST_CALL_SECONDS
    return int(default)


def test_the_workflow_runs_published_versions(resources: Resources, workflow: dict[str, Any]) -> None:
    named = {
        state["Arguments"]["FunctionName"][2:-1] for state in workflow["States"].values() if state["Type"] == "Task"
    }
    substitutions = resources["TransferStateMachine"]["Properties"]["DefinitionSubstitutions"]

    assert substitutions == {name: {"Ref": f"{name}.Version"} for name in named}


def test_every_reference_to_a_published_version_is_resolved(translate: Callable[..., Resources]) -> None:
    made = translate()

    substitutions = made["TransferStateMachine"]["Properties"]["DefinitionSubstitutions"]
    assert {made[value["Ref"]]["Type"] for value in substitutions.values()} == {"AWS::Lambda::Version"}
    assert "live" in str(made["SftpServer"]["Properties"]["IdentityProviderDetails"]["Function"])


def test_a_changed_layer_publishes_every_function_anew(translate: Callable[..., Resources]) -> None:
    def versions(layer: str) -> set[str]:
        return {name for name, resource in translate(layer=layer).items() if resource["Type"] == "AWS::Lambda::Version"}

    assert len(versions("1")) == len(_HANDLERS)
    assert versions("1") == versions("1")
    assert not versions("1") & versions("2")


def test_webhooks_are_tried_as_often_as_the_function_knows(resources: Resources) -> None:
    queue = resources["WebhooksQueue"]["Properties"]

    assert queue["RedrivePolicy"]["maxReceiveCount"] == ATTEMPTS
    assert queue["VisibilityTimeout"] == 6 * resources["WebhooksFunction"]["Properties"]["Timeout"]
    assert max(DELAYS) <= 12 * 3600, "the longest that SQS keeps a message invisible"
    assert sum(DELAYS) < queue["MessageRetentionPeriod"]
