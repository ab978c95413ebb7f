"""Keys of the `config` table, apart from its models so that they cost nothing to import."""

from __future__ import annotations


def tenant_key(tenant: str) -> dict[str, str]:
    return {"pk": f"TENANT#{tenant}", "sk": "TENANT"}


def user_key(tenant: str, user: str) -> dict[str, str]:
    return {"pk": f"TENANT#{tenant}", "sk": f"USER#{user}"}


def password_key(tenant: str, user: str) -> dict[str, str]:
    return {"pk": f"TENANT#{tenant}", "sk": f"PASSWORD#{user}"}


def login_key(user: str) -> dict[str, str]:
    return {"pk": f"LOGIN#{user}", "sk": "LOGIN"}


def route_key(tenant: str, route: str) -> dict[str, str]:
    return {"pk": f"TENANT#{tenant}", "sk": f"ROUTE#{route}"}


def revision_key(tenant: str, route: str, revision: int) -> dict[str, str]:
    return {"pk": f"TENANT#{tenant}", "sk": f"REVISION#{route}#{revision:05d}"}


def activation_key(tenant: str, route: str, at: str) -> dict[str, str]:
    """Where it is written which revision of a route was active from `at` (ISO 8601) on."""
    return {"pk": f"TENANT#{tenant}", "sk": f"ACTIVATION#{route}#{at}"}


def destination_key(tenant: str, destination: str) -> dict[str, str]:
    return {"pk": f"TENANT#{tenant}", "sk": f"DESTINATION#{destination}"}


def client_key(tenant: str, client: str) -> dict[str, str]:
    return {"pk": f"TENANT#{tenant}", "sk": f"CLIENT#{client}"}


def principal_key(principal: str) -> dict[str, str]:
    return {"pk": f"PRINCIPAL#{principal}", "sk": "PRINCIPAL"}


def key_ring_key(tenant: str, ring: str) -> dict[str, str]:
    return {"pk": f"TENANT#{tenant}", "sk": f"KEYRING#{ring}"}


def expectation_key(tenant: str, expectation: str) -> dict[str, str]:
    return {"pk": f"TENANT#{tenant}", "sk": f"EXPECTATION#{expectation}"}


def subscription_key(tenant: str, subscription: str) -> dict[str, str]:
    return {"pk": f"TENANT#{tenant}", "sk": f"SUBSCRIPTION#{subscription}"}


def endpoint_key(digest: str) -> dict[str, str]:
    """Of what only one subscription may tell: SHA-256 of a queue's ARN or of an address, in hex."""
    return {"pk": f"ENDPOINT#{digest}", "sk": "ENDPOINT"}
