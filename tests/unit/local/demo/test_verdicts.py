"""What a verdict is made of: where a stuck file is, why one was refused, and bytes that differ."""

from __future__ import annotations

import hashlib
from typing import Any

from fileferry.model.job import Job, JobStatus, ObjectVersion, Run
from local.demo.run import where_it_is
from local.demo.samples import demo_samples
from local.demo.verify import Check, Verdict, same_bytes, why

JOB: dict[str, Any] = {
    "job_id": "j1",
    "tenant": "acme",
    "user": "orders-inc",
    "route": "orders",
    "revision": 1,
    "object": ObjectVersion(bucket="b", key="in/r/03/acme/orders-inc/orders/a.csv", version_id="v", size=1),
    "filename": "a.csv",
    "home_region": "r",
    "created_at": "2026-01-01T00:00:00.000000Z",
    "updated_at": "2026-01-01T00:00:00.000000Z",
}
RUN: dict[str, Any] = {
    "job_id": "j1",
    "run": 1,
    "fence": 1,
    "status": JobStatus.RUNNING,
    "tenant": "acme",
    "route": "orders",
    "revision": 1,
}


def test_a_stuck_file_is_told_with_its_step_and_its_last_error() -> None:
    steps = {
        "validate": {"status": "SUCCEEDED", "started_at": "1"},
        "deliver": {
            "status": "FAILED",
            "started_at": "2",
            "error": {"error": "DestinationUnavailable", "message": "refused"},
        },
        "archive": {},
    }
    text = where_it_is(Job(**JOB, status=JobStatus.RUNNING), Run.model_validate({**RUN, "steps": steps}))
    assert text == "job j1 is RUNNING; step deliver is FAILED; last error: DestinationUnavailable: refused"


def test_a_job_that_waits_says_for_what() -> None:
    job = Job(**JOB, status=JobStatus.RECEIVED, waiting_for="sidecar")
    assert where_it_is(job, None) == "job j1 is RECEIVED, waits for its sidecar"


def test_a_refusal_is_told_with_every_violation_and_every_route() -> None:
    violations = [{"rule": "csv.type", "line": 5, "column": 3, "field": "amount", "message": "not a number"}]
    steps = {"validate": {"status": "FAILED", "error": {"violations": violations}}}
    reasons = [{"route": "files", "revision": 1, "reason": "path does not match"}]
    job = Job(**JOB, status=JobStatus.QUARANTINED, reason="It breaks its contract.", reasons=reasons)
    assert why(job, Run.model_validate({**RUN, "steps": steps})) == [
        "It breaks its contract.",
        "line 5 column 3 field amount: not a number",
        "route files: path does not match",
    ]


def test_bytes_that_differ_or_are_missing_fail_the_verdict() -> None:
    sample = demo_samples(lambda content: content)[0]
    job = Job(**JOB, status=JobStatus.SUCCEEDED)
    right = same_bytes("x", b"abc", hashlib.sha256(b"abc").hexdigest())
    wrong, missing = same_bytes("x", b"abd", hashlib.sha256(b"abc").hexdigest()), same_bytes("x", None, "00")
    assert (right.passed, wrong.passed, missing.passed) == (True, False, False)
    assert Verdict(sample, job, (right,)).passed
    assert not Verdict(sample, job, (right, wrong)).passed
    assert not Verdict(sample, None, (Check(True, "x"),)).passed
