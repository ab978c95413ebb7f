"""What the deployed template's task definition gives the worker's container: its variables and its memory.

The task definition itself is not deployed on one machine; what it says holds for the process all the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fileferry.errors import ConfigurationError
from local.stack import Stack
from local.workspace import STACK

_WORKER = "WorkerTaskDefinition"
_REFERENCE = re.compile(r"\$\{([^}!]+)\}")


@dataclass(frozen=True)
class Container:
    """Variables by name, memory in MiB."""

    environment: Mapping[str, str]
    memory: int


def worker_container(stack: Stack) -> Container:
    """The worker's container. Raises ConfigurationError when a value refers to what is not deployed."""
    client = stack.session.client("cloudformation", endpoint_url=stack.emulator.endpoint)
    template: Mapping[str, Any] = client.get_template(StackName=STACK, TemplateStage="Processed")["TemplateBody"]
    (deployed,) = client.describe_stacks(StackName=STACK)["Stacks"]
    made = client.describe_stack_resources(StackName=STACK)["StackResources"]
    references = {
        **{given["ParameterKey"]: given["ParameterValue"] for given in deployed.get("Parameters", [])},
        **{resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in made},
        "AWS::Region": stack.emulator.region,
        "AWS::AccountId": stack.emulator.account_id,
        "AWS::Partition": "aws",
        "AWS::StackName": STACK,
    }
    return container_of(template["Resources"][_WORKER]["Properties"], references)


def container_of(task: Mapping[str, Any], references: Mapping[str, str]) -> Container:
    """The one container of a task definition, `Ref` and `Fn::Sub` replaced by what they refer to.

    Raises ConfigurationError.
    """
    (container,) = task["ContainerDefinitions"]
    variables = {given["Name"]: _value(given["Value"], references) for given in container["Environment"]}
    return Container(variables, int(_value(task["Memory"], references)))


def _value(value: Any, references: Mapping[str, str]) -> str:
    match value:
        case {"Ref": str(name)}:
            return _referred(name, references)
        case {"Fn::Sub": str(text)}:
            return _REFERENCE.sub(lambda found: _referred(found[1], references), text)
        case str() | int():
            return str(value)
    raise ConfigurationError(f"A value in {_WORKER} is not understood here: {value}.")


def _referred(name: str, references: Mapping[str, str]) -> str:
    if name not in references:
        raise ConfigurationError(f"{_WORKER} refers to {name}, which the stack does not have.", todo="run `ferry up`.")
    return references[name]
