"""Who is let in, with real tokens and signatures, on the deployed APIs: 401, 403 and the access log."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import boto3
import httpx
import pytest
from botocore.credentials import Credentials
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from local.api import Api, Bearer, Client, Signed, local_url
from local.demo.people import MACHINE_RECORD, Identities, read_identities
from local.demo.tenant import TENANT
from local.operator.login import HERE, log_in, read_login
from local.operator.oauth import CodeLogin, LoginFailed, Server, code_login, machine_login, refreshed
from local.temporary import System
from local.workspace import Workspace

OTHER = "globex"
VIEWED = f"/v1/tenants/{TENANT}/users"
ADMINISTERED = f"/v1/tenants/{TENANT}/clients"
Caller = Callable[[str], Client]


@pytest.fixture(scope="module")
def identities(system: System) -> Identities:
    return read_identities(system.workspace)


@pytest.fixture(scope="module")
def server(identities: Identities) -> Server:
    return Server(identities.login_url)


@pytest.fixture(scope="module")
def url(system: System) -> str:
    """Of the API that takes tokens."""
    return local_url(system.stack["ApiUrl"], system.stack.emulator.endpoint)


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=30) as client:
        yield client


@pytest.fixture(scope="module")
def person(url: str, identities: Identities, server: Server, http: httpx.Client) -> Caller:
    """`person(name, scope)`: the API as someone of the demo, who went through the login page."""

    def logged_in(name: str, scope: str = "openid fileferry/administer") -> Client:
        someone = identities.people[name]
        asked = CodeLogin(
            identities.console_client_id, identities.redirect_url, someone.username, someone.password, scope
        )
        tokens = code_login(http, server, asked)
        return Client(url, Bearer(lambda: tokens.access_token))

    return logged_in


@pytest.fixture(scope="module")
def machine(url: str, identities: Identities, server: Server, http: httpx.Client) -> Caller:
    """`machine(scope)`: the API as the demo's OAuth client."""

    def logged_in(scope: str) -> Client:
        tokens = machine_login(http, server, identities.machine_client_id, identities.machine_secret, scope)
        return Client(url, Bearer(lambda: tokens.access_token))

    return logged_in


@pytest.fixture(scope="module", autouse=True)
def other_tenant(system: System) -> None:
    Api(system.stack).put_or_create("/v1/tenants", OTHER, {"name": "Globex"})


def status(client: Client, method: str, path: str, body: dict[str, Any] | None = None) -> int:
    return client.send(method, path, body).status_code


def with_token(url: str, token: str) -> int:
    return status(Client(url, Bearer(lambda: token)), "GET", VIEWED)


def claims_of(token: str) -> dict[str, Any]:
    return dict(json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "==")))


def signed(system: System, claims: dict[str, Any]) -> str:
    """A token that the user pool itself might have made: signed with its key for access tokens."""
    folder = system.workspace.home / "state" / "cognito-pool-keys"
    key = serialization.load_pem_private_key((folder / f"{system.stack['UserPoolId']}-access.pem").read_bytes(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    keys = httpx.get(f"{system.stack.emulator.endpoint}/{system.stack['UserPoolId']}/.well-known/jwks.json").json()
    header = {"alg": "RS256", "kid": keys["keys"][0]["kid"]}
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, claims)]
    signature = key.sign(b".".join(parts), padding.PKCS1v15(), hashes.SHA256())
    return b".".join([*parts, base64.urlsafe_b64encode(signature).rstrip(b"=")]).decode()


@pytest.fixture(scope="module")
def token(identities: Identities, server: Server, http: httpx.Client) -> str:
    """A good access token."""
    return machine_login(http, server, identities.machine_client_id, identities.machine_secret).access_token


def test_nobody_gets_in_without_a_token(url: str) -> None:
    for method, path in (
        ("GET", VIEWED),
        ("PUT", f"/v1/tenants/{TENANT}"),
        ("GET", "/v1/none"),
        ("GET", "/v1/tenants"),
    ):
        assert httpx.request(method, f"{url}{path}").status_code == 401


def test_a_token_is_taken_only_as_it_was_made(system: System, url: str, token: str) -> None:
    good = claims_of(token)
    assert with_token(url, token) == with_token(url, signed(system, good)) == 200

    assert with_token(url, token[:-8] + ("A" * 8 if token[-8:] != "A" * 8 else "B" * 8)) == 401
    assert with_token(url, signed(system, {**good, "exp": int(time.time()) - 1})) == 401
    assert with_token(url, signed(system, {**good, "client_id": "another"})) == 401
    assert with_token(url, signed(system, {**good, "aud": "another"})) == 401
    assert with_token(url, signed(system, {**good, "iss": good["iss"] + "x"})) == 401
    assert with_token(url, "a.b.c") == 401


def test_a_token_of_another_client_of_the_pool_is_for_another_audience(
    system: System, url: str, server: Server, http: httpx.Client
) -> None:
    pool = system.stack.cognito
    made = pool.create_user_pool_client(
        UserPoolId=system.stack["UserPoolId"],
        ClientName="stranger",
        GenerateSecret=True,
        AllowedOAuthFlows=["client_credentials"],
        AllowedOAuthScopes=["fileferry/administer"],
        AllowedOAuthFlowsUserPoolClient=True,
    )["UserPoolClient"]
    try:
        tokens = machine_login(http, server, made["ClientId"], made["ClientSecret"])
        assert with_token(url, tokens.access_token) == 401
    finally:
        pool.delete_user_pool_client(UserPoolId=system.stack["UserPoolId"], ClientId=made["ClientId"])


@pytest.mark.parametrize(
    ("name", "viewed", "listed", "written", "foreign"),
    [
        ("viewer", 200, 403, 403, 403),
        ("operator", 200, 403, 403, 403),
        ("tenant-admin", 200, 200, 403, 403),
        ("platform-admin", 200, 200, 200, 200),
    ],
)
def test_a_role_holds_in_its_tenant(
    person: Caller, name: str, viewed: int, listed: int, written: int, foreign: int
) -> None:
    caller = person(name)
    spec = caller.call("GET", f"/v1/tenants/{TENANT}")

    assert status(caller, "GET", VIEWED) == viewed
    assert status(caller, "GET", ADMINISTERED) == listed
    assert status(caller, "PUT", f"/v1/tenants/{TENANT}", spec) == written
    for path in ("users", "routes", "destinations", "jobs", "clients"):
        assert status(caller, "GET", f"/v1/tenants/{OTHER}/{path}") == foreign
    assert status(caller, "GET", f"/v1/tenants/{OTHER}") == foreign


def test_a_persons_token_of_few_scopes_is_worth_little(person: Any) -> None:
    caller = person("tenant-admin", "fileferry/read")

    assert (status(caller, "GET", VIEWED), status(caller, "GET", ADMINISTERED)) == (200, 403)


def test_a_refreshed_token_has_the_roles_of_the_first(
    url: str, identities: Identities, server: Server, http: httpx.Client
) -> None:
    someone = identities.people["tenant-admin"]
    client_id = identities.console_client_id
    first = code_login(http, server, CodeLogin(client_id, identities.redirect_url, someone.username, someone.password))

    again = refreshed(http, server, client_id, first)

    assert again.access_token != first.access_token
    assert status(Client(url, Bearer(lambda: again.access_token)), "GET", ADMINISTERED) == 200


def test_an_id_token_gives_no_access(
    system: System, url: str, identities: Identities, server: Server, http: httpx.Client
) -> None:
    someone = identities.people["platform-admin"]
    asked = CodeLogin(
        identities.console_client_id, identities.redirect_url, someone.username, someone.password, "openid"
    )
    access = claims_of(code_login(http, server, asked).access_token)
    claims = {**access, "token_use": "id", "aud": access["client_id"]}
    assert with_token(url, signed(system, claims)) == 401


def test_a_wrong_password_gets_no_token(identities: Identities, server: Server, http: httpx.Client) -> None:
    asked = CodeLogin(identities.console_client_id, identities.redirect_url, "viewer", "Wrong-Password-0")
    with pytest.raises(LoginFailed, match="took neither"):
        code_login(http, server, asked)
    with pytest.raises(LoginFailed, match="invalid_client"):
        machine_login(http, server, identities.machine_client_id, "wrong")


def test_a_machine_may_what_record_and_scopes_both_allow(system: System, machine: Caller) -> None:
    assert status(machine("fileferry/read"), "GET", VIEWED) == 200
    assert status(machine("fileferry/configure"), "GET", ADMINISTERED) == 403
    assert status(machine("fileferry/configure"), "GET", f"/v1/tenants/{OTHER}/users") == 403

    record = Api(system.stack).call("GET", f"{ADMINISTERED}/{MACHINE_RECORD}")
    assert record["role"] == "tenant-operator"


def test_a_machine_that_was_disabled_is_out_within_seconds(system: System, machine: Caller) -> None:
    admin, address = Api(system.stack), f"{ADMINISTERED}/{MACHINE_RECORD}"
    record = admin.call("GET", address)
    caller = machine("fileferry/read")
    try:
        admin.call("PUT", address, {**record, "enabled": False})
        ends = time.monotonic() + 15
        while status(caller, "GET", VIEWED) != 403:
            assert time.monotonic() < ends
            time.sleep(0.5)
    finally:
        admin.call("PUT", address, {**record, "enabled": True})


@pytest.fixture
def iam_user(system: System) -> Iterator[Callable[[str], Credentials]]:
    """`iam_user(name)`: keys of a user that may invoke the API, and of whom Fileferry knows nothing."""
    environment, made = system.stack.emulator.environment(), []
    iam = boto3.client(
        "iam",
        endpoint_url=system.stack.emulator.endpoint,
        region_name=system.stack.emulator.region,
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
    )
    allow = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}

    def create(name: str) -> Credentials:
        iam.create_user(UserName=name)
        iam.put_user_policy(
            UserName=name,
            PolicyName="invoke",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allow]}),
        )
        key = iam.create_access_key(UserName=name)["AccessKey"]
        made.append((name, key["AccessKeyId"]))
        return Credentials(key["AccessKeyId"], key["SecretAccessKey"])

    yield create
    for name, key in made:
        iam.delete_access_key(UserName=name, AccessKeyId=key)
        iam.delete_user_policy(UserName=name, PolicyName="invoke")
        iam.delete_user(UserName=name)


def of_signature(system: System, credentials: Credentials) -> Client:
    url = local_url(system.stack["IamApiUrl"], system.stack.emulator.endpoint)
    return Client(url, Signed(lambda: credentials, system.stack.emulator.region))


def test_signed_requests_need_a_known_key_its_secret_and_a_role(
    system: System, iam_user: Callable[[str], Credentials]
) -> None:
    credentials = iam_user("erp-unknown")

    assert httpx.get(f"{Api(system.stack).url}{VIEWED}").status_code == 403
    assert status(Api(system.stack), "GET", VIEWED) == 200
    assert status(of_signature(system, credentials), "GET", VIEWED) == 403
    assert status(of_signature(system, Credentials(credentials.access_key, "wrong")), "GET", VIEWED) == 403
    assert status(of_signature(system, Credentials("AKIAUNKNOWN", "x")), "GET", VIEWED) == 403


def test_an_iam_user_may_what_its_record_says(system: System, iam_user: Callable[[str], Credentials]) -> None:
    caller = of_signature(system, iam_user("erp-known"))
    principal = f"arn:aws:iam::{system.stack.emulator.account_id}:user/erp-known"
    admin = Api(system.stack)

    admin.put_or_create(ADMINISTERED, "erp-known", {"principal": principal, "role": "tenant-viewer"})

    assert status(caller, "GET", VIEWED) == 200
    assert status(caller, "GET", f"{VIEWED}?limit=1") == 200
    assert status(caller, "GET", ADMINISTERED) == 403
    assert status(caller, "GET", f"/v1/tenants/{OTHER}/users") == 403
    assert status(admin, "POST", f"/v1/tenants/{OTHER}/clients", {"id": "erp", "principal": principal}) == 409


def test_a_token_is_nothing_to_the_api_for_signatures(system: System, token: str) -> None:
    assert with_token(local_url(system.stack["IamApiUrl"], system.stack.emulator.endpoint), token) == 403


def test_the_access_logs_tell_who_called(system: System, url: str, person: Caller) -> None:
    answer = person("viewer").send("GET", VIEWED)
    refused = httpx.get(f"{url}{VIEWED}")
    signed_answer = Api(system.stack).send("GET", VIEWED)

    tokens, signatures = (lines(system, kind) for kind in ("token", "iam"))
    seen, unseen = (tokens[each.headers["apigw-requestid"]] for each in (answer, refused))
    assert (seen["status"], seen["path"]) == ("200", VIEWED)
    assert seen["caller"] == claims_of(answer.request.headers["authorization"])["sub"]
    assert (unseen["status"], unseen["caller"]) == ("401", "-")
    assert signatures[signed_answer.headers["apigw-requestid"]]["caller"].endswith(":root")


def lines(system: System, kind: str) -> dict[str, dict[str, str]]:
    """Lines of an API's access log by request id."""
    pages = system.stack.logs.get_paginator("filter_log_events").paginate(
        logGroupName=f"/aws/vendedlogs/api/fileferry-{kind}", startTime=int((time.time() - 60) * 1000)
    )
    found = [json.loads(event["message"]) for page in pages for event in page["events"]]
    return {line["id"]: line for line in found}


def test_ferry_keeps_neither_password_nor_secret(system: System, identities: Identities, tmp_path: Any) -> None:
    workspace: Workspace = system.workspace
    before = read_login(workspace)
    try:
        for name in ("operator", "machine"):
            kept = log_in(workspace, replace(HERE, name=name))
            text = (workspace.home / "login.json").read_text()
            assert kept == read_login(workspace)
            assert identities.machine_secret not in text
            assert not [person for person in identities.people.values() if person.password in text]
            assert (workspace.home / "login.json").stat().st_mode & 0o077 == 0
    finally:
        log_in(workspace, before)
