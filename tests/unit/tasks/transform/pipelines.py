"""A job, pipelines over bytes, and secrets that a dictionary holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from fileferry.model.job import JobRef, ObjectVersion
from fileferry.model.key_ring import KeyRing
from fileferry.model.route import Operation
from fileferry.secrets import Secrets
from tasks.transform.content import Content, Scratch
from tasks.transform.operations import Workshop, pipeline
from tasks.transform.pgp_keys import KeySource

OPERATIONS: TypeAdapter[list[Operation]] = TypeAdapter(list[Operation])
JOB = JobRef(
    job_id="j1",
    tenant="acme",
    user="ann",
    route="r",
    revision=1,
    object=ObjectVersion(bucket="ingest", key="in/eu-central-1/00/acme/ann/orders.csv", version_id="v", size=1),
    created_at="2026-01-31T10:20:30.000000Z",
)


class FakeSecretsManager:
    """GetSecretValue of boto3's client, for `Secrets`."""

    def __init__(self, values: dict[str, str]) -> None:
        self._values = values

    def get_secret_value(self, SecretId: str, VersionStage: str) -> dict[str, str]:  # noqa: N803 - boto3's names
        from botocore.exceptions import ClientError

        if SecretId not in self._values or VersionStage != "AWSCURRENT":
            raise ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": ""}}, "GetSecretValue")
        return {"SecretString": self._values[SecretId]}


class Pipeline:
    """Runs operations over bytes, in blocks as small as the caller likes."""

    def __init__(self, folder: Path) -> None:
        self.secrets: dict[str, str] = {}
        self.rings: dict[str, KeyRing] = {}
        self.folder = folder
        self.memory = 512 * 1024**2
        self.name = ""
        self.told: list[dict[str, Any]] = []

    def stream(self, blocks: Iterator[bytes], *operations: dict[str, Any], name: str = "orders.csv") -> Iterator[bytes]:
        self.folder.mkdir(exist_ok=True)
        secrets = Secrets(FakeSecretsManager(self.secrets), "app/")  # type: ignore[arg-type]
        shop = Workshop(JOB, Scratch(self.folder), self.memory, KeySource(lambda: secrets, self.rings.__getitem__))
        done = pipeline(OPERATIONS.validate_python(list(operations)), Content(name, blocks), shop)
        self.name, self.told = done.content.name, done.told["operations"]
        yield from done.content.read()

    def __call__(self, data: bytes, *operations: dict[str, Any], name: str = "orders.csv", block: int = 65536) -> bytes:
        blocks = (data[at : at + block] for at in range(0, len(data), block))
        return b"".join(self.stream(blocks, *operations, name=name))
