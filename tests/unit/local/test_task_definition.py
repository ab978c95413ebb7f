"""What the task definition's references stand for."""

from __future__ import annotations

from typing import Any

import pytest

from fileferry.errors import ConfigurationError
from local.task_definition import container_of

REFERENCES = {"WorkQueue": "http://queue", "WorkerMemory": "4096", "AWS::StackName": "fileferry"}


def task(*environment: dict[str, Any]) -> dict[str, Any]:
    return {"Memory": {"Ref": "WorkerMemory"}, "ContainerDefinitions": [{"Environment": list(environment)}]}


def test_references_are_replaced_by_what_is_deployed() -> None:
    container = container_of(
        task(
            {"Name": "WORK_QUEUE_URL", "Value": {"Ref": "WorkQueue"}},
            {"Name": "ALLOWED_SECRET_PREFIX", "Value": {"Fn::Sub": "${AWS::StackName}/"}},
            {"Name": "SHARDS", "Value": "16"},
        ),
        REFERENCES,
    )

    assert container.memory == 4096
    assert container.environment == {
        "WORK_QUEUE_URL": "http://queue",
        "ALLOWED_SECRET_PREFIX": "fileferry/",
        "SHARDS": "16",
    }


@pytest.mark.parametrize(
    "value", [{"Ref": "Nothing"}, {"Fn::Sub": "${Nothing}/"}, {"Fn::GetAtt": ["WorkQueue", "Arn"]}]
)
def test_a_value_that_cannot_be_known_is_named(value: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"Nothing|GetAtt"):
        container_of(task({"Name": "X", "Value": value}), REFERENCES)
