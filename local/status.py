"""The state of the running system: emulator, worker and its runs, outputs, queues, jobs, the partner's servers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress

from local.console import console
from local.demo.people import Identities, NoDemoPeople, read_identities
from local.emulator.process import Emulator, running
from local.partner.servers import partner_processes
from local.stack import Stack, read_outputs
from local.web_console.process import console_url
from local.worker_process import worker_state
from local.worker_runs import worker_runs
from local.workspace import STACK, Workspace

_QUEUES = ("IngestQueueUrl", "IngestDlqUrl", "WorkQueueUrl", "WorkDlqUrl", "RuleDlqUrl")


def print_status(workspace: Workspace) -> bool:
    """Print what runs; whether the system is up and deployed."""
    emulator = running(workspace.home)
    _section("Emulator", {"": "not running"} if emulator is None else _emulator_facts(workspace, emulator))
    _section("Worker", {"": worker_state(workspace).text})
    _section("Partner", {name: _pid(process) for name, process in partner_processes(workspace).items()})
    address = console_url(workspace)
    _section("Console", {"": address or "not running"})
    if emulator is None:
        return False
    outputs = read_outputs(Stack(emulator))
    if outputs is None:
        _section(f"Stack {STACK}", {"": "not deployed"})
        return False
    stack = Stack(emulator, outputs)
    _section(f"Stack {STACK}", dict(sorted(outputs.items())))
    with suppress(NoDemoPeople):
        print_people(read_identities(workspace), address)
    _section("Queues", {name: queue_depth(stack, stack[name]) for name in _QUEUES if name in outputs})
    if held := worker_runs(stack):
        _section("Runs of the worker", held)
    _section("Jobs", {name: str(count) for name, count in sorted(job_counts(stack).items())} or {"": "none yet"})
    return True


def print_people(identities: Identities, address: str | None) -> None:
    """Who can log in, to the console at `address` or with `ferry login`."""
    people = {name: f"{p.username}  {p.password}  ({p.group})" for name, p in identities.people.items()}
    machine = f"client {identities.machine_client_id}, its secret in .ferry/identities.json"
    where = f"to the console at {address} or with " if address else ""
    _section(f"Logins ({where}`ferry login NAME`)", {**people, "machine": machine})


def _emulator_facts(workspace: Workspace, emulator: Emulator) -> dict[str, str]:
    return {
        "endpoint": emulator.endpoint,
        "SFTP": f"localhost:{emulator.sftp_port}",
        "process": str(emulator.pid),
        "region": emulator.region,
        "home": str(workspace.home),
    }


def queue_depth(stack: Stack, url: str) -> str:
    """`waiting, in flight` of a queue."""
    answer = stack.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    waiting = answer["Attributes"].get("ApproximateNumberOfMessages", "0")
    in_flight = answer["Attributes"].get("ApproximateNumberOfMessagesNotVisible", "0")
    return f"{waiting} waiting, {in_flight} in flight"


def job_counts(stack: Stack) -> Counter[str]:
    """How many jobs have each status; reads the whole table, which on one machine is small."""
    pages = stack.dynamodb.get_paginator("scan").paginate(
        TableName=stack["JobsTableName"],
        ProjectionExpression="#status",
        ExpressionAttributeNames={"#status": "status"},
    )
    return Counter(item["status"]["S"] for page in pages for item in page["Items"])


def _pid(process: object) -> str:
    return f"process {getattr(process, 'pid', '')}" if process else "not running"


def _section(title: str, facts: Mapping[str, str]) -> None:
    console.print(title, style="bold")
    for name, value in facts.items():
        console.print(f"  {name + ': ' if name else ''}{value}", markup=False)
