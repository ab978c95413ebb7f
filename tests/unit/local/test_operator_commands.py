"""The operator's commands over an API that answers from a table: output, JSON, errors and exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner, Result

from local.api import Bearer, Client
from local.cli import app
from local.operator.output import fact_lines, lines
from local.operator.tail import Watched

URL = "http://api.example"


@dataclass
class Answers:
    """What the API answers by `METHOD /path`, each a list of which every request takes one; and what it was asked."""

    by_request: dict[str, list[httpx.Response]] = field(default_factory=dict)
    asked: list[httpx.Request] = field(default_factory=list)

    def add(self, request: str, value: Any, status: int = 200, **headers: str) -> None:
        self.by_request.setdefault(request, []).append(httpx.Response(status, json=value, headers=headers))

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return self.by_request[f"{request.method} {request.url.path}"].pop(0)

    def bodies(self) -> list[Any]:
        return [json.loads(request.content) for request in self.asked if request.content]


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Answers:
    answers = Answers()
    http = httpx.Client(transport=httpx.MockTransport(answers))
    for module in ("records", "tenants", "routes", "jobs", "destinations", "explain", "actions", "bulk", "tail"):
        monkeypatch.setattr(f"local.operator.{module}.client", lambda: Client(URL, Bearer(lambda: "t0ken"), http))
    monkeypatch.setenv("FERRY_TENANT", "acme")
    return answers


@pytest.fixture
def ferry() -> Callable[..., Result]:
    return lambda *arguments, **rest: CliRunner().invoke(app, arguments, **rest)


Ferry = Callable[..., Result]


def problem(status: int, detail: str) -> dict[str, Any]:
    return {"title": "x", "status": status, "detail": detail}


def test_a_listing_goes_on_until_its_end(api: Answers, ferry: Ferry) -> None:
    api.add("GET /v1/tenants/acme/users", {"items": [{"id": "a", "enabled": True}], "cursor": "next"})
    api.add("GET /v1/tenants/acme/users", {"items": [{"id": "b", "enabled": False}], "cursor": None})

    result = ferry("users", "--json")

    assert [user["id"] for user in json.loads(result.stdout)] == ["a", "b"]
    assert [request.url.params.get("cursor") for request in api.asked] == [None, "next"]
    assert {request.headers["authorization"] for request in api.asked} == {"Bearer t0ken"}


def test_a_listing_for_people_has_columns(api: Answers, ferry: Ferry) -> None:
    api.add("GET /v1/tenants", {"items": [{"id": "acme", "name": "Acme Ltd", "enabled": True}], "cursor": None})

    assert ferry("tenants").stdout.splitlines() == ["id    name      enabled  description", "acme  Acme Ltd  yes"]


def test_no_more_is_asked_for_than_is_wanted(api: Answers, ferry: Ferry) -> None:
    api.add("GET /v1/tenants/acme/jobs", {"items": [{"job_id": "j1"}], "cursor": "more"})

    ferry("jobs", "--status", "FAILED", "--route", "orders", "--since", "2026-01-01T00:00:00Z", "-n", "1")

    [asked] = api.asked
    assert dict(asked.url.params) == {
        "status": "FAILED",
        "route": "orders",
        "since": "2026-01-01T00:00:00Z",
        "limit": "1",
    }


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, 1), (401, 3), (403, 3), (404, 4), (409, 5), (412, 5), (422, 1), (429, 6), (500, 1), (503, 6)],
)
def test_what_went_wrong_is_told_apart_from_results(api: Answers, ferry: Ferry, status: int, code: int) -> None:
    api.add("GET /v1/tenants/acme/routes/r", problem(status, "No such thing."), status)

    result = ferry("routes", "show", "r", "--json")

    assert (result.exit_code, result.stdout) == (code, "")
    assert f"The API answered {status}: No such thing." in result.stderr


def test_a_record_is_created_where_there_is_none(api: Answers, ferry: Ferry, tmp_path: Path) -> None:
    record = {"id": "orders", "match": {"glob": "*"}}
    (tmp_path / "route.json").write_text(json.dumps(record))
    api.add("GET /v1/tenants/acme/routes/orders", problem(404, "none"), 404)
    api.add("POST /v1/tenants/acme/routes", {**record, "revision": 1}, 201)

    result = ferry("routes", "put", str(tmp_path / "route.json"))

    assert (result.exit_code, result.stdout) == (0, "✓ route orders\n")
    assert api.bodies() == [record]


def test_a_record_is_replaced_as_it_was_read(api: Answers, ferry: Ferry) -> None:
    api.add("GET /v1/tenants/acme/routes/orders", {"id": "orders"}, etag='"e1"')
    api.add("PUT /v1/tenants/acme/routes/orders", {"id": "orders", "revision": 2})

    result = ferry("routes", "--tenant", "acme", "put", "-", "--json", input='{"id": "orders"}')

    assert json.loads(result.stdout)["revision"] == 2
    assert api.asked[1].headers["if-match"] == '"e1"'


def test_a_secret_that_is_shown_once_is_shown(api: Answers, ferry: Ferry) -> None:
    api.add("GET /v1/tenants/acme/subscriptions/hook", problem(404, "none"), 404)
    api.add("POST /v1/tenants/acme/subscriptions", {"id": "hook", "secret": "whsec_x"}, 201)

    assert "whsec_x" in ferry("subscriptions", "put", "-", input='{"id": "hook"}').stdout


@pytest.mark.parametrize("text", ["", "[1]", '{"name": "x"}', '{"id": 1}'])
def test_a_file_without_a_record_is_refused(api: Answers, ferry: Ferry, text: str) -> None:
    result = ferry("users", "put", "-", input=text)

    assert (result.exit_code, api.asked) == (1, [])


def test_a_trial_that_fails_ends_with_one_and_says_what_to_do(api: Answers, ferry: Ferry) -> None:
    steps = [
        {"step": "address", "status": "ok", "seconds": 0.1, "detail": "127.0.0.1", "todo": ""},
        {"step": "login", "status": "failed", "seconds": 0.1, "detail": "refused.", "todo": "Give the key."},
        {"step": "write", "status": "skipped", "seconds": 0, "detail": "", "todo": ""},
    ]
    api.add("POST /v1/tenants/acme/destinations/d/test", {"ok": False, "steps": steps})

    result = ferry("destinations", "test", "d")

    assert result.exit_code == 1
    assert [line.split() for line in result.stdout.splitlines()[1:]] == [
        ["✓", "address", "127.0.0.1"],
        ["✗", "login", "refused.", "Give", "the", "key."],
        ["-", "write"],
    ]


def test_an_explanation_names_every_route_with_its_reason(api: Answers, ferry: Ferry) -> None:
    routes = [
        {"route": "a", "revision": 1, "priority": 10, "matched": False, "taken": False, "reason": "glob"},
        {"route": "b", "revision": 3, "priority": 50, "matched": True, "taken": True, "reason": None},
    ]
    answer = {"outcome": "job", "why": "Route b takes it.", "routes": routes, "executor": None, "notes": []}
    api.add("POST /v1/tenants/acme/explain", answer)

    result = ferry("explain", "/in/x.csv", "--user", "orders-inc", "--size", "5")

    assert api.bodies() == [{"user": "orders-inc", "path": "/in/x.csv", "size": 5}]
    assert [line[:1] for line in result.stdout.splitlines()[2:]] == ["✗", "✓"]


def test_an_action_goes_on_after_a_refusal_and_ends_with_its_code(api: Answers, ferry: Ferry) -> None:
    api.add("POST /v1/tenants/acme/jobs/j1/retry", problem(409, "It is RUNNING."), 409)
    api.add("POST /v1/tenants/acme/jobs/j2/retry", {"job_id": "j2", "status": "RECEIVED", "run": 2})

    result = ferry("retry", "j1", "j2", "-m", "partner is back")

    assert (result.exit_code, result.stdout) == (5, "✓ j2: RECEIVED, run 2\n")
    assert "j1: The API answered 409: It is RUNNING." in result.stderr
    assert api.bodies() == [{"comment": "partner is back"}] * 2
    keys = [request.headers["idempotency-key"] for request in api.asked]
    assert len(set(keys)) == 2


def test_a_replay_says_by_which_revision(api: Answers, ferry: Ferry) -> None:
    api.add("POST /v1/tenants/acme/jobs/j1/replay", {"job_id": "j1", "status": "RECEIVED", "run": 2})

    assert ferry("replay", "j1", "--revision", "current", "--json").exit_code == 0
    assert api.bodies() == [{"revision": "current"}]
    assert ferry("replay", "j1", "--revision", "older").exit_code == 2


BULK: dict[str, Any] = {"id": "b1", "action": "retry", "total": 2, "possible": 1, "done": 0, "failed": 0, "skipped": 0}


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.operator.bulk._SECONDS", 0.0)


@pytest.mark.usefixtures("no_waiting")
def test_a_bulk_action_is_planned_before_it_is_run(api: Answers, ferry: Ferry) -> None:
    planned = {"job_id": "j1", "filename": "a.csv", "status": "FAILED", "plan": "Run 2 begins."}
    api.add("POST /v1/tenants/acme/bulk-actions", {**BULK, "status": "PLANNING"}, 202)
    api.add("GET /v1/tenants/acme/bulk-actions/b1", {**BULK, "status": "PLANNING"})
    api.add("GET /v1/tenants/acme/bulk-actions/b1", {**BULK, "status": "PLANNED"})
    api.add("GET /v1/tenants/acme/bulk-actions/b1/jobs", {"items": [planned], "cursor": None})

    result = ferry("bulk", "plan", "retry", "--status", "FAILED", "--filename", "a", "-m", "again")

    [body] = api.bodies()
    assert (body["action"], body["filter"]) == ("retry", {"status": "FAILED", "filename": "a"})
    assert "possible for 1 of 2" in result.stdout
    assert not [request for request in api.asked if request.url.path.endswith("/run")]


@pytest.mark.usefixtures("no_waiting")
def test_a_bulk_action_ends_with_one_when_a_job_failed(api: Answers, ferry: Ferry) -> None:
    api.add("POST /v1/tenants/acme/bulk-actions/b1/run", {**BULK, "status": "RUNNING"}, 202)
    api.add("GET /v1/tenants/acme/bulk-actions/b1", {**BULK, "status": "RUNNING"})
    api.add("GET /v1/tenants/acme/bulk-actions/b1", {**BULK, "status": "DONE", "done": 1, "failed": 1})

    result = ferry("bulk", "run", "b1")

    assert (result.exit_code, result.stdout) == (1, "b1: retry DONE, 1 done, 1 failed, 0 skipped.\n")


@pytest.mark.usefixtures("no_waiting")
def test_a_plan_that_is_refused_says_why(api: Answers, ferry: Ferry) -> None:
    refused = {**BULK, "status": "REFUSED", "problem": "More than 10,000 jobs match."}
    api.add("POST /v1/tenants/acme/bulk-actions", refused, 202)
    api.add("GET /v1/tenants/acme/bulk-actions/b1", refused)

    result = ferry("bulk", "plan", "replay", "--json")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "More than 10,000 jobs match." in result.stderr


def test_tail_tells_each_change_once() -> None:
    def job(name: str, status: str, run: int = 1) -> dict[str, Any]:
        return {"job_id": name, "status": status, "run": run, "created_at": f"2026-01-01T00:00:0{name[1:]}Z"}

    watched = Watched()
    rounds = [
        [job("j2", "RUNNING"), job("j1", "SUCCEEDED")],
        [job("j2", "RUNNING"), job("j1", "SUCCEEDED")],
        [job("j2", "FAILED")],
        [job("j2", "RUNNING", 2)],
    ]
    told = [[(each["job_id"], each["status"]) for each in watched.changed(each_round)] for each_round in rounds]

    assert told == [[("j1", "SUCCEEDED"), ("j2", "RUNNING")], [], [("j2", "FAILED")], [("j2", "RUNNING")]]
    assert watched.going() == {"j2"}


def test_an_api_that_does_not_answer_is_named() -> None:
    def nobody(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    api = Client(URL, Bearer(lambda: "t"), httpx.Client(transport=httpx.MockTransport(nobody)))
    with pytest.raises(Exception, match=f"does not answer.*{URL}"):
        api.call("GET", "/v1/tenants")


def test_columns_are_as_wide_as_they_must_be() -> None:
    assert lines([["a", "long text"], ["longer", ""]], ["id", "x"]) == ["id      x", "a       long text", "longer"]


def test_facts_are_indented_below_their_name() -> None:
    record = {"id": "r", "none": None, "match": {"glob": "*"}, "steps": [{"a": 1, "b": [2, 3]}], "on": True}

    assert list(fact_lines(record)) == ["id: r", "match:", "  glob: *", "steps:", "  - a: 1", "    b: 2, 3", "on: yes"]
