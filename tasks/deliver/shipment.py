"""What every kind of destination gets to send, what it gives back, and the rules that they share."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, BinaryIO

from fileferry.clock import now
from fileferry.errors import ConfigurationError, DestinationRefused, DestinationUnavailable, IntegrityError
from fileferry.home import Transfer
from fileferry.model.job import JobRef, ObjectRef
from fileferry.objects import Objects

MAX_SUFFIX = 999
_MAX_NAME_BYTES = 255


@dataclass(frozen=True)
class Shipment:
    """One file on its way to one destination.

    `existing` is the route's `overwrite`, `refuse` or `suffix`, `transfer` how the home moves the file. `stop_at`
    (seconds since the epoch) is when sending must stop so that the task can still record what happened.
    `announce(name)` must be called right before the file can become visible under `name`: it records the name,
    fenced, and so raises RunClosed for a runner that was replaced. `announced` are the names that earlier tries of
    this job have announced without recording the delivery: under one of them the file may be there already.
    `owners` are (run, fence) whose temporary files this try may take over, the latest first.
    """

    job: JobRef
    destination: str
    name: str
    object: ObjectRef
    existing: str
    transfer: Transfer
    stop_at: float
    announce: Callable[[str], None]
    announced: frozenset[str] = frozenset()
    owners: tuple[tuple[int, int], ...] = ()

    @property
    def seconds_left(self) -> float:
        return self.stop_at - now().timestamp()

    def check_time(self, sent: int) -> None:
        """Raises DestinationUnavailable when the time is up after `sent` bytes."""
        if self.seconds_left <= 0:
            raise DestinationUnavailable(
                f"The time is up after {sent} of {self.object.size} bytes.",
                where=self.destination,
                todo="tried again by the workflow; set the destination's rate so that large files go to the worker.",
            )


@dataclass(frozen=True)
class Receipt:
    """What became visible: the final name, its address without credentials, and what the far side said.

    `sent` are the bytes that this try moved: what an earlier one had moved does not count. 0 where it is not known.
    """

    name: str
    location: str
    detail: dict[str, Any] = field(default_factory=dict)
    sent: int = 0


def checked_name(name: str) -> str:
    """`name` if it can be a file's name at any destination. Raises ConfigurationError."""
    control = any(character == "/" or ord(character) < 32 or ord(character) == 127 for character in name)
    if not name or name in (".", "..") or control or len(name.encode()) > _MAX_NAME_BYTES:
        raise ConfigurationError(
            f"{name[:100]!r} cannot be a delivered file's name: it is empty, too long (255 bytes), or holds `/` or "
            "control characters.",
            todo="rename it in the route's transform.",
        )
    return name


def candidate_names(name: str, existing: str) -> Iterator[str]:
    """The names that may be tried in turn: `a.csv`, and for `suffix` also `a-1.csv`, `a-2.csv` …"""
    yield name
    if existing == "suffix":
        path = PurePosixPath(name)
        for number in range(1, MAX_SUFFIX + 1):
            yield f"{path.stem}-{number}{path.suffix}"


def name_taken(shipment: Shipment, location: str) -> DestinationRefused:
    """The error of a destination where no name is free."""
    tried = f" and -1 to -{MAX_SUFFIX}" if shipment.existing == "suffix" else ""
    return DestinationRefused(
        f"{shipment.name!r}{tried} exists already with other content, and the route does not overwrite.",
        where=location,
        todo="have the partner take the file away and redrive, or set deliver.existing to overwrite or suffix.",
    )


def staged(objects: Objects, shipment: Shipment, start: int = 0) -> BinaryIO:
    """The file's bytes from `start` on, read ahead as the home moves them."""
    return objects.open(shipment.object, shipment.transfer, start)


def verified_blocks(stream: BinaryIO, ref: ObjectRef, size: int) -> Iterator[bytes]:
    """The object's bytes in blocks of `size`; the last one only if all together have the recorded SHA-256.

    So a far side never gets a whole wrong file. Raises IntegrityError.
    """
    digest = hashlib.sha256()
    held = b""
    count = 0
    while block := stream.read(size):
        if held:
            yield held
        digest.update(block)
        count += len(block)
        held = block
    if count != ref.size or digest.hexdigest() != ref.sha256:
        raise IntegrityError(
            f"The staged file has {count} bytes with SHA-256 {digest.hexdigest()}, but {ref.size} bytes with "
            f"{ref.sha256} are recorded.",
            where=f"s3://{ref.bucket}/{ref.key}",
            todo="redrive the job from its original.",
        )
    if held:
        yield held
