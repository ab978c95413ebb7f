"""Roles that AWS's services assume for somebody: an SFTP session, a container.

AWS: the service's principal assumes the role, with `aws:SourceAccount` and `aws:SourceArn`, on which the role's trust
policy may insist (IAM user guide, "The confused deputy problem"). MiniStack 1.5.33 lets a service's call pass as the
account's root user, whichever service it is, and without these two keys.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ministack.core.iam_evaluator import EvalContext, evaluate_trust_policy
from ministack.services import iam, sts


@dataclass(frozen=True)
class ServiceCall:
    """Which service assumes a role, for what (`source_arn`), and how the session is named."""

    service: str
    source_arn: str
    session: str

    @property
    def region(self) -> str:
        return self.source_arn.split(":")[3]

    @property
    def account(self) -> str:
        return self.source_arn.split(":")[4]


@dataclass(frozen=True)
class Credentials:
    """Of a session that ends at `expires` (seconds since the epoch)."""

    access_key: str
    secret_key: str
    token: str
    expires: float


def service_session(call: ServiceCall, role_arn: str, seconds: float, policy: str | None = None) -> Credentials | None:
    """A session of the role, narrowed by `policy`; None when the role is not there or does not trust the service."""
    name = role_arn.rsplit("/", 1)[-1]
    role = iam._roles.get_scoped(call.account, None, name)
    if role is None or not _trusts(role["AssumeRolePolicyDocument"], call, role_arn):
        return None
    given = Credentials(
        access_key=f"ASIA{secrets.token_hex(8).upper()}",
        secret_key=secrets.token_hex(20),
        token=secrets.token_hex(64),
        expires=time.time() + seconds,
    )
    session = call.session[:64]
    sts.register_session(
        given.access_key,
        {
            "Arn": f"arn:aws:sts::{call.account}:assumed-role/{name}/{session}",
            "UserId": f"{role.get('RoleId', name)}:{session}",
            "SecretAccessKey": given.secret_key,
            "SessionToken": given.token,
            "Expiration": given.expires,
            "AccountId": call.account,
            "PrincipalType": "AssumedRole",
            "SessionPolicies": {"Policy": policy, "PolicyArns": []} if policy else None,
        },
    )
    return given


def _trusts(trust: str | Mapping[str, Any], call: ServiceCall, role_arn: str) -> bool:
    document = json.loads(trust) if isinstance(trust, str) else trust
    concerned = [statement for statement in document["Statement"] if _names(statement, call.service)]
    root = f"arn:aws:iam::{call.account}:root"  # how MiniStack names a service that calls
    context = EvalContext(
        principal_arn=root,
        principal_type="Root",
        principal_account=call.account,
        action="sts:AssumeRole",
        resource_arn=role_arn,
        region=call.region,
        service_context={"aws:sourceaccount": call.account, "aws:sourcearn": call.source_arn},
    )
    return bool(evaluate_trust_policy({**document, "Statement": concerned}, root, context))


def _names(statement: Mapping[str, Any], service: str) -> bool:
    principal = statement.get("Principal", {})
    named = principal.get("Service", []) if isinstance(principal, Mapping) else []
    return service in ([named] if isinstance(named, str) else named)
