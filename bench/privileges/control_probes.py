"""What makes the control plane's functions and an SFTP session use each of their permissions."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncssh

from fileferry.model.tenant import PublicKey, UserSpec
from local.demo.keys import login_key, public_file
from local.demo.sending import HOST
from local.partner.account import BUCKET

from .jobs import JobOnItsWay
from .task_probes import Probe, bucket_target, sftp_target
from .world import Seen, World

_SAMPLE = Path(__file__).resolve().parents[2] / "events" / "config_service.json"
_LOGIN_SECONDS = 60


def request(world: World, function: str, method: str, path: str, body: Any = None, query: str = "") -> Seen:
    """One request of the HTTP API by the account itself, who is a platform admin there; ok when answered with 2xx."""
    event = json.loads(_SAMPLE.read_text())
    event["requestContext"]["authorizer"]["iam"]["userArn"] = f"arn:aws:iam::{world.stack.emulator.account_id}:root"
    parameters = dict(pair.split("=") for pair in query.split("&")) if query else None
    event |= {"rawPath": path, "rawQueryString": query, "queryStringParameters": parameters}
    event["body"] = json.dumps(body) if body else ""
    event["requestContext"]["http"] |= {"method": method, "path": path}
    seen = world.call(function, event)
    return replace(seen, ok=seen.ok and json.loads(seen.answer).get("statusCode", 500) < 300)


def _create(world: World) -> Seen:
    body = {"id": f"c{secrets.token_hex(5)}", "name": "Least privilege"}
    return request(world, "config-service", "POST", "/v1/tenants", body)


def _read(world: World) -> Seen:
    return request(world, "config-service", "GET", f"/v1/tenants/{world.new_tenant()}")


def _list_tenants(world: World) -> Seen:
    return request(world, "config-service", "GET", "/v1/tenants")


def _list_routes(world: World) -> Seen:
    return request(world, "config-service", "GET", f"/v1/tenants/{world.new_tenant()}/routes")


def _destination(world: World, target: Mapping[str, Any]) -> str:
    """The path of a new tenant's destination."""
    tenant = world.new_tenant()
    world.write_destination(tenant, target)
    return f"/v1/tenants/{tenant}/destinations/there"


def _tried(target: Callable[[World], dict[str, Any]]) -> Callable[[World], Seen]:
    def run(world: World) -> Seen:
        seen = request(world, "config-service", "POST", f"{_destination(world, target(world))}/test")
        body = json.loads(json.loads(seen.answer).get("body", "{}")) if seen.ok else {}
        return replace(seen, ok=bool(body.get("ok")))

    return run


def _looked_at(world: World) -> Seen:
    """A bucket's trial, in which the bucket may be looked at."""
    seen = request(world, "config-service", "POST", f"{_destination(world, bucket_target())}/test")
    return replace(seen, ok=seen.ok and f"{BUCKET} is there" in seen.answer)


def _credential(world: World) -> Seen:
    """A credential is stored, replaced by a key pair of the API's, and forgotten when the server changes."""
    target = {name: value for name, value in sftp_target(world).items() if name != "secret"}
    path = _destination(world, target)
    seen = Seen(False, "nothing was done")
    for method, place, body in (
        ("PUT", f"{path}/credential", {"password": "one"}),
        ("PUT", f"{path}/credential", {"password": "two"}),
        ("POST", f"{path}/credential/keys", None),
        ("POST", f"{path}/credential/activate", None),
        ("PUT", path, {"target": {**target, "port": 22}}),
    ):
        seen = request(world, "config-service", method, place, body)
        if not seen.ok:
            break
    return seen


def _dry_run(**asked: Any) -> Callable[[World], Seen]:
    def run(world: World) -> Seen:
        job = JobOnItsWay(world, target=bucket_target())
        body = {"job_ids": [job.job.job_id]} if not asked else {"filter": asked}
        return request(world, "config-service", "POST", f"/v1/tenants/{job.tenant}/routes/files/dry-run", body)

    return run


CONFIG_SERVICE = (
    Probe("a tenant is made", _create),
    Probe("a tenant is read", _read),
    Probe("tenants are listed", _list_tenants, ("ListTenants",)),
    Probe("routes are listed", _list_routes),
    Probe("a credential is kept", _credential, ("KeepCredentials",)),
    Probe("an SFTP server is tried", _tried(sftp_target), ("TryCredentials",)),
    Probe("a bucket is tried", _tried(lambda _: bucket_target()), ("TryBuckets",)),
    Probe("a bucket is looked at", _looked_at, ("LookAtBuckets",)),
    Probe("a dry run on jobs by id", _dry_run(), ("ReadPastJobs",)),
    Probe("a dry run on a tenant's jobs", _dry_run(since="2026-01-01"), ("FindPastJobs",)),
    Probe("a dry run on jobs of a status", _dry_run(status="RUNNING"), ("FindPastJobs",)),
    Probe("a dry run on jobs of a route", _dry_run(route="files"), ("FindPastJobs",)),
    Probe("a dry run on jobs of both", _dry_run(route="files", status="RUNNING"), ("FindPastJobs",)),
)


def _jobs(query: str = "") -> Callable[[World], Seen]:
    def run(world: World) -> Seen:
        job = JobOnItsWay(world)
        return request(world, "status-service", "GET", f"/v1/tenants/{job.tenant}/jobs", query=query)

    return run


def _job(world: World) -> Seen:
    job = JobOnItsWay(world)
    return request(world, "status-service", "GET", f"/v1/tenants/{job.tenant}/jobs/{job.job.job_id}")


STATUS_SERVICE = (
    Probe("a tenant's jobs", _jobs()),
    Probe("jobs of a status", _jobs("status=RUNNING")),
    Probe("jobs of a route", _jobs("route=files")),
    Probe("one job", _job, ("ReadJobs", "ReadRuns")),
)


def _new_user(world: World) -> tuple[str, Path]:
    """A user of a tenant of its own, and the file of its private key."""
    tenant = world.new_tenant()
    user = f"{tenant}-user"
    key = login_key(world.system.workspace.keys, "privileges")
    line = public_file(key).read_text().strip()
    world.config.create_user(tenant, user, UserSpec(public_keys=[PublicKey(key=line)]))
    return user, key


def _login(world: World) -> Seen:
    user, _ = _new_user(world)
    event = {"username": user, "password": "", "protocol": "SFTP", "serverId": "s-1", "sourceIp": "127.0.0.1"}
    seen = world.call("sftp-identity", event)
    return replace(seen, ok=seen.ok and "HomeDirectoryDetails" in seen.answer)


SFTP_IDENTITY = (Probe("a login", _login),)

Doing = Callable[[asyncssh.SFTPClient], Coroutine[Any, Any, None]]


def session(doing: Doing) -> Callable[[World], Seen]:
    """An SFTP session with a real client, in which a file `there.csv` lies already."""

    def run(world: World) -> Seen:
        user, key = _new_user(world)
        tenant = user.removesuffix("-user")
        world.upload(tenant, "there.csv", b"x\n", user)

        async def connected() -> None:
            options: dict[str, Any] = {"known_hosts": None, "config": [], "client_keys": [str(key)]}
            port = world.stack.emulator.sftp_port
            async with (
                asyncssh.connect(HOST, port, username=user, **options) as connection,
                connection.start_sftp_client() as sftp,
            ):
                await doing(sftp)

        try:
            asyncio.run(asyncio.wait_for(connected(), _LOGIN_SECONDS))
        except asyncssh.SFTPPermissionDenied as error:
            return Seen(False, f"AccessDenied: {error}")
        except (asyncssh.Error, OSError) as error:
            return Seen(False, f"{type(error).__name__}: {error}")
        return Seen(True, "done")

    return run


async def _put(sftp: asyncssh.SFTPClient) -> None:
    async with sftp.open("new.csv", "wb") as file:
        await file.write(b"x\n")


async def _get(sftp: asyncssh.SFTPClient) -> None:
    async with sftp.open("there.csv", "rb") as file:
        await file.read()


async def _list(sftp: asyncssh.SFTPClient) -> None:
    if "there.csv" not in await sftp.listdir("/"):
        raise asyncssh.SFTPFailure("there.csv is not listed")


async def _remove(sftp: asyncssh.SFTPClient) -> None:
    await sftp.remove("there.csv")


TRANSFER_USER = (
    Probe("a file is put", session(_put)),
    Probe("a file is fetched", session(_get)),
    Probe("files are listed", session(_list), ("ListHomes",)),
    Probe("a file is removed", session(_remove)),
)
