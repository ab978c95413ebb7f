"""Files that should come, on the deployed system: told within two minutes, each window recorded once."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from fileferry.clock import now, parse_time
from tests.trials import TENANT, Trials
from tests.waiting import until

EXPECTATIONS = f"/v1/tenants/{TENANT}/expectations"
TOLD_WITHIN = timedelta(minutes=2)


def events(trials: Trials, expectation: str, kind: str, topic: str) -> list[dict[str, Any]]:
    found = list(trials.published.messages)
    return [
        message.event
        for message in found
        if message.type == kind and topic in message.topic and message.event["subject"] == expectation
    ]


def test_a_file_that_does_not_come_is_told_in_time_and_once_more_when_it_is_late(trials: Trials) -> None:
    name = f"expected-{uuid.uuid4().hex[:8]}"
    soon = now() + timedelta(minutes=1, seconds=30)
    spec = {
        "glob": f"plain/{name}*",
        "schedule": {"kind": "daily", "at": soon.strftime("%H:%M")},
        "window_minutes": 5,
    }
    made = trials.api.call("POST", EXPECTATIONS, {"id": name, **spec})
    deadline = parse_time(made["next_deadline"])
    assert deadline - now() <= timedelta(minutes=2)
    (pending,) = trials.api.call("GET", f"{EXPECTATIONS}/{name}/windows")["items"]
    assert (pending["status"], pending["deadline"]) == ("PENDING", made["next_deadline"])

    (missing, *_) = until(
        lambda: events(trials, name, "ExpectationMissing", "failure"), 260, "nobody tells that a file is missing"
    )
    assert parse_time(missing["time"]) - deadline <= TOLD_WITHIN
    assert events(trials, name, "ExpectationMissing", "events")[0]["id"] == missing["id"]
    missed = trials.api.call("GET", f"/v1/tenants/{TENANT}/missed-windows")["items"]
    assert name in [window["expectation"] for window in missed]

    path = f"plain/{name}.csv"
    trials.send({path: b"late\n"})
    job = trials.ended(path)
    (late, *_) = until(lambda: events(trials, name, "ExpectationLate", "failure"), 180, "nobody tells that it came")
    assert late["data"]["jobs"] == [job.job_id]
    windows = trials.api.call("GET", f"{EXPECTATIONS}/{name}/windows")["items"]
    assert [window["status"] for window in windows] == ["PENDING", "LATE"]
    assert len({event["id"] for event in events(trials, name, "ExpectationMissing", "events")}) == 1
