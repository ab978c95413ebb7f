"""The demo tenant `acme` as the API takes it: users, destinations and routes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from local.partner.account import BUCKET, HOST, Account
from local.workspace import DEMO_TENANT, STACK

TENANT = DEMO_TENANT
SENDER, BILLING, MAILBOX = "orders-inc", "billing-ltd", "freight-co"
USERS = (SENDER, BILLING, MAILBOX)
"""Two users who send, and the partner's own login, into which it puts acknowledgements."""
SECRETS = f"{STACK}/{TENANT}/"
PGP_SECRET = f"{SECRETS}invoices-pgp"
SFTP_SECRET = f"{SECRETS}partner-sftp"
HTTPS_SECRET = f"{SECRETS}partner-https"
Spec = Mapping[str, Any]

ORDER_COLUMNS: Mapping[str, str] = {
    "order_id": "BIGINT",
    "customer": "VARCHAR",
    "amount": "DECIMAL(12,2)",
    "currency": "VARCHAR",
    "ordered_on": "DATE",
}


@dataclass(frozen=True)
class DemoTenant:
    """Records by id, each as the body of its POST without `id`."""

    spec: Spec
    users: Mapping[str, Spec] = field(default_factory=dict)
    destinations: Mapping[str, Spec] = field(default_factory=dict)
    routes: Mapping[str, Spec] = field(default_factory=dict)


def demo_tenant(account: Account, public_keys: Mapping[str, str]) -> DemoTenant:
    """The tenant whose destinations are the partner's servers; `public_keys` by user."""
    return DemoTenant(
        spec={"name": "Acme Ltd", "description": "The demo's tenant; `ferry up` writes it anew."},
        users={user: _user(user, key) for user, key in public_keys.items()},
        destinations=_destinations(account),
        routes=_routes(),
    )


def _user(user: str, key: str) -> Spec:
    about = {
        SENDER: "Sends orders, shipments and plain files.",
        BILLING: "Sends encrypted invoices and statements.",
        MAILBOX: "The partner's mailbox: its acknowledgements arrive here.",
    }
    return {"description": about.get(user, ""), "public_keys": [{"key": key, "label": "made by ferry up"}]}


def _destinations(account: Account) -> dict[str, Spec]:
    return {
        "partner-sftp": {
            "description": "The partner's SFTP server.",
            "target": {
                "kind": "sftp",
                "host": HOST,
                "port": account.sftp_port,
                "username": account.username,
                "secret": SFTP_SECRET,
                "host_keys": [account.host_public_key],
                "folder": "/",
            },
        },
        "partner-bucket": {
            "description": "The partner's S3 bucket.",
            "target": {"kind": "s3", "bucket": BUCKET, "prefix": "from-acme"},
        },
        "partner-https": {
            "description": "The partner's HTTPS receiver, under an authority of its own.",
            "target": {
                "kind": "https",
                "url": f"https://localhost:{account.https_port}/from-acme",
                "method": "PUT",
                "hmac_secret": HTTPS_SECRET,
                "ca_certificate": account.authority,
            },
        },
    }


def _routes() -> dict[str, Spec]:
    return {
        "orders": {
            "description": "CSV orders, checked against their contract, as Parquet to the partner's bucket.",
            "priority": 10,
            "match": {"glob": "orders/*.csv"},
            "validation": {"encoding": "utf-8", "csv": _order_contract()},
            "transform": [
                {"op": "convert", "source": "csv", "target": "parquet", "columns": dict(ORDER_COLUMNS)},
            ],
            "deliver": {"destinations": ["partner-bucket"]},
            "archive": {"retention_days": 365, "tags": {"content": "orders"}},
        },
        "invoices": {
            "description": "PGP-encrypted invoices, decrypted and gzipped, to the partner's SFTP server.",
            "priority": 20,
            "match": {"glob": "invoices/*.csv.pgp", "users": [BILLING]},
            "transform": [{"op": "decrypt", "key_secret": PGP_SECRET}, {"op": "pack", "format": "gzip"}],
            "deliver": {"destinations": ["partner-sftp"]},
        },
        "shipments": {
            "description": "JSON shipments that fit their schema, to the partner's HTTPS receiver.",
            "priority": 30,
            "match": {"glob": "shipments/*.json"},
            "validation": {"json": {"schema": _shipment_schema()}},
            "deliver": {"destinations": ["partner-https"]},
        },
        "statements": {
            "description": "Statements whose SHA-256 must come in a sidecar NAME.sha256.",
            "priority": 40,
            "match": {"glob": "statements/*.txt", "users": [BILLING]},
            "validation": {"checksum": "required"},
            "deliver": {"destinations": ["partner-sftp"]},
        },
        "contracts": {
            "description": "Contracts that the partner acknowledges with NAME.ack in its mailbox.",
            "priority": 50,
            "match": {"glob": "contracts/*.xml"},
            "deliver": {"destinations": ["partner-sftp"]},
            "confirm": {"mode": "acknowledgement", "user": MAILBOX, "timeout_seconds": 600},
        },
        "signals": {
            "description": "Signals, whose whole message is their name: empty files are welcome.",
            "priority": 60,
            "match": {"glob": "signals/*", "max_size": 1024},
            "zero_bytes": "accept",
            "deliver": {"destinations": ["partner-sftp"]},
        },
        "exports": {
            "description": "Large exports, gzipped by the worker, to the partner's SFTP server.",
            "priority": 65,
            "match": {"glob": "exports/**"},
            "executor": "worker",
            "transform": [{"op": "pack", "format": "gzip"}],
            "deliver": {"destinations": ["partner-sftp"]},
        },
        "files": {
            "description": "Whatever lies in files/, as it is, to the partner's SFTP server.",
            "priority": 70,
            "match": {"glob": "files/**"},
            "deliver": {"destinations": ["partner-sftp"]},
        },
    }


def _order_contract() -> Spec:
    return {
        "columns": [
            {"name": "order_id", "type": "integer", "nullable": False, "unique": True, "min": 1},
            {"name": "customer", "nullable": False},
            {"name": "amount", "type": "decimal", "nullable": False, "min": 0},
            {"name": "currency", "nullable": False, "allowed": ["EUR", "SEK", "USD"]},
            {"name": "ordered_on", "type": "date", "nullable": False},
        ],
        "min_rows": 1,
    }


def _shipment_schema() -> Spec:
    parcel = {
        "type": "object",
        "required": ["id", "grams"],
        "additionalProperties": False,
        "properties": {"id": {"type": "string"}, "grams": {"type": "integer", "minimum": 1}},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "required": ["shipment", "to", "parcels"],
        "properties": {
            "shipment": {"type": "string", "pattern": "^S-[0-9]+$"},
            "to": {"type": "string", "minLength": 1},
            "parcels": {"type": "array", "minItems": 1, "items": parcel},
        },
    }
