"""SFTP logins are decided by the identity function, and files go through S3."""

from __future__ import annotations

import io
import json
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import asyncssh
import pytest

from tests.integration.emulator.application import Deployed

USER = "acme-ftp"

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def key(deployed: Deployed) -> asyncssh.SSHKey:
    """The user's key, of which the identity function knows the public half."""
    private = asyncssh.generate_private_key("ssh-ed25519")
    public = private.export_public_key().decode()
    deployed.client("ssm").put_parameter(Name=deployed.outputs["UserKeyName"], Value=public, Overwrite=True)
    return private


@asynccontextmanager
async def sftp(deployed: Deployed, **login: Any) -> AsyncIterator[asyncssh.SFTPClient]:
    options = {"username": USER, "client_keys": None, "known_hosts": None, "config": None, "agent_path": None, **login}
    async with (
        asyncssh.connect("127.0.0.1", deployed.emulator.sftp_port, **options) as connection,
        connection.start_sftp_client() as client,
    ):
        yield client


async def put(client: asyncssh.SFTPClient, path: str, content: bytes) -> None:
    async with client.open(path, "wb") as file:
        await file.write(content)


def objects_told(deployed: Deployed, wait: float = 5) -> Iterator[dict[str, Any]]:
    """What the rules made of the events, oldest first, until none comes for a while."""
    sqs, url = deployed.client("sqs"), deployed.outputs["ObjectsUrl"]
    deadline = time.monotonic() + wait
    while time.monotonic() < deadline:
        answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"])
        for message in answer.get("Messages", []):
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            yield {"group": message["Attributes"]["MessageGroupId"], **json.loads(message["Body"])}
        time.sleep(0.2)


def head(deployed: Deployed, key: str) -> dict[str, Any]:
    return dict(deployed.client("s3").head_object(Bucket=deployed.outputs["BucketName"], Key=key))


async def test_an_upload_raises_its_event_with_the_raw_key_and_the_version(
    deployed: Deployed, key: asyncssh.SSHKey
) -> None:
    name = "a+b %41 ü.csv"
    async with sftp(deployed, client_keys=[key]) as client:
        await put(client, name, b"x,y\n")
        assert (await client.stat(name)).size == 4
        assert await client.realpath(".") == "/"
        assert sorted(await client.listdir("/")) == [".", "..", name]
    stored = head(deployed, f"in/acme/{name}")
    told = next(event for event in objects_told(deployed) if event["key"] == f"in/acme/{name}")
    assert told == {
        "group": "group-acme",
        "key": f"in/acme/{name}",
        "version_id": stored["VersionId"],
        "size": 4,
    }
    assert stored["Metadata"]["user-agent-id"] == f"{USER}@{deployed.outputs['ServerId']}"


async def test_rename_folders_download_and_delete(deployed: Deployed, key: asyncssh.SSHKey) -> None:
    async with sftp(deployed, client_keys=[key]) as client:
        await client.mkdir("box")
        await put(client, "box/one.filepart", b"1234567890")
        await client.rename("box/one.filepart", "box/one.txt")
        assert sorted(await client.listdir("box")) == [".", "..", "one.txt"]
        assert (await client.stat("box")).type == asyncssh.FILEXFER_TYPE_DIRECTORY
        async with client.open("box/one.txt", "rb") as file:
            assert await file.read(4, offset=3) == b"4567"
        assert head(deployed, "in/acme/box/one.txt")["Metadata"]["user-agent-id"].startswith(USER)
        with pytest.raises(asyncssh.SFTPFailure):
            await client.rmdir("box")
        await client.remove("box/one.txt")
        await client.rmdir("box")
        assert not await client.exists("box/one.txt")
        assert not await client.exists("box")


async def test_a_large_file_arrives_whole(deployed: Deployed, key: asyncssh.SSHKey) -> None:
    content = bytes(range(256)) * (70 * 4096)  # 70 MiB: in parts
    async with sftp(deployed, client_keys=[key]) as client:
        await put(client, "large.bin", content)
        assert (await client.stat("large.bin")).size == len(content)
    target = io.BytesIO()
    deployed.client("s3").download_fileobj(deployed.outputs["BucketName"], "in/acme/large.bin", target)
    assert target.getvalue() == content


async def test_the_users_role_decides_what_may_be_written(deployed: Deployed, key: asyncssh.SSHKey) -> None:
    async with sftp(deployed, client_keys=[key]) as client:
        with pytest.raises(asyncssh.SFTPPermissionDenied):
            await put(client, "forbidden/file", b"x")


async def test_paths_cannot_leave_the_home_directory(deployed: Deployed, key: asyncssh.SSHKey) -> None:
    async with sftp(deployed, client_keys=[key]) as client:
        await put(client, "/../../other/file.txt", b"x")
    assert head(deployed, "in/acme/other/file.txt")["ContentLength"] == 1


async def test_a_password_is_asked_of_the_identity_function(deployed: Deployed, key: asyncssh.SSHKey) -> None:
    async with sftp(deployed, password="right") as client:
        assert await client.realpath(".") == "/"
    with pytest.raises(asyncssh.PermissionDenied):
        async with sftp(deployed, password="wrong"):
            pass


async def test_unknown_users_and_foreign_keys_are_refused(deployed: Deployed, key: asyncssh.SSHKey) -> None:
    foreign = asyncssh.generate_private_key("ssh-ed25519")
    for login in ({"client_keys": [foreign]}, {"client_keys": [key], "username": "nobody"}):
        with pytest.raises(asyncssh.PermissionDenied):
            async with sftp(deployed, **login):
                pass


@pytest.mark.skipif(shutil.which("sftp") is None, reason="OpenSSH's client is not installed")
async def test_opensshs_client_lists_keeps_times_renames_and_gets(
    deployed: Deployed, key: asyncssh.SSHKey, tmp_path: Path
) -> None:
    identity, sent, got = tmp_path / "key", tmp_path / "sent.txt", tmp_path / "got.txt"
    key.write_private_key(identity)
    identity.chmod(0o600)
    sent.write_bytes(b"hello" * 1000)
    batch = f"mkdir openssh\nput -p {sent} openssh/a.part\nrename openssh/a.part openssh/a.txt\n"
    batch += f"ls -l openssh\nget openssh/a.txt {got}\nrm openssh/a.txt\nrmdir openssh\nls -1\n"
    options = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR", "IdentitiesOnly=yes"]
    command = ["sftp", "-q", "-b", "-", "-i", str(identity), "-P", str(deployed.emulator.sftp_port)]
    command += [word for option in options for word in ("-o", option)]
    done = await anyio.run_process([*command, f"{USER}@127.0.0.1"], input=batch.encode(), check=False)
    assert done.returncode == 0, done.stderr.decode()
    lines = [line for line in done.stdout.decode().splitlines() if not line.startswith("sftp>")]
    assert any(line.startswith("-rw-r--r--") and " 5000 " in line and line.endswith("a.txt") for line in lines), lines
    assert got.read_bytes() == sent.read_bytes()


def test_the_server_tells_its_identity_provider(deployed: Deployed) -> None:
    server = deployed.client("transfer").describe_server(ServerId=deployed.outputs["ServerId"])["Server"]
    assert server["IdentityProviderDetails"]["Function"].endswith(":function:probe-identity:live")
    assert deployed.outputs["ServerArn"] == server["Arn"]
