"""Drafts of routes through the API."""

from __future__ import annotations

from tests.unit.control_plane.world import REQUESTER, ROUTE, Api

ORDERS = "/v1/tenants/acme/routes/orders"


def test_a_draft_is_made_looked_at_and_activated(acme: Api) -> None:
    drafted = acme.post(f"{ORDERS}/revisions", {**ROUTE, "priority": 5, "comment": "faster"})
    assert (drafted.status, drafted.headers["Location"]) == (201, f"{ORDERS}/revisions/2")
    assert (drafted.value["state"], drafted.value["created_by"], drafted.value["comment"]) == (
        "draft",
        REQUESTER,
        "faster",
    )
    assert acme.get(f"{ORDERS}/revisions/2").headers["ETag"] == drafted.headers["ETag"]
    assert acme.get(ORDERS).value["revision"] == 1

    tag = acme.get(ORDERS).headers["ETag"]
    active = acme.call("POST", f"{ORDERS}/revisions/2/activate", headers={"if-match": tag})
    assert (active.status, active.value["revision"], active.value["priority"]) == (200, 2, 5)
    assert active.headers["ETag"] == acme.get(ORDERS).headers["ETag"]
    assert [(r["revision"], r["state"]) for r in acme.all(f"{ORDERS}/revisions", limit="1")] == [
        (2, "active"),
        (1, "retired"),
    ]
    again = acme.call("POST", f"{ORDERS}/revisions/1/activate", headers={"if-match": tag})
    assert again.status == 412
    assert acme.post(f"{ORDERS}/revisions/1/activate", None).value["revision"] == 1


def test_a_put_activates_at_once_and_keeps_its_comment(acme: Api) -> None:
    acme.post(f"{ORDERS}/revisions", {**ROUTE, "priority": 5})
    reply = acme.put(ORDERS, {**ROUTE, "priority": 6, "comment": "at once"})
    assert (reply.value["revision"], reply.value["comment"]) == (3, "at once")
    read = acme.get(ORDERS)
    assert acme.put(ORDERS, read.value).value == read.value, "sent back whole, it changes nothing"


def test_a_draft_is_checked_when_it_is_made_and_when_it_is_activated(acme: Api) -> None:
    bad = {**ROUTE, "deliver": {"destinations": ["nowhere"]}}
    reply = acme.post(f"{ORDERS}/revisions", bad)
    assert (reply.status, reply.pointers) == (422, ["/deliver/destinations/0"])
    assert acme.post(f"{ORDERS}/revisions/2/activate", None).status == 404
    assert acme.post("/v1/tenants/acme/routes/none/revisions", ROUTE).status == 404
