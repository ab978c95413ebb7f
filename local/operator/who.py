"""`ferry login` and `ferry logout`: who the other commands are to the API."""

from __future__ import annotations

from typing import Annotated

import typer

from .output import AsJson, print_json, told_apart


def login(
    who: Annotated[
        str,
        typer.Argument(help="Someone of the demo: platform-admin, tenant-admin, operator, viewer, machine or account."),
    ] = "",
    stack: Annotated[str, typer.Option("--stack", help="A stack on AWS, found with your AWS credentials.")] = "",
    url: Annotated[
        str, typer.Option("--url", help="The API's address instead: IamApiUrl, or ApiUrl for a token.")
    ] = "",
    region: Annotated[str, typer.Option("--region", help="Of stack or address; else your profile's.")] = "",
    profile: Annotated[str, typer.Option("--profile", help="Of your AWS configuration.")] = "",
    client_id: Annotated[
        str, typer.Option("--client-id", help="An OAuth client; its secret is read from FERRY_CLIENT_SECRET.")
    ] = "",
    login_url: Annotated[
        str, typer.Option("--login-url", help="Of the OAuth server, with --url and --client-id.")
    ] = "",
    token: Annotated[bool, typer.Option("--token", help="With --url: take the access token in FERRY_TOKEN.")] = False,
    show: Annotated[bool, typer.Option("--show", help="Only tell who you are.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say who `ferry` is to the API: someone of the demo here, or you on AWS (SigV4, an OAuth client, a token)."""
    from local.workspace import read_workspace

    from .login import Login, given_token, log_in, read_login, stack_login, url_login

    if sum(map(bool, (who, stack, url))) != (0 if show else 1):
        raise typer.BadParameter("give someone of the demo, --stack, or --url")
    with told_apart():
        workspace = read_workspace()
        if show:
            found = read_login(workspace)
        elif who:
            found = log_in(workspace, Login("here", who))
        elif stack:
            found = log_in(workspace, stack_login(stack, region, profile, client_id))
        elif token:
            found = log_in(workspace, Login("token", "", url=url.rstrip("/"), access_token=given_token()))
        elif client_id:
            found = log_in(workspace, Login("client", client_id, url=url.rstrip("/"), login_url=login_url))
        else:
            found = log_in(workspace, url_login(url, region, profile))
        if as_json:
            print_json({"kind": found.kind, "name": found.name, "url": found.url, "expires_at": found.expires_at})
        else:
            typer.echo(f"You are {found.as_text()}.")


def logout() -> None:
    """Forget the login; `ferry` is the local account again."""
    from local.workspace import read_workspace

    from .login import forget

    with told_apart():
        forget(read_workspace())
        typer.echo("Logged out.")


def url(
    iam: Annotated[bool, typer.Option("--iam", help="Of the API that takes signed requests.")] = False,
) -> None:
    """Print the API's address: where you are logged in, or of the system on this machine."""
    from local.workspace import read_workspace

    from .login import api_url

    with told_apart():
        typer.echo(api_url(read_workspace(), signed=iam))


def token() -> None:
    """Print an access token of whoever is logged in, for `curl` and the like; it is valid for an hour at most."""
    from local.workspace import read_workspace

    from .login import access_token

    with told_apart():
        typer.echo(access_token(read_workspace()))
