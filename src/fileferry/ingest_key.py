"""Keys of the ingest bucket: `in/{region}/{shard}/{tenant}/{user}/{path}`.

The region keeps a replicated object from starting a job in the other region; the shard lets one
EventBridge rule (whose MessageGroupId is static) serve a fixed part of all users in order.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import PurePosixPath

from fileferry.errors import FerryError

_TEMPORARY_SUFFIXES = (".filepart", ".tmp", ".part", ".swp", ".crdownload")
LONGEST_KEY = 1024
"""Bytes of a key in UTF-8 (S3 user guide, "Naming Amazon S3 objects")."""
CHECKSUM_SUFFIXES = (".sha256", ".md5")
ACKNOWLEDGEMENT_SUFFIXES = (".ack", ".nack")


class NotAnIngestKey(FerryError):
    """The key does not have the form `in/{region}/{shard}/{tenant}/{user}/{path}`."""


@dataclass(frozen=True)
class IngestKey:
    """The parts of a key; `path` is what the partner sees, without a leading slash."""

    region: str
    shard: str
    tenant: str
    user: str
    path: str

    @property
    def filename(self) -> str:
        return self.path.rsplit("/", 1)[-1]

    def __str__(self) -> str:
        return f"in/{self.region}/{self.shard}/{self.tenant}/{self.user}/{self.path}"


def parse_ingest_key(key: str) -> IngestKey:
    """The parts of `key`, which is raw (EventBridge does not URL-encode). Raises NotAnIngestKey."""
    parts = key.split("/", 5)
    if len(parts) != 6 or parts[0] != "in" or not all(parts[1:5]):
        raise NotAnIngestKey(
            f"Object key {key!r} is not of the form in/REGION/SHARD/TENANT/USER/PATH.",
            todo="put files through SFTP, or under the prefix that the user's record shows.",
        )
    return IngestKey(*parts[1:])


def shard_of(tenant: str, user: str, shards: int) -> str:
    """The shard, two digits, of a user's files: the same for ever, so that their order holds."""
    digest = hashlib.sha256(f"{tenant}/{user}".encode()).digest()
    return f"{int.from_bytes(digest[:4], 'big') % shards:02d}"


def home_prefix(region: str, tenant: str, user: str, shards: int) -> str:
    """Where a user's files lie in the ingest bucket, without a slash at the end."""
    return f"in/{region}/{shard_of(tenant, user, shards)}/{tenant}/{user}"


def is_no_file(path: str) -> str | None:
    """Why `path` is no file to transfer (a folder marker, a temporary name), or None if it is one."""
    if not path or path.endswith("/"):
        return "a folder marker"
    name = PurePosixPath(path).name
    if name.startswith("."):
        return "a hidden (temporary) name"
    if name.lower().endswith(_TEMPORARY_SUFFIXES) or name.startswith("~"):
        return "a temporary name"
    return None
