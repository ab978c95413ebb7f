"""Who `ferry` is: what a login needs, what it keeps, and when it asks for a new token."""

from __future__ import annotations

import time
from pathlib import Path

import boto3
import pytest
from botocore.stub import Stubber

from local.api import Signed
from local.operator import login as logins
from local.operator.login import (
    HERE,
    Login,
    NoLogin,
    access_token,
    api_url,
    forget,
    given_token,
    keep,
    log_in,
    open_client,
    read_login,
    stack_login,
    url_login,
)
from local.operator.oauth import Tokens
from local.workspace import Workspace

API = "https://a1.execute-api.eu-west-1.amazonaws.com"
CLIENT = Login("client", "erp", url=API, login_url="https://login.example")
OUTPUTS = {"ApiUrl": API, "IamApiUrl": f"{API}/iam", "LoginUrl": "https://login.example"}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(home=tmp_path / ".ferry")


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")


def test_a_login_is_kept_for_its_owner_until_it_is_forgotten(workspace: Workspace) -> None:
    assert read_login(workspace) == HERE
    keep(workspace, CLIENT)
    assert read_login(workspace) == CLIENT
    assert (workspace.home / "login.json").stat().st_mode & 0o077 == 0
    forget(workspace)
    assert read_login(workspace) == HERE


def test_a_stack_tells_where_its_apis_are(monkeypatch: pytest.MonkeyPatch) -> None:
    client = boto3.client("cloudformation", "eu-west-1")
    monkeypatch.setattr("boto3.Session.client", lambda *_: client)
    outputs = [{"OutputKey": name, "OutputValue": value} for name, value in OUTPUTS.items()]
    stack = {"StackName": "ff", "CreationTime": "2026-01-01", "StackStatus": "CREATE_COMPLETE", "Outputs": outputs}
    with Stubber(client) as cloudformation:
        for _ in range(2):
            cloudformation.add_response("describe_stacks", {"Stacks": [stack]}, {"StackName": "ff"})
        cloudformation.add_client_error("describe_stacks", "ValidationError", "Stack other does not exist")
        signed, machine = stack_login("ff", "eu-west-1", ""), stack_login("ff", "eu-west-1", "", "erp")
        with pytest.raises(NoLogin, match="'other' cannot be read"):
            stack_login("other", "eu-west-1", "")

    assert (signed.kind, signed.url, signed.region) == ("signed", OUTPUTS["IamApiUrl"], "eu-west-1")
    assert (machine.kind, machine.name, machine.url) == ("client", "erp", OUTPUTS["ApiUrl"])
    assert machine.login_url == OUTPUTS["LoginUrl"]


def test_an_address_tells_its_region_unless_one_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    assert url_login(f"{API}/", "", "").region == "eu-west-1"
    assert url_login(API, "us-east-1", "").region == "us-east-1"
    assert url_login(f"{API}/", "", "").url == API
    with pytest.raises(NoLogin, match="region"):
        url_login("https://api.example", "", "")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    assert url_login("https://api.example", "", "").region == "eu-central-1"


def test_a_signed_login_needs_credentials(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    log_in(workspace, url_login(API, "", ""))
    assert isinstance(open_client(workspace)._auth, Signed)
    assert api_url(workspace) == API

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/none")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/none")
    with pytest.raises(NoLogin, match="no AWS credentials"):
        log_in(workspace, url_login(API, "", ""))


def test_a_token_is_asked_for_anew_when_it_is_about_to_end(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = iter([Tokens("first", time.time() + 20), Tokens("second", time.time() + 3600)])
    monkeypatch.setattr(logins, "_client_tokens", lambda _: next(given))

    log_in(workspace, CLIENT)

    assert access_token(workspace) == "second"
    assert access_token(workspace) == "second"
    assert read_login(workspace).access_token == "second"


def test_an_oauth_client_without_its_secret_is_told_where_it_belongs(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(logins.SECRET_VARIABLE, raising=False)
    with pytest.raises(NoLogin) as refused:
        log_in(workspace, CLIENT)
    assert logins.SECRET_VARIABLE in refused.value.todo


def test_a_token_comes_from_the_environment(workspace: Workspace) -> None:
    assert given_token({logins.TOKEN_VARIABLE: "t"}) == "t"
    with pytest.raises(NoLogin, match="no token"):
        given_token({})
    log_in(workspace, Login("token", "", url=API, access_token="t"))
    assert (access_token(workspace), api_url(workspace)) == ("t", API)


def test_the_local_account_has_no_token(workspace: Workspace) -> None:
    with pytest.raises(NoLogin, match="no token"):
        access_token(workspace)
