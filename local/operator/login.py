"""Who `ferry` is to the API: kept in `.ferry/login.json`, and the local account when nobody logged in."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import boto3
import httpx
from botocore.credentials import Credentials
from botocore.exceptions import BotoCoreError, ClientError

from fileferry.errors import FerryError
from local.api import Api, Bearer, Client, Signed, local_url
from local.demo.people import Identities, read_identities
from local.stack import open_stack
from local.workspace import Workspace

from .oauth import CodeLogin, LoginFailed, Server, Tokens, code_login, machine_login, refreshed

ACCOUNT, MACHINE = "account", "machine"
SECRET_VARIABLE = "FERRY_CLIENT_SECRET"  # noqa: S105 - a variable's name
TOKEN_VARIABLE = "FERRY_TOKEN"  # noqa: S105 - a variable's name
_SECONDS = 30.0


class NoLogin(FerryError):
    """There is nobody to log in as, or no credentials for it."""


@dataclass(frozen=True)
class Login:
    """`here`: someone of the demo on this machine; `signed`: the AWS credential chain; `token`: one that was given;
    `client`: an OAuth client whose secret is in the environment. Neither password nor secret is kept.
    """

    kind: Literal["here", "signed", "token", "client"]
    name: str = ACCOUNT
    url: str = ""
    region: str = ""
    profile: str = ""
    login_url: str = ""
    access_token: str = ""
    refresh_token: str = ""
    expires_at: float = 0.0

    @property
    def tokens(self) -> Tokens:
        return Tokens(self.access_token, self.expires_at, self.refresh_token)

    def with_tokens(self, tokens: Tokens) -> Login:
        return replace(
            self,
            access_token=tokens.access_token,
            refresh_token=tokens.refresh_token,
            expires_at=tokens.expires_at,
        )

    def as_text(self) -> str:
        """Who it is, for people."""
        if self.kind == "here":
            return "the local account (SigV4, platform admin)" if self.name == ACCOUNT else f"{self.name} of the demo"
        how = {"signed": f"SigV4, profile {self.profile or 'default'}", "token": "a token", "client": "OAuth client"}
        return f"{how[self.kind]} {self.name if self.kind == 'client' else ''}".strip() + f" at {self.url}"


HERE = Login("here")


def read_login(workspace: Workspace) -> Login:
    """The login that is kept, or the local account."""
    try:
        return Login(**json.loads(_file(workspace).read_text()))
    except FileNotFoundError:
        return HERE


def forget(workspace: Workspace) -> None:
    """Log out: the local account again."""
    _file(workspace).unlink(missing_ok=True)


def log_in(workspace: Workspace, login: Login) -> Login:
    """Get tokens where the login needs them, and keep it. Raises NoLogin, LoginFailed, NoDemoPeople."""
    if login.kind == "here" and login.name != ACCOUNT:
        login = login.with_tokens(_demo_tokens(workspace, login))
    elif login.kind == "client":
        login = login.with_tokens(_client_tokens(login))
    elif login.kind == "signed":
        _credentials(login)()
    keep(workspace, login)
    return login


def keep(workspace: Workspace, login: Login) -> None:
    file = _file(workspace)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_text(json.dumps(asdict(login), indent=2) + "\n")


def open_client(workspace: Workspace) -> Client:
    """The API as whoever is logged in. Raises NotRunning, NoLogin, LoginFailed."""
    login = read_login(workspace)
    if login == HERE:
        return Api(open_stack(workspace))
    if login.kind == "signed":
        return Client(login.url, Signed(_credentials(login), login.region))
    return Client(api_url(workspace), Bearer(_token_source(workspace, login)))


def api_url(workspace: Workspace, *, signed: bool = False) -> str:
    """The API's address where the login is; on this machine the one that takes tokens, or signed requests."""
    login = read_login(workspace)
    if login.kind != "here":
        return login.url
    stack = open_stack(workspace)
    return local_url(stack["IamApiUrl" if signed else "ApiUrl"], stack.emulator.endpoint)


def access_token(workspace: Workspace) -> str:
    """A token that is valid now. Raises NoLogin for a login without one."""
    return _token_source(workspace, read_login(workspace))()


def _token_source(workspace: Workspace, login: Login) -> Callable[[], str]:
    """Gives the access token of a login, a new one when it is time. Raises NoLogin for a login without any."""
    if login.kind == "token":
        return lambda: login.access_token
    if login.kind == "client":
        return _renewed(workspace, login, lambda: _client_tokens(login))
    if login.kind == "here" and login.name != ACCOUNT:
        return _renewed(workspace, login, lambda: _demo_tokens(workspace, login))
    raise NoLogin(f"There is no token: you are {login.as_text()}.", todo="log in as someone: `ferry login`.")


def stack_login(stack: str, region: str, profile: str, client_id: str = "") -> Login:
    """A login at a stack on AWS: signed, or as one of its OAuth clients. Raises NoLogin."""
    try:
        session = boto3.Session(profile_name=profile or None, region_name=region or None)
        found = session.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    except (BotoCoreError, ClientError) as error:
        raise NoLogin(f"Stack {stack!r} cannot be read: {error}", todo="check region and credentials.") from error
    outputs = {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}
    place = replace(Login("signed", ""), region=str(session.region_name or ""), profile=profile)
    if client_id:
        login_url = outputs.get("LoginUrl", "")
        return replace(place, kind="client", name=client_id, url=outputs["ApiUrl"], login_url=login_url)
    return replace(place, url=outputs["IamApiUrl"])


def url_login(url: str, region: str, profile: str) -> Login:
    """A signed login at an address; the region is the given one, the address's, or the profile's. Raises NoLogin."""
    host = urlsplit(url).hostname or ""
    named = re.search(r"\.execute-api\.([a-z0-9-]+)\.amazonaws\.", host)
    found = region or (named[1] if named else "") or boto3.Session(profile_name=profile or None).region_name
    if not found:
        raise NoLogin("The address does not tell its region.", where=url, todo="give --region.")
    return Login("signed", "", url=url.rstrip("/"), region=found, profile=profile)


def _renewed(workspace: Workspace, login: Login, renew: Callable[[], Tokens]) -> Callable[[], str]:
    """The access token, a new one when the kept one is too old."""
    current = login

    def token() -> str:
        nonlocal current
        if not current.tokens.is_fresh:
            current = current.with_tokens(renew())
            keep(workspace, current)
        return current.access_token

    return token


def _demo_tokens(workspace: Workspace, login: Login) -> Tokens:
    identities = read_identities(workspace)
    server = Server(identities.login_url)
    with httpx.Client(timeout=_SECONDS) as http:
        if login.name == MACHINE:
            return machine_login(http, server, identities.machine_client_id, identities.machine_secret)
        if login.refresh_token:
            try:
                return refreshed(http, server, identities.console_client_id, login.tokens)
            except LoginFailed:
                pass  # too old, or of a user pool that is no more
        return code_login(http, server, _at_the_login_page(identities, login.name))


def _at_the_login_page(identities: Identities, name: str) -> CodeLogin:
    person = identities.people.get(name)
    if person is None:
        known = ", ".join((*identities.people, MACHINE, ACCOUNT))
        raise NoLogin(f"The demo has nobody called {name!r}.", todo=f"take one of {known}.")
    return CodeLogin(identities.console_client_id, identities.redirect_url, person.username, person.password)


def _client_tokens(login: Login) -> Tokens:
    secret = os.environ.get(SECRET_VARIABLE)
    if not secret or not login.login_url:
        raise NoLogin(
            f"The secret of OAuth client {login.name!r}, or the address of its login server, is missing.",
            todo=f"set {SECRET_VARIABLE}, and give --login-url where the stack has no user pool of its own.",
        )
    with httpx.Client(timeout=_SECONDS) as http:
        return machine_login(http, Server(login.login_url.rstrip("/")), login.name, secret)


def _credentials(login: Login) -> Callable[[], Credentials]:
    """The chain's credentials, asked for at each request, since some expire. Raises NoLogin when there are none."""
    found = boto3.Session(profile_name=login.profile or None).get_credentials()
    if found is None:
        raise NoLogin("There are no AWS credentials.", todo="set AWS_PROFILE, or log in with `aws sso login`.")

    def credentials() -> Credentials:
        frozen: Any = found.get_frozen_credentials()
        return Credentials(frozen.access_key, frozen.secret_key, frozen.token)

    return credentials


def _file(workspace: Workspace) -> Path:
    return workspace.home / "login.json"


def given_token(environment: Mapping[str, str] = os.environ) -> str:
    """The token in the environment, so that it need not stand in a command line. Raises NoLogin."""
    token = environment.get(TOKEN_VARIABLE, "")
    if not token:
        raise NoLogin("There is no token.", todo=f"set {TOKEN_VARIABLE}, or give --token.")
    return token
