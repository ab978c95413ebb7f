"""Tokens from an OAuth 2.0 server: a code with PKCE (RFC 7636) by its login page, refresh, client credentials."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx

from fileferry.errors import FerryError

_MARGIN_SECONDS = 30
"""A token that ends so soon is not used any more."""


SCOPES = "openid fileferry/administer"
"""What the console asks for, too: the roles decide what its user may do."""


class LoginFailed(FerryError):
    """The server gave no token; the text says why. It holds neither password nor secret."""


@dataclass(frozen=True)
class Server:
    """Where an OAuth server's pages are; `url` without a slash at its end (Cognito: the user pool's domain)."""

    url: str

    @property
    def authorize(self) -> str:
        return f"{self.url}/oauth2/authorize"

    @property
    def token(self) -> str:
        return f"{self.url}/oauth2/token"

    @property
    def logout(self) -> str:
        return f"{self.url}/logout"


@dataclass(frozen=True)
class Tokens:
    """`expires_at` in seconds since 1970; a machine has no refresh token."""

    access_token: str
    expires_at: float
    refresh_token: str = ""

    @property
    def is_fresh(self) -> bool:
        return time.time() < self.expires_at - _MARGIN_SECONDS


@dataclass(frozen=True)
class CodeLogin:
    """A person at the login page of a public client."""

    client_id: str
    redirect_url: str
    username: str
    password: str
    scope: str = SCOPES


def code_login(http: httpx.Client, server: Server, asked: CodeLogin) -> Tokens:
    """What a browser does: the login page, its form, and the code for tokens. Raises LoginFailed."""
    verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    page = http.get(
        server.authorize,
        params={
            "response_type": "code",
            "client_id": asked.client_id,
            "redirect_uri": asked.redirect_url,
            "scope": asked.scope,
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        },
    )
    form = _form(page)
    fields = {**form.fields, "username": asked.username, "password": asked.password}
    code = _code(http.post(urljoin(str(page.url), form.action), data=fields), state)
    grant = {
        "grant_type": "authorization_code",
        "client_id": asked.client_id,
        "code": code,
        "redirect_uri": asked.redirect_url,
        "code_verifier": verifier,
    }
    return _tokens(http, server, grant)


def refreshed(http: httpx.Client, server: Server, client_id: str, tokens: Tokens) -> Tokens:
    """New tokens for the refresh token. Raises LoginFailed, when it is too old for example."""
    grant = {"grant_type": "refresh_token", "client_id": client_id, "refresh_token": tokens.refresh_token}
    return _tokens(http, server, grant)


def machine_login(http: httpx.Client, server: Server, client_id: str, secret: str, scope: str = "") -> Tokens:
    """A token by client credentials; without `scope` with all scopes that the client may have. Raises LoginFailed."""
    grant = {"grant_type": "client_credentials", **({"scope": scope} if scope else {})}
    return _tokens(http, server, grant, auth=(client_id, secret))


class _Form(HTMLParser):
    """The first form of a page: its action and its hidden fields."""

    def __init__(self) -> None:
        super().__init__()
        self.action: str | None = None
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "form" and self.action is None:
            self.action = values.get("action") or ""
        if tag == "input" and values.get("type") == "hidden" and values.get("name"):
            self.fields[str(values["name"])] = values.get("value") or ""


@dataclass(frozen=True)
class _Filled:
    action: str
    fields: Mapping[str, str]


def _form(page: httpx.Response) -> _Filled:
    parser = _Form()
    parser.feed(page.text)
    if not page.is_success or parser.action is None:
        raise LoginFailed(f"The login page answered {page.status_code}: {_said(page)}", where=_place(page))
    return _Filled(parser.action, parser.fields)


def _code(answer: httpx.Response, state: str) -> str:
    given = parse_qs(urlsplit(answer.headers.get("location", "")).query)
    if not answer.is_redirect or given.get("state") != [state] or "code" not in given:
        raise LoginFailed(
            "The login page took neither name nor password.", where=_place(answer), todo="look at `ferry status`."
        )
    return str(given["code"][0])


def _tokens(
    http: httpx.Client, server: Server, asked: Mapping[str, str], auth: tuple[str, str] | None = None
) -> Tokens:
    try:
        answer = http.post(server.token, data=dict(asked), auth=auth if auth else httpx.USE_CLIENT_DEFAULT)
    except httpx.TransportError as error:
        raise LoginFailed(f"The login server does not answer: {error}", where=server.token) from error
    if not answer.is_success:
        raise LoginFailed(f"The login server gave no token: {_said(answer)}", where=server.token, todo="log in anew.")
    given: dict[str, Any] = answer.json()
    expires_at = time.time() + float(given.get("expires_in", 300))
    kept = given.get("refresh_token") or asked.get("refresh_token", "")
    return Tokens(str(given["access_token"]), expires_at, str(kept))


def _said(answer: httpx.Response) -> str:
    """The server's error (RFC 6749, section 5.2), or the beginning of what it sent."""
    try:
        told = answer.json()
        return f"{told['error']} {told.get('error_description', '')}".strip()
    except (ValueError, KeyError, TypeError):
        return str(answer.text[:200])


def _place(answer: httpx.Response) -> str:
    """The address without the query, which may hold a code."""
    return str(answer.url.copy_with(query=None))
