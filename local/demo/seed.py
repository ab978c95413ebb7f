"""Writing the demo tenant: the partner's bucket and the secrets directly, everything else through the API."""

from __future__ import annotations

import json

from local.api import Api
from local.partner.account import BUCKET, Account
from local.stack import Stack
from local.workspace import Workspace

from .keys import login_key, pgp_certificate, public_file, put_secret
from .tenant import (
    HTTPS_SECRET,
    PGP_SECRET,
    SECRETS,
    SFTP_SECRET,
    TENANT,
    USERS,
    DemoTenant,
    demo_tenant,
)

CERTIFICATE = "acme-invoices.asc"
"""File among the keys: the certificate to which invoices are encrypted."""


def seed(workspace: Workspace, stack: Stack, account: Account) -> int:
    """Create the demo tenant or bring it up to date; how many records were written. Raises ApiRefused."""
    create_bucket(stack)
    put_secret(stack, SFTP_SECRET, json.dumps({"private_key": account.login_key}))
    put_secret(stack, HTTPS_SECRET, json.dumps({"secret": account.hmac_secret}))
    keys = {}
    for user in USERS:
        keys[user] = public_file(login_key(workspace.keys, user)).read_text().strip()
    (workspace.keys / CERTIFICATE).write_text(pgp_certificate(stack, PGP_SECRET, SECRETS))
    return write_tenant(Api(stack), demo_tenant(account, keys))


def create_bucket(stack: Stack) -> None:
    """The partner's bucket, versioned; nothing happens to one that is there."""
    try:
        stack.s3.create_bucket(
            Bucket=BUCKET,
            CreateBucketConfiguration={"LocationConstraint": stack.emulator.region},  # type: ignore[typeddict-item]
        )
    except stack.s3.exceptions.BucketAlreadyOwnedByYou:
        return
    stack.s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})


def write_tenant(api: Api, tenant: DemoTenant) -> int:
    """Write the tenant and then its users, destinations and routes, which may name each other in this order."""
    api.put_or_create("/v1/tenants", TENANT, tenant.spec)
    written = 1
    for kind, records in (
        ("users", tenant.users),
        ("destinations", tenant.destinations),
        ("routes", tenant.routes),
    ):
        for name, spec in records.items():
            api.put_or_create(f"/v1/tenants/{TENANT}/{kind}", name, spec)
            written += 1
    return written
