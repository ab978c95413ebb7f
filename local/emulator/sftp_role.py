"""The role of an SFTP user, assumed as Transfer Family does: for its server (Transfer Family user guide,
"Cross-service confused deputy prevention").
"""

from __future__ import annotations

from typing import TypedDict

from asyncssh import SFTPPermissionDenied

from .service_session import ServiceCall, service_session
from .sftp_identity import Login

SESSION_SECONDS = 12 * 3600


class RoleCredentials(TypedDict):
    """boto3's arguments of the same names."""

    aws_access_key_id: str
    aws_secret_access_key: str
    aws_session_token: str


def role_credentials(login: Login) -> RoleCredentials:
    """boto3's arguments for a session of the login's role, narrowed by its policy. Raises SFTPPermissionDenied."""
    server = login.server
    call = ServiceCall(
        service="transfer.amazonaws.com",
        source_arn=f"arn:aws:transfer:{server.region}:{server.account}:server/{server.server_id}",
        session=f"{login.username}@{server.server_id}",
    )
    given = service_session(call, login.role, SESSION_SECONDS, login.policy)
    if given is None:
        raise SFTPPermissionDenied(f"Transfer Family cannot assume {login.role}")
    return {
        "aws_access_key_id": given.access_key,
        "aws_secret_access_key": given.secret_key,
        "aws_session_token": given.token,
    }
