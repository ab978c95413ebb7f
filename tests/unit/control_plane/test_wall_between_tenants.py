"""Every operation of the API's description, called by every role of a foreign tenant.

The operations come from the description: one that is new takes part by itself, and one with a body fails here until
BODIES has one for it. What leaves the tables is watched, so that nothing foreign is even read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from fileferry.api import Operation, Role
from fileferry.api.callers import TENANT_ROLES
from fileferry.services import services
from tests.unit.control_plane.described import OPERATIONS
from tests.unit.control_plane.world import (
    ED25519_OTHER,
    ROUTE,
    S3,
    TENANT,
    Api,
    Reply,
    http_event,
    job,
    store_job,
    store_run,
)

RIVAL = "rival"
IDS = {
    "tenant": RIVAL,
    "user": "rival-user",
    "destination": "rival-destination",
    "route": "rival-route",
    "job_id": "jrival",
    "run": "1",
    "revision": "1",
    "ring": "rival-ring",
    "fingerprint": "A" * 40,
    "expectation": "rival-expectation",
    "client": "rival-client",
    "bulk": "rival-bulk",
    "subscription": "rival-subscription",
}
"""What the other tenant has, by the part of an address that names it."""
_ROUTE = {**ROUTE, "match": {"glob": "*", "users": [IDS["user"]]}, "deliver": {"destinations": [IDS["destination"]]}}
_EXPECTATION = {
    "route": IDS["route"],
    "user": IDS["user"],
    "schedule": {"kind": "daily", "at": "08:00"},
    "window_minutes": 60,
}
_SUBSCRIPTION = {
    "target": {"kind": "https", "url": "https://hooks.acme.example/"},
    "filter": {"routes": [IDS["route"]]},
}
_KEY = f"in/eu-central-1/00/{RIVAL}/{IDS['user']}/secret.csv"
BODIES: dict[str, dict[str, Any]] = {
    "createTenant": {"id": "third", **TENANT},
    "replaceTenant": TENANT,
    "createUser": {"id": IDS["user"]},
    "replaceUser": {},
    "setPassword": {"password": "correct horse battery staple"},
    "createDestination": {"id": IDS["destination"], **S3},
    "replaceDestination": S3,
    "storeCredential": {"password": "secret"},
    "createRoute": {"id": IDS["route"], **_ROUTE},
    "replaceRoute": _ROUTE,
    "draftRoute": _ROUTE,
    "dryRunRoute": {"job_ids": [IDS["job_id"]], "spec": _ROUTE},
    "createClient": {"id": IDS["client"], "principal": "rival-principal"},
    "replaceClient": {"principal": "rival-principal"},
    "createKeyRing": {"id": IDS["ring"]},
    "replaceKeyRing": {},
    "addKey": {"generate": {"user_id": "Acme <keys@acme.example>"}},
    "retireKey": {},
    "createExpectation": {"id": IDS["expectation"], **_EXPECTATION},
    "replaceExpectation": _EXPECTATION,
    "explain": {"key": _KEY},
    "cancelJob": {},
    "retryJob": {},
    "redriveJob": {},
    "replayJob": {"revision": "current"},
    "releaseJob": {"route": IDS["route"]},
    "rejectJob": {},
    "planBulkAction": {"action": "retry", "filter": {"route": IDS["route"], "filename": "jrival"}},
    "sendDeadLettersAgain": {},
    "createSubscription": {"id": IDS["subscription"], **_SUBSCRIPTION},
    "replaceSubscription": _SUBSCRIPTION,
    "rotateSubscriptionSecret": {},
    "downloadFile": {"what": "original"},
}
"""By operationId, a body that is well-formed and names the other tenant's records wherever it can."""


class Reads:
    """What the tables gave out."""

    def __init__(self) -> None:
        self.foreign: list[str] = []
        self.all = 0

    def note(self, parsed: dict[str, Any], model: Any, **_: Any) -> None:
        if model.name in ("GetItem", "Query", "Scan", "BatchGetItem", "TransactGetItems"):
            found = [parsed["Item"]] if "Item" in parsed else parsed.get("Items", [])
            self.all += len(found)
            self.foreign += [f"{model.name}: {item}" for item in found if _is_foreign(item)]


def _is_foreign(item: dict[str, Any]) -> bool:
    """Whether an item of a table is the other tenant's: its key or its record says so, or that of an index."""
    text = json.dumps(item, default=str).replace("\\", "")
    return any(mark in text for mark in (f'#{RIVAL}"', f"#{RIVAL}#", f'"S": "{RIVAL}"', f'"tenant":"{RIVAL}"'))


@pytest.fixture
def reads() -> Iterator[Reads]:
    reads = Reads()
    events = services().dynamodb.meta.events
    events.register("after-call.dynamodb", reads.note, unique_id="reads")
    yield reads
    events.unregister("after-call.dynamodb", unique_id="reads")


@pytest.fixture
def wall(acme: Api, status: Api) -> tuple[Api, Api]:
    """Both services over acme, to whom the callers belong, and its rival, which has one of everything."""
    below = f"/v1/tenants/{RIVAL}"
    made = [
        acme.post("/v1/tenants", {"id": RIVAL, **TENANT}),
        acme.post(f"{below}/users", {"id": IDS["user"], "public_keys": [{"key": ED25519_OTHER}]}),
        acme.post(f"{below}/destinations", {"id": IDS["destination"], **S3}),
        acme.post(f"{below}/routes", {"id": IDS["route"], **_ROUTE}),
        acme.post(f"{below}/key-rings", {"id": IDS["ring"]}),
        acme.post(f"{below}/expectations", {"id": IDS["expectation"], **_EXPECTATION}),
        acme.post(f"{below}/subscriptions", {"id": IDS["subscription"], **_SUBSCRIPTION}),
        acme.post(f"{below}/clients", {"id": IDS["client"], "principal": "rival-principal"}),
    ]
    assert [reply.status for reply in made] == [201] * len(made), made
    record = job(IDS["job_id"], RIVAL, user=IDS["user"], route=IDS["route"])
    store_job(record)
    store_run(record)
    return acme, status


def called(
    wall: tuple[Api, Api], operation: Operation, path: str, groups: str | None, query: dict[str, str] | None = None
) -> Reply:
    """The operation as a person with these groups calls it; None: without any identity."""
    body = None
    if operation.body:
        assert operation.id in BODIES, f"{operation.id} is new: give it a body in BODIES"
        body = json.dumps(BODIES[operation.id])
    event = http_event(operation.method, path, body, query)
    claims = {"sub": "person-1", "client_id": "console", "token_use": "access", "cognito:groups": groups}
    event["requestContext"]["authorizer"] = {} if groups is None else {"jwt": {"claims": claims, "scopes": None}}
    api = next(api for api in wall if api.performs(operation))
    return api.send(event)


def address(operation: Operation, **own: str) -> str:
    """The operation's path with the other tenant's ids but for those that are given."""
    return operation.path.format_map({**IDS, **_OTHERS, **own})


BELOW_TENANTS = [operation for operation in OPERATIONS if "tenant" in operation.parts]
OF_PLATFORM = [operation for operation in OPERATIONS if operation.access is Role.PLATFORM_ADMIN]


def test_every_part_of_every_address_has_an_id_of_the_other_tenant() -> None:
    parts = {part for operation in BELOW_TENANTS for part in operation.parts}
    assert parts <= set(IDS), "give the new parts an id in IDS, and the rival a record of it in `wall`"


def test_every_body_here_belongs_to_an_operation_and_every_operation_has_its_body() -> None:
    assert set(BODIES) == {operation.id for operation in OPERATIONS if operation.body}


def test_the_watch_sees_what_leaves_the_tables(wall: tuple[Api, Api], reads: Reads) -> None:
    for name in ("readTenant", "readUser", "listRoutes", "readJob", "readKeyRing"):
        operation = next(each for each in OPERATIONS if each.id == name)
        before = len(reads.foreign)
        assert called(wall, operation, address(operation), "[rival:tenant-viewer]").status == 200
        assert len(reads.foreign) > before, name


def test_who_does_not_say_who_it_is_gets_nothing(wall: tuple[Api, Api], reads: Reads) -> None:
    for operation in OPERATIONS:
        reply = called(wall, operation, address(operation), None)
        assert (reply.status, reads.all) == (401, 0), operation.id


def test_no_role_of_one_tenant_opens_another(wall: tuple[Api, Api], reads: Reads) -> None:
    for operation in BELOW_TENANTS:
        for role in TENANT_ROLES:
            reply = called(wall, operation, address(operation), f"[acme:{role}]")
            assert (reply.status, reads.all) == (403, 0), (operation.id, role, reply)


def test_no_id_of_another_tenant_opens_its_record_below_ones_own(wall: tuple[Api, Api], reads: Reads) -> None:
    for operation in BELOW_TENANTS:
        if len(operation.parts) > 1:
            for role in TENANT_ROLES:
                reply = called(wall, operation, address(operation, tenant="acme"), f"[acme:{role}]")
                assert reply.status in _REFUSED, (operation.id, role, reply)
                assert reads.foreign == [], (operation.id, role)


def test_no_id_of_another_tenant_in_a_body_opens_anything(wall: tuple[Api, Api], reads: Reads) -> None:
    """Where the record of the address is one's own, too. What only claims an id is judged by what it reads."""
    own = {"user": "bob", "destination": "bucket", "route": "orders"}
    for operation in BELOW_TENANTS:
        if operation.body:
            reply = called(wall, operation, address(operation, tenant="acme", **own), "[acme:tenant-admin]")
            assert reads.foreign == [], operation.id
            told = json.dumps(reply.value).replace(_KEY, "")  # a refusal may repeat what was asked for
            assert f"/{RIVAL}/" not in told, (operation.id, reply)
            assert f'"tenant": "{RIVAL}"' not in told, (operation.id, reply)


def test_no_id_of_another_tenant_in_a_query_finds_anything(wall: tuple[Api, Api], reads: Reads) -> None:
    found = {"route": IDS["route"], "user": IDS["user"], "filename": "jrival"}
    tried = 0
    for operation in BELOW_TENANTS:
        for name in set(found) & set(operation.query.model_fields if operation.query else ()):
            path = address(operation, tenant="acme", route="orders")
            reply = called(wall, operation, path, "[acme:tenant-admin]", {name: found[name]})
            assert reply.status in (200, 404), (operation.id, reply)
            assert reads.foreign == [], operation.id
            tried += 1
    assert tried >= 3


def test_no_role_of_a_tenant_reaches_the_platform(wall: tuple[Api, Api], reads: Reads) -> None:
    for operation in OF_PLATFORM:
        for role in TENANT_ROLES:
            reply = called(wall, operation, address(operation, tenant="acme"), f"[acme:{role}]")
            assert (reply.status, reads.all) == (403, 0), (operation.id, role, reply)


_REFUSED = (403, 404, 409, 422)
_OTHERS = {"name": "route", "family": "transfer", "release": "v1", "version": "1"}
"""Parts of addresses that belong to no tenant."""
