"""`ferry console …`: build the console, run npm in its folder, bring it to AWS."""

from __future__ import annotations

import os
import subprocess
from typing import Annotated

import typer

from local.console import console, stage
from local.ending import told
from local.workspace import read_workspace

from .build import NoNode, built, folder, with_packages

app = typer.Typer(no_args_is_help=True, help="The web console.")
_PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


@app.command()
def build() -> None:
    """Build the console, if its sources changed; a server of `ferry up` serves it at once."""
    with told():
        console.print(f"The console is built: {built(read_workspace())}", markup=False)


@app.command(context_settings=_PASSED_ON)
def npm(
    context: typer.Context,
    if_node: Annotated[bool, typer.Option("--if-node", help="Without Node say so, and end well.")] = False,
) -> None:
    """Run npm in the console's folder, after its packages were installed: `ferry console npm run lint`."""
    with told():
        workspace = read_workspace()
        try:
            with_packages(workspace)
        except NoNode as error:
            if not if_node:
                raise
            console.print(f"Left out: `npm {' '.join(context.args)}`. {error.what}", markup=False, style="yellow")
            return
        environment = {**os.environ, "FERRY_HOME": str(workspace.home)}
        command = ["npm", *context.args]
        done = subprocess.run(command, cwd=folder(workspace.root), check=False, env=environment)  # noqa: S603 - ours
        raise typer.Exit(done.returncode)


@app.command()
def deploy(
    stack: Annotated[str, typer.Option(help="Name of the stack on AWS.")] = "fileferry",
    region: Annotated[str, typer.Option(help="Its region; the profile's unless given.")] = "",
    profile: Annotated[str, typer.Option(help="Profile of your AWS credentials.")] = "",
    client_id: Annotated[str, typer.Option(help="Client id of the console at an issuer of your own.")] = "",
) -> None:
    """Build the console and bring it to the stack's bucket and distribution on AWS."""
    import boto3

    from .deploy import bring, console_config, read_outputs, told_address, uploads

    with told():
        session = boto3.Session(profile_name=profile or None, region_name=region or None)
        outputs = read_outputs(session, stack)
        config = console_config(outputs, str(session.region_name), client_id)
        pages = built(read_workspace())
        with stage("Bringing the pages to the bucket"):
            bring(session, outputs, uploads(pages, config))
        if "ConsoleClientId" in outputs:
            with stage("Telling the user pool the console's address"):
                told_address(session, stack, outputs["ConsoleUrl"])
        console.print(f"The console is at {outputs['ConsoleUrl']}", markup=False)
