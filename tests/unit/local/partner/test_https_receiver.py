"""The partner's HTTPS receiver, called over TLS as the deliver task calls it."""

from __future__ import annotations

import hashlib
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from fileferry.destinations.signing import content_digest, signature, stated_sha256
from local.partner.account import Account, https_folder, open_account
from local.partner.https_receiver import serve

BODY = b"eleven bytes"


@pytest.fixture
def account(tmp_path: Path) -> Account:
    return open_account(tmp_path)


@pytest.fixture
def client(account: Account, tmp_path: Path) -> Iterator[httpx.Client]:
    server = serve(account, https_folder(tmp_path))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    trust = ssl.create_default_context(cadata=account.authority)
    with httpx.Client(base_url=f"https://localhost:{account.https_port}", verify=trust) as client:
        yield client
    server.shutdown()
    server.server_close()


def put(client: httpx.Client, account: Account, path: str, body: bytes = BODY, **changes: str) -> httpx.Response:
    sha256 = hashlib.sha256(body).hexdigest()
    headers = {
        "idempotency-key": "job-1-partner",
        "content-digest": content_digest(sha256),
        "x-fileferry-signature": signature(account.hmac_secret, sha256, int(time.time())),
        **{name.replace("_", "-"): value for name, value in changes.items()},
    }
    return client.put(path, content=body, headers=headers)


def test_a_signed_body_is_stored_and_its_digest_stated(client: httpx.Client, account: Account, tmp_path: Path) -> None:
    answer = put(client, account, "/in/a%2Bb%20%2541%20%C3%BC.csv")
    assert answer.status_code == 201
    assert stated_sha256(answer.headers["repr-digest"]) == hashlib.sha256(BODY).hexdigest()
    assert (https_folder(tmp_path) / "in" / "a+b %41 ü.csv").read_bytes() == BODY


def test_a_repeat_under_the_same_key_makes_no_second_resource(client: httpx.Client, account: Account) -> None:
    assert put(client, account, "/in/a.csv").status_code == 201
    assert put(client, account, "/in/a.csv").status_code == 200
    assert put(client, account, "/in/b.csv").status_code == 422
    assert client.head("/in/b.csv").status_code == 404


def test_an_existing_file_is_not_overwritten_where_the_sender_forbids_it(
    client: httpx.Client, account: Account
) -> None:
    assert put(client, account, "/in/a.csv").status_code == 201
    assert put(client, account, "/in/a.csv", b"other", idempotency_key="k2", if_none_match="*").status_code == 412
    assert int(client.head("/in/a.csv").headers["content-length"]) == len(BODY)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"x_fileferry_signature": "t=1,v1=00"}, 401),
        ({"x_fileferry_signature": ""}, 401),
        ({"content_digest": content_digest("00" * 32)}, 400),
        ({"idempotency_key": ""}, 400),
    ],
)
def test_what_is_not_ours_is_refused_and_leaves_nothing(
    client: httpx.Client, account: Account, tmp_path: Path, changes: dict[str, str], status: int
) -> None:
    assert put(client, account, "/in/a.csv", **changes).status_code == status
    assert not [file for file in https_folder(tmp_path).rglob("*") if file.is_file()]


def test_a_signature_of_another_body_is_refused(client: httpx.Client, account: Account) -> None:
    other = signature(account.hmac_secret, hashlib.sha256(b"other").hexdigest(), int(time.time()))
    assert put(client, account, "/in/a.csv", x_fileferry_signature=other).status_code == 401


@pytest.mark.parametrize("path", ["/in/%2E%2E/x", "/in/..%2Fx", "/.receipts/x", "/in//x"])
def test_a_path_that_leads_elsewhere_is_refused(client: httpx.Client, account: Account, path: str) -> None:
    assert put(client, account, path).status_code == 400
