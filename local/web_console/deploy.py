"""Bringing the built console into the stack's bucket on AWS, and what the stack must know of it."""

from __future__ import annotations

import json
import mimetypes
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fileferry.errors import FerryError

from .headers import REVALIDATED, cache_control
from .server import TYPES
from .settings import SCOPE, endpoints

if TYPE_CHECKING:
    import boto3

OLD = timedelta(days=30)
"""After which parts of earlier builds go; until then they serve the tabs that still show them."""
_CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]


class NoConsole(FerryError):
    """The stack has no place for the console, or does not say who signs people in."""


@dataclass(frozen=True)
class Upload:
    """One object of the bucket."""

    key: str
    body: bytes
    content_type: str
    cache_control: str


def read_outputs(session: boto3.Session, stack: str) -> Mapping[str, str]:
    """The stack's outputs. Raises NoConsole when it cannot be read or was deployed without a console."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        found = session.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    except (BotoCoreError, ClientError) as error:
        raise NoConsole(f"Stack {stack!r} cannot be read: {error}", todo="check region and credentials.") from error
    outputs = {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}
    if "ConsoleBucketName" not in outputs:
        raise NoConsole(f"Stack {stack!r} was deployed without a console.", todo="deploy it with Console=true.")
    return outputs


def console_config(outputs: Mapping[str, str], region: str, client_id: str = "") -> dict[str, Any]:
    """`/config.json`. Raises NoConsole when nobody says as which client the console signs people in."""
    client = client_id or outputs.get("ConsoleClientId", "")
    if not client:
        raise NoConsole("The stack has no user pool of its own.", todo="give --client-id, a public client there.")
    own = "ConsoleClientId" in outputs
    return {
        "apiUrl": "",
        "issuer": outputs["Issuer"],
        "clientId": client,
        # A foreign issuer knows our scopes only if somebody taught it; a token without any of them is not capped.
        "scope": SCOPE if own else "openid email profile offline_access",
        "rolesClaim": outputs["RolesClaim"],
        **({"endpoints": endpoints(outputs["LoginUrl"])} if own else {}),
        "region": region,
        "awsConsole": f"https://{region}.console.aws.amazon.com",
    }


def uploads(pages: Path, config: Mapping[str, Any]) -> Iterator[Upload]:
    """Every object, those first that others name: who loads the new index finds its parts."""
    files = [file for file in pages.rglob("*") if file.is_file() and file.name != "index.html"]
    for file in sorted(files, key=lambda file: (not file.is_relative_to(pages / "assets"), file)):
        yield _upload(pages, file)
    yield Upload("config.json", json.dumps(config).encode(), "application/json", REVALIDATED)
    yield _upload(pages, pages / "index.html")


def bring(session: boto3.Session, outputs: Mapping[str, str], objects: Iterator[Upload]) -> None:
    """Write the objects, delete old parts of earlier builds, and have CloudFront ask the bucket anew."""
    s3, bucket = session.client("s3"), outputs["ConsoleBucketName"]
    kept = set()
    for one in objects:
        s3.put_object(
            Bucket=bucket,
            Key=one.key,
            Body=one.body,
            ContentType=one.content_type,
            CacheControl=one.cache_control,
        )
        kept.add(one.key)
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for found in page.get("Contents", []):
            if found["Key"] not in kept and found["LastModified"] < datetime.now(UTC) - OLD:
                s3.delete_object(Bucket=bucket, Key=found["Key"])
    session.client("cloudfront").create_invalidation(
        DistributionId=outputs["ConsoleDistributionId"],
        InvalidationBatch={"Paths": {"Quantity": 1, "Items": ["/*"]}, "CallerReference": str(time.time_ns())},
    )


def told_address(session: boto3.Session, stack: str, url: str) -> bool:
    """Whether the stack's parameter ConsoleUrls lacked the address and has it now."""
    client = session.client("cloudformation")
    found = client.describe_stacks(StackName=stack)["Stacks"][0]
    parameters = with_address(found.get("Parameters", []), url)
    if parameters is None:
        return False
    client.update_stack(
        StackName=stack,
        UsePreviousTemplate=True,
        Parameters=parameters,  # type: ignore[arg-type]
        Capabilities=_CAPABILITIES,  # type: ignore[arg-type]
    )
    client.get_waiter("stack_update_complete").wait(StackName=stack)
    return True


def with_address(parameters: Sequence[Mapping[str, Any]], url: str) -> list[dict[str, Any]] | None:
    """What to update: all as before but ConsoleUrls; None where the address is known, as one of our own domain is."""
    given = {parameter["ParameterKey"]: parameter.get("ParameterValue", "") for parameter in parameters}
    urls = [known for known in given.get("ConsoleUrls", "").split(",") if known]
    if url in urls or url == f"https://{given.get('ConsoleDomain')}/":
        return None
    kept = [{"ParameterKey": name, "UsePreviousValue": True} for name in given if name != "ConsoleUrls"]
    return [*kept, {"ParameterKey": "ConsoleUrls", "ParameterValue": ",".join([*urls, url])}]


def _upload(pages: Path, file: Path) -> Upload:
    key = file.relative_to(pages).as_posix()
    kind = TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return Upload(key, file.read_bytes(), kind, cache_control(key))
