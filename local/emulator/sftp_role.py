"""The role of an SFTP user, assumed as Transfer Family does.

AWS: the service `transfer.amazonaws.com` assumes the role, with `aws:SourceAccount` and `aws:SourceArn` (the
server's), on which the role's trust policy may insist (Transfer Family user guide, "Cross-service confused deputy
prevention"). MiniStack 1.5.33 lets a service's call pass as the account's root user, and without these two keys.
"""

from __future__ import annotations

import secrets
import time
from typing import TypedDict

from asyncssh import SFTPPermissionDenied
from ministack.core.iam_evaluator import EvalContext, evaluate_trust_policy
from ministack.services import iam, sts

from .sftp_identity import Login

SESSION_SECONDS = 12 * 3600


class RoleCredentials(TypedDict):
    """boto3's arguments of the same names."""

    aws_access_key_id: str
    aws_secret_access_key: str
    aws_session_token: str


def role_credentials(login: Login) -> RoleCredentials:
    """boto3's arguments for a session of the login's role, narrowed by its policy. Raises SFTPPermissionDenied."""
    server, name = login.server, login.role.rsplit("/", 1)[-1]
    role = iam._roles.get_scoped(server.account, None, name)
    if role is None or not evaluate_trust_policy(role["AssumeRolePolicyDocument"], _root(login), _context(login)):
        raise SFTPPermissionDenied(f"Transfer Family cannot assume {login.role}")
    key, secret, token = f"ASIA{secrets.token_hex(8).upper()}", secrets.token_hex(20), secrets.token_hex(64)
    session = f"{login.username}@{server.server_id}"[:64]
    sts.register_session(
        key,
        {
            "Arn": f"arn:aws:sts::{server.account}:assumed-role/{name}/{session}",
            "UserId": f"{role.get('RoleId', name)}:{session}",
            "SecretAccessKey": secret,
            "SessionToken": token,
            "Expiration": time.time() + SESSION_SECONDS,
            "AccountId": server.account,
            "PrincipalType": "AssumedRole",
            "SessionPolicies": {"Policy": login.policy, "PolicyArns": []} if login.policy else None,
        },
    )
    return {"aws_access_key_id": key, "aws_secret_access_key": secret, "aws_session_token": token}


def _root(login: Login) -> str:
    """How MiniStack names a service that calls."""
    return f"arn:aws:iam::{login.server.account}:root"


def _context(login: Login) -> EvalContext:
    server = login.server
    source = f"arn:aws:transfer:{server.region}:{server.account}:server/{server.server_id}"
    return EvalContext(
        principal_arn=_root(login),
        principal_type="Root",
        principal_account=server.account,
        action="sts:AssumeRole",
        resource_arn=login.role,
        region=server.region,
        service_context={"aws:sourceaccount": server.account, "aws:sourcearn": source},
    )
