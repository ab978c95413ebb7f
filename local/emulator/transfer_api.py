"""Transfer Family's API keeps and returns how a server authenticates its users.

AWS: CreateServer stores IdentityProviderDetails (the Lambda function, the authentication methods) and the rest of the
server's properties, and DescribeServer returns them. MiniStack 1.5.33 stores the kind of identity provider only, and
has no UpdateServer.
"""

from __future__ import annotations

from typing import Any

from ministack.core.responses import json_response, now_iso
from ministack.services import transfer

# Members of botocore's DescribedServer that CreateServer takes as they are.
PROPERTIES = (
    "Certificate",
    "EndpointDetails",
    "IdentityProviderDetails",
    "LoggingRole",
    "PostAuthenticationLoginBanner",
    "PreAuthenticationLoginBanner",
    "ProtocolDetails",
    "S3StorageOptions",
    "SecurityPolicyName",
    "StructuredLogDestinations",
    "WorkflowDetails",
)


def server_record(server_id: str, properties: dict[str, Any]) -> dict[str, Any]:
    """A server as MiniStack's transfer module keeps it, with the properties that it leaves out."""
    return {
        "Arn": transfer._server_arn(server_id),
        "ServerId": server_id,
        "State": "ONLINE",
        "EndpointType": properties.get("EndpointType", "PUBLIC"),
        "IdentityProviderType": properties.get("IdentityProviderType", "SERVICE_MANAGED"),
        "Protocols": properties.get("Protocols", ["SFTP"]),
        "Domain": properties.get("Domain", "S3"),
        "Tags": properties.get("Tags", []),
        "UserCount": 0,
        "DateCreated": now_iso(),
        **{name: properties[name] for name in PROPERTIES if name in properties},
    }


def close_gap() -> None:
    """Complete CreateServer and DescribeServer."""
    create, describe = transfer._create_server, transfer._describe_server

    async def create_server(request: dict[str, Any]) -> Any:
        answer = await create(request)
        for server in transfer._servers.values():
            if server["ServerId"].encode() in answer[2]:
                server.update({name: request[name] for name in PROPERTIES if name in request})
        return answer

    def describe_server(request: dict[str, Any]) -> Any:
        server = transfer._servers.get(request.get("ServerId", ""))
        if server is None:
            return describe(request)
        hidden = {"DateCreated"}
        return json_response({"Server": {name: value for name, value in server.items() if name not in hidden}})

    transfer._create_server, transfer._describe_server = create_server, describe_server
