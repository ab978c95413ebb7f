"""CloudFormation types that MiniStack's CloudFormation lacks although MiniStack serves their APIs.

AWS: CloudFormation creates, updates and deletes `AWS::StepFunctions::StateMachineVersion` and `…Alias` (SAM writes
both for `AutoPublishAlias`) and `AWS::Transfer::Server`. MiniStack 1.5.33 refuses a template that holds them. What
`Ref` and `GetAtt` return follows the types' reference pages.
"""

from __future__ import annotations

import asyncio
from typing import Any

from ministack import app
from ministack.core.responses import get_account_id, get_region
from ministack.services import stepfunctions, transfer
from ministack.services.cloudformation import provisioners

from . import transfer_api
from .answers import parsed

Properties = dict[str, Any]
Created = tuple[str, dict[str, Any]]  # physical id (what Ref returns), attributes (what GetAtt returns)


def create_version(_logical_id: str, properties: Properties, _stack: str) -> Created:
    """Publish the state machine as a numbered, immutable version."""
    request = {"stateMachineArn": properties["StateMachineArn"], "description": properties.get("Description", "")}
    answer = parsed(stepfunctions._publish_state_machine_version(request), "AWS::StepFunctions::StateMachineVersion")
    arn = str(answer["stateMachineVersionArn"])
    return arn, {"Arn": arn}


def update_version(arn: str, old: Properties, new: Properties, stack: str) -> Created:
    """A changed revision is a new version; the old one is deleted by the template's DeletionPolicy, or stays."""
    if old.get("StateMachineRevisionId") == new.get("StateMachineRevisionId") and old.get("Description") == new.get(
        "Description"
    ):
        return arn, {"Arn": arn}
    return create_version("", new, stack)


def delete_version(arn: str, _properties: Properties) -> None:
    parsed(stepfunctions._delete_state_machine_version({"stateMachineVersionArn": arn}), "DeleteStateMachineVersion")


def _routing(properties: Properties) -> list[dict[str, Any]]:
    """The versions and their weights; a gradual DeploymentPreference goes to its target version at once."""
    if preference := properties.get("DeploymentPreference"):
        return [{"stateMachineVersionArn": preference["StateMachineVersionArn"], "weight": 100}]
    return [
        {"stateMachineVersionArn": route["StateMachineVersionArn"], "weight": int(route["Weight"])}
        for route in properties["RoutingConfiguration"]
    ]


def create_alias(logical_id: str, properties: Properties, _stack: str) -> Created:
    """Point a new alias at its version."""
    request = {
        "name": properties.get("Name") or logical_id,
        "description": properties.get("Description", ""),
        "routingConfiguration": _routing(properties),
    }
    answer = parsed(stepfunctions._create_state_machine_alias(request), "AWS::StepFunctions::StateMachineAlias")
    arn = str(answer["stateMachineAliasArn"])
    return arn, {"Arn": arn}


def update_alias(arn: str, old: Properties, new: Properties, stack: str) -> Created:
    """Move the alias to another version; another name is another alias."""
    if old.get("Name") != new.get("Name"):
        created = create_alias(arn.rsplit(":", 1)[1], new, stack)
        delete_alias(arn, old)
        return created
    request = {
        "stateMachineAliasArn": arn,
        "description": new.get("Description", ""),
        "routingConfiguration": _routing(new),
    }
    parsed(stepfunctions._update_state_machine_alias(request), "AWS::StepFunctions::StateMachineAlias")
    return arn, {"Arn": arn}


def delete_alias(arn: str, _properties: Properties) -> None:
    parsed(stepfunctions._delete_state_machine_alias({"stateMachineAliasArn": arn}), "DeleteStateMachineAlias")


def create_server(_logical_id: str, properties: Properties, _stack: str) -> Created:
    """A Transfer Family server; the SFTP listener is opened by the event loop, where MiniStack serves it."""
    server_id = transfer._server_id()
    transfer._servers[server_id] = transfer_api.server_record(server_id, properties)
    if app._MAIN_LOOP is not None:
        asyncio.run_coroutine_threadsafe(transfer.sftp_start(), app._MAIN_LOOP)
    return _server(server_id)


def update_server(arn: str, _old: Properties, new: Properties, _stack: str) -> Created:
    server_id = _server_id(arn)
    kept = {name: transfer._servers[server_id][name] for name in ("DateCreated", "State", "UserCount")}
    transfer._servers[server_id] = transfer_api.server_record(server_id, new) | kept
    return _server(server_id)


def delete_server(arn: str, _properties: Properties) -> None:
    server_id = _server_id(arn)
    for key in [key for key in transfer._users if key.startswith(f"{server_id}/")]:
        del transfer._users[key]
    transfer._servers.pop(server_id, None)


def _server_id(arn: str) -> str:
    return arn.rsplit("/", 1)[1]


def _server(server_id: str) -> Created:
    arn = f"arn:aws:transfer:{get_region()}:{get_account_id()}:server/{server_id}"
    return arn, {"Arn": arn, "ServerId": server_id, "State": transfer._servers[server_id]["State"]}


HANDLERS: dict[str, dict[str, Any]] = {
    "AWS::StepFunctions::StateMachineVersion": {
        "create": create_version,
        "update": update_version,
        "delete": delete_version,
    },
    "AWS::StepFunctions::StateMachineAlias": {"create": create_alias, "update": update_alias, "delete": delete_alias},
    "AWS::Transfer::Server": {"create": create_server, "update": update_server, "delete": delete_server},
}


def close_gap() -> None:
    """Add the types to those that CloudFormation knows."""
    provisioners._RESOURCE_HANDLERS.update(HANDLERS)
