"""A tenant's OpenPGP key rotates on the deployed system while files come."""

from __future__ import annotations

import uuid
from typing import Any

import pysequoia

from fileferry.model.job import JobStatus
from tests.trials import TENANT, Trials, unique

RINGS = f"/v1/tenants/{TENANT}/key-rings"
CONTENT = b"id,amount\n1,2\n"


def encrypted(certificate: str) -> bytes:
    recipient = pysequoia.Cert.from_bytes(certificate.encode())
    return bytes(pysequoia.encrypt(CONTENT, recipients=[recipient], armor=False))


def new_key(trials: Trials, ring: str, label: str) -> dict[str, Any]:
    body = {"generate": {"user_id": f"{label} <files@trials.example>", "valid_days": 90}, "label": label}
    answer = trials.api.call("POST", f"{RINGS}/{ring}/keys", body)
    return next(key for key in answer["keys"] if key["label"] == label)


def test_files_for_the_old_and_the_new_key_pass_while_a_key_rotates(trials: Trials) -> None:
    ring = f"ring-{uuid.uuid4().hex[:8]}"
    trials.api.put_or_create(RINGS, ring, {"description": "Files from the bank"})
    old = new_key(trials, ring, "old")
    trials.write_route("sealed", transform=[{"op": "decrypt", "key_ring": ring}])
    revision = trials.api.call("GET", f"/v1/tenants/{TENANT}/routes/sealed")["revision"]

    paths: list[str] = []

    def send(*keys: dict[str, Any]) -> None:
        files = {f"sealed/{unique('orders.csv.pgp')}": encrypted(key["certificate"]) for key in keys}
        trials.send(files)
        paths.extend(files)

    send(old, old)
    new = new_key(trials, ring, "new")
    send(old, new)
    retired = trials.api.call("POST", f"{RINGS}/{ring}/keys/{old['fingerprint']}/retire", {"at": "2999-01-01"})
    assert [key["state"] for key in retired["keys"]] == ["valid", "valid"]
    send(new, old)
    for path in paths:
        job = trials.ended(path)
        assert job.status is JobStatus.SUCCEEDED, trials.everything_about(job, "transform")
        assert trials.delivered(job.filename.removesuffix(".pgp")) == CONTENT
        assert job.revision == revision
        assert "PRIVATE KEY" not in trials.everything_about(job, "transform")

    trials.api.call("POST", f"{RINGS}/{ring}/keys/{old['fingerprint']}/retire", {})
    path = f"sealed/{unique('late.csv.pgp')}"
    trials.send({path: encrypted(old["certificate"])})
    assert trials.ended(path).status is JobStatus.QUARANTINED
