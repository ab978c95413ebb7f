"""The worker on Fargate: when it is there, what its container gets, and how the queue fits it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fileferry.settings import read_settings
from worker.settings import read_worker_settings

ROOT = Path(__file__).parents[3]
Resources = dict[str, dict[str, Any]]


@pytest.fixture
def task(resources: Resources) -> dict[str, Any]:
    properties: dict[str, Any] = resources["WorkerTaskDefinition"]["Properties"]
    return properties


@pytest.fixture
def container(task: dict[str, Any]) -> dict[str, Any]:
    (only,) = task["ContainerDefinitions"]
    properties: dict[str, Any] = only
    return properties


def test_the_worker_exists_with_an_image_only_but_its_role_always(resources: Resources) -> None:
    worker = {name: resource.get("Condition") for name, resource in resources.items() if name.startswith("Worker")}

    assert len(worker) > 20
    assert [name for name, condition in worker.items() if condition is None] == ["WorkerRole"]
    assert {name for name, condition in worker.items() if condition == "WithWorkerEndpoints"} == {
        name for name in worker if name.startswith("WorkerEndpoint")
    }


def test_the_router_knows_whether_a_worker_takes_its_jobs(template: dict[str, Any], functions: Resources) -> None:
    variables = functions["RouterFunction"]["Environment"]["Variables"]

    assert variables["WORKER_DEPLOYED"] == {"Fn::If": ["WorkerTakesJobs", "true", "false"]}
    assert template["Conditions"]["WorkerTakesJobs"] == {
        "Fn::Or": [{"Condition": "WithWorker"}, {"Fn::Equals": [{"Ref": "WorkerElsewhere"}, "true"]}]
    }


@pytest.mark.parametrize(("told", "known"), [("true", True), ("false", False)])
def test_the_router_understands_it(template: dict[str, Any], told: str, known: bool) -> None:
    names = template["Globals"]["Function"]["Environment"]["Variables"]
    values = {name: value if isinstance(value, str) else "1" for name, value in names.items()}

    assert read_settings({**values, "AWS_REGION": "x", "WORKER_DEPLOYED": told}).worker_deployed is known


def test_jobs_that_wait_for_a_worker_raise_an_alarm_also_where_none_is_deployed(resources: Resources) -> None:
    assert "Condition" not in resources["WorkWaitingAlarm"]


def test_a_task_has_no_public_address_and_nobody_reaches_it(resources: Resources) -> None:
    network = resources["WorkerService"]["Properties"]["NetworkConfiguration"]["AwsvpcConfiguration"]

    assert network["AssignPublicIp"] == "DISABLED"
    assert network["Subnets"] == [{"Ref": "WorkerSubnetA"}, {"Ref": "WorkerSubnetB"}]
    assert "SecurityGroupIngress" not in resources["WorkerSecurityGroup"]["Properties"]


def test_every_service_that_the_worker_calls_has_an_endpoint_in_its_vpc(resources: Resources) -> None:
    endpoints = [r["Properties"] for r in resources.values() if r["Type"] == "AWS::EC2::VPCEndpoint"]
    services = {
        endpoint["ServiceName"]["Fn::Sub"].removeprefix("com.amazonaws.${AWS::Region}.") for endpoint in endpoints
    }
    statements = [
        statement["Fn::If"][1] if "Fn::If" in statement else statement
        for policy in resources["WorkerRole"]["Properties"]["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
    ]
    actions = {action for statement in statements for action in _listed(statement["Action"])}
    called = {action.partition(":")[0] for action in actions}

    # S3 and DynamoDB use a key for their caller; ECS's agent protects the task for it.
    assert services == called - {"kms", "ecs"} | {"ecr.api", "ecr.dkr", "logs"}


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def test_a_container_is_no_root_and_writes_into_its_volume_only(
    task: dict[str, Any], container: dict[str, Any]
) -> None:
    assert container["User"].split(":")[0] != "0"
    assert container["ReadonlyRootFilesystem"] is True
    assert container["LinuxParameters"]["Capabilities"] == {"Drop": ["ALL"]}
    ((mount,), (volume,)) = container["MountPoints"], task["Volumes"]
    assert mount["SourceVolume"] == volume["Name"]
    assert mount["ContainerPath"] == _environment(container)["TMPDIR"]


def test_a_container_sees_the_tasks_memory_as_its_own_limit(task: dict[str, Any], container: dict[str, Any]) -> None:
    assert container["Memory"] == task["Memory"] == {"Ref": "WorkerMemory"}


def test_a_container_that_is_told_to_stop_has_as_long_as_fargate_gives(container: dict[str, Any]) -> None:
    assert container["StopTimeout"] == 120  # the most that Fargate allows (ECS API reference, ContainerDefinition)


def _environment(container: dict[str, Any]) -> dict[str, Any]:
    return {variable["Name"]: variable["Value"] for variable in container["Environment"]}


def test_the_worker_has_the_functions_settings(template: dict[str, Any], container: dict[str, Any]) -> None:
    functions = template["Globals"]["Function"]["Environment"]["Variables"]

    # The endpoint is for `sam local invoke`; a task definition can be given any variable.
    shared = {name: value for name, value in functions.items() if name != "AWS_ENDPOINT_URL"}
    assert {name: _environment(container).get(name) for name in shared} == shared


def test_the_worker_understands_what_its_task_definition_gives(
    template: dict[str, Any], container: dict[str, Any], tmp_path: Path
) -> None:
    parameters = template["Parameters"]
    given = {
        name: str(parameters[value["Ref"]]["Default"]) if value.get("Ref") in parameters else "http://deployed"
        for name, value in _environment(container).items()
        if isinstance(value, dict)
    }
    plain = {name: value for name, value in _environment(container).items() if isinstance(value, str)}

    settings = read_worker_settings({**plain, **given, "TMPDIR": str(tmp_path)})

    assert settings.part_size == parameters["WorkerPartSize"]["Default"]
    assert settings.lease_seconds == parameters["WorkerLeaseSeconds"]["Default"]
    assert settings.dead_letter_queue_url == "http://deployed"


def test_the_containers_user_and_volume_are_the_images(container: dict[str, Any]) -> None:
    image = (ROOT / "worker/Dockerfile").read_text().splitlines()

    assert f"USER {container['User']}" in image
    assert f"VOLUME {container['MountPoints'][0]['ContainerPath']}" in image


def test_a_job_is_given_up_by_its_run_record_long_before_the_queue_does(resources: Resources) -> None:
    redrive = resources["WorkQueue"]["Properties"]["RedrivePolicy"]

    assert redrive["deadLetterTargetArn"] == {"Fn::GetAtt": ["WorkDlq", "Arn"]}
    assert redrive["maxReceiveCount"] >= 100


def test_waiting_for_a_worker_is_not_told_by_the_age_of_what_is_in_work(resources: Resources) -> None:
    watched = [
        resource["Properties"]["MetricName"]
        for resource in resources.values()
        if resource["Type"] == "AWS::CloudWatch::Alarm" and "WorkQueue" in str(resource["Properties"].get("Dimensions"))
    ]

    assert watched == ["ApproximateNumberOfMessagesVisible"]
