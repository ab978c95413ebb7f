"""What a user who is let in may do: Transfer Family's answer with home directory and session policy."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from fileferry.ingest_key import home_prefix
from fileferry.repositories.logins import Login
from fileferry.settings import Settings


def access_answer(login: Login, keys: Sequence[str] | None, settings: Settings) -> dict[str, Any]:
    """The answer to a login (User Guide, "Lambda values"): HomeDirectoryDetails and Policy are JSON in a string.

    `keys` is None for a login by password, whose answer must hold none ("Using multiple authentication methods").

    The logical home directory shows the partner `/` only; tenant, shard and region stay hidden.
    """
    prefix = home_prefix(settings.region, login.tenant, login.user, settings.shards)
    home = [{"Entry": "/", "Target": f"/{settings.ingest_bucket}/{prefix}"}]
    return {
        "Role": settings.transfer_role_arn,
        "HomeDirectoryType": "LOGICAL",
        "HomeDirectoryDetails": json.dumps(home),
        **({} if keys is None else {"PublicKeys": list(keys)}),
        "Policy": json.dumps(session_policy(settings, prefix), separators=(",", ":")),
    }


def session_policy(settings: Settings, prefix: str) -> dict[str, Any]:
    """What remains of the role's permissions for one user: its own prefix.

    No version can be deleted, so that nothing a partner does can destroy a file. The key of an encrypted
    bucket is limited by the role; a session policy that left it out would take it away.
    """
    partition = settings.transfer_role_arn.split(":")[1]
    bucket = f"arn:{partition}:s3:::{settings.ingest_bucket}"
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "ListHome",
                "Effect": "Allow",
                "Action": "s3:ListBucket",
                "Resource": bucket,
                "Condition": {"StringLike": {"s3:prefix": [prefix, f"{prefix}/*"]}},
            },
            {"Sid": "FindBucket", "Effect": "Allow", "Action": "s3:GetBucketLocation", "Resource": bucket},
            {
                "Sid": "UseFiles",
                "Effect": "Allow",
                "Action": [
                    "s3:GetObject",
                    "s3:GetObjectVersion",
                    "s3:PutObject",
                    "s3:DeleteObject",
                    "s3:AbortMultipartUpload",
                ],
                "Resource": f"{bucket}/{prefix}/*",
            },
            {
                "Sid": "UseKey",
                "Effect": "Allow",
                "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
                "Resource": "*",
                "Condition": {"StringLike": {"kms:ViaService": f"s3.{settings.region}.*"}},
            },
        ],
    }
