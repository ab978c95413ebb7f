"""What this machine does with the same bytes without Fileferry: the rates that the worker is measured by."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from boto3.s3.transfer import TransferConfig

from local.partner.account import BUCKET
from local.sftp_client import Login, Upload, upload_by_openssh
from local.stack import Stack

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import CopySourceTypeDef

MIB = 1024**2
_PARTS = TransferConfig(multipart_threshold=64 * MIB, multipart_chunksize=64 * MIB, max_concurrency=4)
"""Parts and lanes as the worker's are by default, for boto3's own transfers."""


def rate(size: int, work: Callable[[], object]) -> float:
    """Bytes/s of `work`, which moves `size` bytes."""
    begun = time.perf_counter()
    work()
    return size / (time.perf_counter() - begun)


def local_limits(file: Path, scratch: Path) -> dict[str, float]:
    """Name → bytes/s of programs over a local file, each in its own process; nothing is left in `scratch`."""
    size, copy = file.stat().st_size, scratch / "copy"
    commands: dict[str, Sequence[str]] = {
        "openssl dgst -sha256": ["openssl", "dgst", "-sha256", str(file)],
        "dd": ["dd", f"if={file}", f"of={copy}", "bs=1M"],
        "dd conv=fsync": ["dd", f"if={file}", f"of={copy}", "bs=1M", "conv=fsync"],
        "gzip -6": ["sh", "-c", 'gzip -6 <"$0" >"$1"', str(file), str(copy)],
    }
    found = {}
    for name, command in commands.items():
        copy.unlink(missing_ok=True)
        found[name] = rate(size, lambda command=command: subprocess.run(command, check=True, capture_output=True))  # type: ignore[misc]
    copy.unlink()
    return found


def sftp_limit(file: Path, login: Login, folder: Path) -> float:
    """Bytes/s of OpenSSH's `sftp` to the partner's server, which keeps what comes in `folder`."""
    found = rate(file.stat().st_size, lambda: upload_by_openssh(login, [Upload(file, "limit.bin")]))
    (folder / "limit.bin").unlink()
    return found


def s3_limits(file: Path, stack: Stack, scratch: Path) -> dict[str, float]:
    """Bytes/s of boto3's own transfers to and from the emulator, and of its copies."""
    s3, size, key, copy = stack.s3, file.stat().st_size, "limits/original", scratch / "copy"
    source: CopySourceTypeDef = {"Bucket": BUCKET, "Key": key}
    found = {
        "S3 upload": rate(size, lambda: s3.upload_file(str(file), BUCKET, key, Config=_PARTS)),
        "S3 download": rate(size, lambda: s3.download_file(BUCKET, key, str(copy), Config=_PARTS)),
        "S3 CopyObject": rate(size, lambda: s3.copy_object(Bucket=BUCKET, Key="limits/copy", CopySource=source)),
    }
    copy.unlink()
    delete_versions(stack, BUCKET, "limits/")
    return found


def delete_versions(stack: Stack, bucket: str, prefix: str) -> None:
    """Remove all versions below a prefix for good: the emulator keeps every one."""
    for page in stack.s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
        for version in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
            stack.s3.delete_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])
