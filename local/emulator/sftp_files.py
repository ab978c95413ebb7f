"""A user's files: what SFTP's operations do with objects of S3, with the permissions of the user's role.

AWS: Transfer Family reads and writes through S3 as the role that the identity provider named (narrowed by its session
policy), so that every upload raises its event, makes a version and meets IAM; uploaded objects carry `user-agent-id:
USER@SERVER`. Folders are objects whose key ends in a slash, a rename is a copy and a delete. MiniStack 1.5.33 changes
S3's memory behind S3's back.
"""

from __future__ import annotations

import posixpath
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

import boto3
from asyncssh import SFTPFailure, SFTPNoSuchFile, SFTPPermissionDenied
from botocore.config import Config
from botocore.exceptions import ClientError

from .sftp_identity import HomeMapping, Login
from .sftp_role import role_credentials

MULTIPART_FROM_BYTES = 64 * 1024 * 1024

_session = boto3.Session()  # keeps the service's description for the next login
_making_a_client = threading.Lock()  # which a session can do in one thread at a time only


@dataclass(frozen=True)
class Entry:
    """A file or folder."""

    name: str
    is_folder: bool
    size: int = 0
    modified: int = 0


@dataclass(frozen=True)
class Place:
    """Where a path of the user lies: bucket and key; no bucket for a folder above all mappings."""

    bucket: str
    key: str

    @property
    def as_folder(self) -> str:
        """The prefix of what lies in this place."""
        return f"{self.key.rstrip('/')}/" if self.key else ""


def normalized(path: str) -> str:
    """The path from the user's root, without `.`, `..` and double slashes."""
    return posixpath.normpath("/" + path.lstrip("/")) if path else "/"


def located(path: str, home: tuple[HomeMapping, ...]) -> Place:
    """Where the path lies: the mapping with the longest entry wins, as in Transfer Family's logical directories."""
    path = normalized(path)
    for mapping in sorted(home, key=lambda mapping: -len(mapping.entry)):
        entry = mapping.entry.rstrip("/")
        if path == (entry or "/") or path.startswith(f"{entry}/"):
            rest = path[len(entry) :].strip("/")
            target = mapping.target.strip("/") + (f"/{rest}" if rest else "")
            bucket, _, key = target.partition("/")
            return Place(bucket, key)
    return Place("", path.strip("/"))


@contextmanager
def sftp_errors(path: str) -> Iterator[None]:
    """S3's errors as SFTP's: AccessDenied is permission denied, a missing object is no such file."""
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in ("404", "NoSuchKey", "NoSuchBucket", "NotFound"):
            raise SFTPNoSuchFile(f"No such file: {path}") from error
        if code in ("403", "AccessDenied"):
            raise SFTPPermissionDenied(f"Permission denied: {path}") from error
        raise SFTPFailure(f"{path}: {code}") from error


class UserFiles:
    """The files of one login; every method blocks and raises SFTP errors."""

    def __init__(self, login: Login, endpoint: str) -> None:
        self._login = login
        self._endpoint = endpoint
        self._metadata = {"user-agent-id": f"{login.username}@{login.server.server_id}"}
        self._s3 = self._client_of_role()

    def _client_of_role(self) -> Any:
        with _making_a_client:
            return _session.client(
                "s3",
                endpoint_url=self._endpoint,
                region_name=self._login.server.region,
                config=Config(s3={"addressing_style": "path"}, max_pool_connections=20),
                **role_credentials(self._login),
            )

    def stat(self, path: str) -> Entry:
        """The file, else the folder, at the path."""
        place = self._place(path)
        name = posixpath.basename(normalized(path))
        if not place.bucket or not place.key:
            return Entry(name, is_folder=True)
        with sftp_errors(path):
            try:
                head = self._s3.head_object(Bucket=place.bucket, Key=place.key)
            except ClientError as error:
                if error.response["Error"]["Code"] not in ("404", "403"):
                    raise
                found = self._s3.list_objects_v2(Bucket=place.bucket, Prefix=place.as_folder, MaxKeys=1)
                # A mapping's own target is there, even while it is empty.
                if not found.get("KeyCount") and normalized(path) not in self._mapped():
                    raise SFTPNoSuchFile(f"No such file: {path}") from error
                return Entry(name, is_folder=True)
        return Entry(name, is_folder=False, size=head["ContentLength"], modified=int(head["LastModified"].timestamp()))

    def entries(self, path: str) -> list[Entry]:
        """What the folder holds, without `.` and `..`."""
        return list(self._entries(path))

    def _entries(self, path: str) -> Iterator[Entry]:
        place = self._place(path)
        if not place.bucket:
            yield from self._mapped_below(path)
            return
        with sftp_errors(path):
            pages = self._s3.get_paginator("list_objects_v2").paginate(
                Bucket=place.bucket, Prefix=place.as_folder, Delimiter="/"
            )
            for page in pages:
                for folder in page.get("CommonPrefixes", ()):
                    yield Entry(posixpath.basename(folder["Prefix"].rstrip("/")), is_folder=True)
                for item in page.get("Contents", ()):
                    if name := item["Key"][len(place.as_folder) :]:
                        modified = int(item["LastModified"].timestamp())
                        yield Entry(name, is_folder=False, size=item["Size"], modified=modified)

    def download(self, path: str, target: IO[bytes]) -> None:
        """Copy the file's content into the target."""
        place = self._place(path)
        with sftp_errors(path):
            self._s3.download_fileobj(place.bucket, place.key, target)

    def upload(self, path: str, content: IO[bytes], size: int) -> None:
        """Make the object; a large one in parts, as Transfer Family streams it."""
        place = self._file_place(path)
        with sftp_errors(path):
            content.seek(0)
            if size < MULTIPART_FROM_BYTES:
                self._s3.put_object(Bucket=place.bucket, Key=place.key, Body=content, Metadata=self._metadata)
            else:
                self._s3.upload_fileobj(content, place.bucket, place.key, ExtraArgs={"Metadata": self._metadata})

    def make_folder(self, path: str) -> None:
        place = self._file_place(path)
        with sftp_errors(path):
            self._s3.put_object(Bucket=place.bucket, Key=place.as_folder, Body=b"", Metadata=self._metadata)

    def remove_folder(self, path: str) -> None:
        place = self._file_place(path)
        if any(True for _ in self._entries(path)):
            raise SFTPFailure(f"Directory not empty: {path}")
        with sftp_errors(path):
            self._s3.delete_object(Bucket=place.bucket, Key=place.as_folder)

    def remove(self, path: str) -> None:
        if self.stat(path).is_folder:
            raise SFTPFailure(f"Is a directory: {path}")
        place = self._file_place(path)
        with sftp_errors(path):
            self._s3.delete_object(Bucket=place.bucket, Key=place.key)

    def rename(self, old: str, new: str, *, overwrite: bool) -> None:
        """Copy and delete, as S3 has no rename; a folder cannot be renamed in Transfer Family with S3 either."""
        if self.stat(old).is_folder:
            raise SFTPFailure(f"Folders cannot be renamed: {old}")
        if not overwrite and self.exists(new):
            raise SFTPFailure(f"File exists: {new}")
        source, target = self._file_place(old), self._file_place(new)
        with sftp_errors(new):
            self._s3.copy(
                {"Bucket": source.bucket, "Key": source.key},
                target.bucket,
                target.key,
                ExtraArgs={"Metadata": self._metadata, "MetadataDirective": "REPLACE"},
            )
        with sftp_errors(old):
            self._s3.delete_object(Bucket=source.bucket, Key=source.key)

    def exists(self, path: str) -> bool:
        try:
            self.stat(path)
        except SFTPNoSuchFile:
            return False
        return True

    def _place(self, path: str) -> Place:
        return located(path, self._login.home)

    def _file_place(self, path: str) -> Place:
        place = self._place(path)
        if not place.bucket or not place.key:
            raise SFTPPermissionDenied(f"Permission denied: {path}")
        return place

    def _mapped(self) -> set[str]:
        return {normalized(mapping.entry) for mapping in self._login.home}

    def _mapped_below(self, path: str) -> Iterator[Entry]:
        prefix = normalized(path).rstrip("/") + "/"
        names = {entry[len(prefix) :].split("/")[0] for entry in self._mapped() if entry.startswith(prefix)}
        for name in sorted(names - {""}):
            yield Entry(name, is_folder=True)
