"""The `ferry` command: the whole system on this machine."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import Annotated

import typer

from local.console import console
from local.ending import told
from local.operator import (
    actions,
    bulk,
    clients,
    destinations,
    expectations,
    jobs,
    key_rings,
    routes,
    subscriptions,
    tenants,
    users,
)
from local.operator.audit import audit
from local.operator.explain import explain
from local.operator.tail import tail
from local.operator.who import login, logout, token, url
from local.web_console import commands as web_console
from local.workspace import read_workspace

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
Seconds = Annotated[float, typer.Option("--timeout", help="Seconds within which the files must come to their end.")]


@app.command()
def up() -> None:
    """Start the emulator, build, deploy and seed; on a running system: bring it up to date."""
    from local.console import stage
    from local.demo.people import seed_people
    from local.demo.seed import seed
    from local.deployment import deploy, start_emulator
    from local.partner.servers import start_partner
    from local.sam_local import write_env_vars
    from local.status import print_people
    from local.web_console.process import start_console
    from local.worker_process import start_worker

    with told():
        workspace = read_workspace()
        emulator = start_emulator(workspace)
        stack = deploy(workspace, emulator)
        with stage("Starting the worker with its task's role"):
            start_worker(workspace, stack)
        with stage("Starting the partner's SFTP server and HTTPS receiver"):
            partner = start_partner(workspace)
        with stage("Seeding the demo tenant through the API"):
            written = seed(workspace, stack, partner.account)
        with stage("Seeding the demo's people"):
            people = seed_people(workspace, stack)
        write_env_vars(workspace, stack)
        address = start_console(workspace, stack)
        print_people(people, address)
        console.print(f"The system is up at {emulator.endpoint}; {written} records written.", markup=False)


@app.command()
def demo(timeout: Seconds = 300.0) -> None:
    """Send the sample files by SFTP, follow them, and compare what arrived by SHA-256."""
    from local.demo.events import write_task_events
    from local.demo.run import run_demo
    from local.demo.summary import print_places, print_verdicts
    from local.stack import open_stack

    with told():
        workspace = read_workspace()
        stack = open_stack(workspace)
        verdicts = run_demo(workspace, stack, timeout)
        if verdicts[0].job:
            write_task_events(workspace, verdicts[0].job)
        print_verdicts(verdicts)
        print_places(workspace, stack)
        if not all(verdict.passed for verdict in verdicts):
            raise typer.Exit(1)


@app.command()
def send(
    files: Annotated[list[Path], typer.Argument(help="Files to send.")],
    user: Annotated[str, typer.Option(help="One of the demo tenant's SFTP users.")] = "orders-inc",
    folder: Annotated[str, typer.Option(help="Folder on the server, by which the routes choose.")] = "files",
    timeout: Seconds = 300.0,
) -> None:
    """Send files by SFTP and follow them to their end."""
    from local.send import send_files
    from local.stack import open_stack

    with told():
        workspace = read_workspace()
        if not send_files(workspace, open_stack(workspace), files, user, folder, timeout):
            raise typer.Exit(1)


@app.command()
def follow() -> None:
    """Show every file on its way, live; Ctrl-C ends it."""
    from local.follow.display import display
    from local.follow.feed import subscribed
    from local.follow.follower import follow_all
    from local.stack import open_stack

    with told():
        stack = open_stack(read_workspace())
        with subscribed(stack) as feed, display("Files (Ctrl-C ends)") as show:
            follow_all(stack, feed, show)


@app.command()
def status() -> None:
    """What runs: emulator, worker, stack, queues, jobs, the partner's servers."""
    from local.status import print_status

    with told():
        if not print_status(read_workspace()):
            raise typer.Exit(1)


@app.command()
def logs(
    function: Annotated[str, typer.Argument(help="router, validate, deliver, sftp-identity …, or worker.")],
    minutes: Annotated[float, typer.Option(help="How far back.")] = 60.0,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on showing what comes.")] = False,
) -> None:
    """A function's log from CloudWatch Logs, or the worker's from its file."""
    from local.logs import file_lines, log_lines
    from local.stack import open_stack
    from local.worker_process import WORKER, log_file

    with told():
        workspace, since = read_workspace(), time.time() - minutes * 60
        if function == WORKER:
            lines = file_lines(log_file(workspace), since, follow=follow)
        else:
            lines = log_lines(open_stack(workspace), function, since, follow=follow)
        for line in lines:
            console.print(line, markup=False)


@app.command()
def history(
    job: Annotated[str, typer.Argument(help="Id of a job.")],
    run: Annotated[int | None, typer.Option(help="Number of the run; the latest unless given.")] = None,
    json: Annotated[bool, typer.Option("--json", help="As GetExecutionHistory answers it.")] = False,
) -> None:
    """What a run did, state by state, on Step Functions or in the worker."""
    from local.history import print_history
    from local.stack import open_stack

    with told():
        print_history(open_stack(read_workspace()), job, run, as_json=json)


@app.command()
def again(
    jobs: Annotated[list[str] | None, typer.Argument(help="Ids of jobs that failed or were cancelled.")] = None,
    dead_letters: Annotated[bool, typer.Option("--dead-letters", help="All that the worker gave up.")] = False,
) -> None:
    """Start jobs once more, each in a new run."""
    from local.again import send_again, send_dead_letters_again
    from local.stack import open_stack

    if bool(jobs) == dead_letters:
        raise typer.BadParameter("give the ids of jobs, or --dead-letters")
    with told():
        stack = open_stack(read_workspace())
        if not (send_dead_letters_again(stack) if dead_letters else send_again(stack, jobs or [])):
            raise typer.Exit(1)


@app.command()
def dead_letters() -> None:
    """What the worker gave up, and why; the messages stay where they are."""
    from local.again import print_dead_letters
    from local.stack import open_stack

    with told():
        print_dead_letters(open_stack(read_workspace()))


@app.command()
def invoke(
    function: Annotated[str, typer.Argument(help="router, validate, deliver, sftp-identity …")],
    event: Annotated[Path, typer.Argument(help="JSON file of the event, e.g. events/validate.json.")],
) -> None:
    """Call one function on the running system with `sam remote invoke`."""
    from local.invoke import invoke as remote_invoke
    from local.stack import open_stack

    with told():
        workspace = read_workspace()
        raise typer.Exit(remote_invoke(workspace, open_stack(workspace), function, event))


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []})
def sam(context: typer.Context) -> None:
    """Run the SAM CLI in its pinned version, with your own AWS credentials."""
    from local.sam import sam as sam_command

    with told():
        command = sam_command(*context.args)
        raise typer.Exit(subprocess.run(command, check=False).returncode)  # noqa: S603


@app.command()
def down() -> None:
    """Stop everything that `up` started; files and state stay in .ferry/."""
    from local.console import stage
    from local.emulator.process import running, stop
    from local.partner.servers import stop_partner
    from local.web_console.process import CONSOLE, stop_console
    from local.worker_process import WORKER, stop_worker

    with told():
        workspace = read_workspace()
        stopped = []
        with stage("Stopping the worker (it hands its jobs on)"):
            if stop_worker(workspace):
                stopped.append(WORKER)
        stopped += stop_partner(workspace)
        if stop_console(workspace):
            stopped.append(CONSOLE)
        if running(workspace.home):
            with stage("Stopping the emulator (it saves its state)"):
                stop(workspace.home)
            stopped.append("emulator")
        console.print(f"Stopped: {', '.join(stopped) or 'nothing was running'}.", markup=False)


app.command()(login)
app.command()(logout)
app.command()(url)
app.command()(token)
app.add_typer(tenants.app, name="tenants")
app.add_typer(users.app, name="users")
app.add_typer(routes.app, name="routes")
app.add_typer(destinations.app, name="destinations")
app.add_typer(clients.app, name="clients")
app.add_typer(key_rings.app, name="key-rings")
app.add_typer(expectations.app, name="expectations")
app.add_typer(subscriptions.app, name="subscriptions")
app.add_typer(jobs.app, name="jobs")
app.add_typer(bulk.app, name="bulk")
app.add_typer(web_console.app, name="console")
app.command()(explain)
for action in (actions.cancel, actions.retry, actions.redrive, actions.replay, actions.release, actions.reject):
    app.command()(action)
app.command()(tail)
app.command()(audit)


if __name__ == "__main__":
    app()
