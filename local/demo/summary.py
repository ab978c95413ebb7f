"""What the demo prints at its end: each file's outcome, why some were refused, and where to look."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from rich.table import Table
from rich.text import Text

from fileferry.closing import NO_ROUTE
from fileferry.model.job import Executor, Job
from local.api import Api
from local.console import console
from local.partner.account import BUCKET, https_folder, sftp_folder
from local.stack import Stack
from local.status import print_people
from local.web_console.process import console_url
from local.workspace import Workspace

from .people import NoDemoPeople, read_identities
from .tenant import SENDER, TENANT
from .verify import Verdict

_EXECUTORS = {Executor.STEP_FUNCTIONS: "Step Functions", Executor.WORKER: "the worker"}


def print_verdicts(verdicts: Sequence[Verdict]) -> None:
    """Each sample with its checks; details below."""
    if console.is_terminal:
        console.print(_table(verdicts))
    for verdict in verdicts:
        _print_verdict(verdict)
    failed = [verdict.sample.path for verdict in verdicts if not verdict.passed]
    if failed:
        console.print(f"{len(failed)} of {len(verdicts)} files are not as expected: {', '.join(failed)}", style="red")
    else:
        console.print(f"All {len(verdicts)} files are as expected; bytes compared by SHA-256.", style="green")


def _table(verdicts: Sequence[Verdict]) -> Table:
    table = Table(title="What became of the files", title_justify="left")
    for name in ("", "file", "what it shows", "outcome", "by", "checks"):
        table.add_column(name)
    for verdict in verdicts:
        status = verdict.job.status.value if verdict.job else "no job"
        passed = sum(check.passed for check in verdict.checks)
        mark = Text("✓", style="green") if verdict.passed else Text("✗", style="red")
        path, about = Text(verdict.sample.path), Text(verdict.sample.about)
        table.add_row(mark, path, about, status, _executor(verdict.job), f"{passed}/{len(verdict.checks)}")
    return table


def _print_verdict(verdict: Verdict) -> None:
    status = verdict.job.status.value if verdict.job else "no job"
    executor = _executor(verdict.job)
    by = f" by {executor}" if executor else ""
    mark = "ok" if verdict.passed else "NOT OK"
    console.print(f"{mark:6}  {verdict.sample.path}: {status}{by} ({verdict.sample.about})", markup=False)
    for check in verdict.checks:
        if not check.passed:
            console.print(f"          ✗ {check.text}", markup=False, style="red")
    for detail in verdict.details:
        console.print(f"          {' '.join(detail.split())}", markup=False, style="dim")


def _executor(job: Job | None) -> str:
    """Who ran the job; empty where the router itself ended it."""
    return _EXECUTORS[job.executor] if job and job.route != NO_ROUTE else ""


def print_places(workspace: Workspace, stack: Stack) -> None:
    """Where the running system can be looked at, and how to go on."""
    archive, endpoint = stack["ArchiveBucketName"], stack.emulator.endpoint
    places = {
        "API": f"{Api(stack).url}/v1/tenants/{TENANT} (SigV4, service execute-api)",
        "AWS endpoint": f"{endpoint} (region {stack.emulator.region}; AWS_ENDPOINT_URL={endpoint}, keys test/test)",
        "SFTP": f"sftp -P {stack.emulator.sftp_port} -i {workspace.keys / SENDER} -o UserKnownHostsFile="
        f"{workspace.known_hosts} {SENDER}@localhost",
        "partner's SFTP folder": str(sftp_folder(workspace.partner)),
        "partner's HTTPS folder": str(https_folder(workspace.partner)),
        "partner's bucket": f"s3://{BUCKET}",
        "archive": f"s3://{archive}/archive/{TENANT}/, refused files in s3://{archive}/quarantine/{TENANT}/",
        "logs": f"{workspace.logs}, and `.venv/bin/ferry logs FUNCTION`",
        "your own files": "`.venv/bin/ferry send FILE…`, and `.venv/bin/ferry follow` to watch",
        "one function": "`make invoke F=validate E=.ferry/events/validate.json`",
        "stop": "`make down`",
    }
    address = console_url(workspace)
    if address:
        places = {"console": address, **places}
    console.print("\nWhere to look", style="bold")
    for name, place in places.items():
        console.print(f"  {name + ':':23} {place}", markup=False)
    with suppress(NoDemoPeople):
        print_people(read_identities(workspace), address)
