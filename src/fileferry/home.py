"""Where a task runs: a Lambda function or the worker. All that differs between the two comes in with a `Home`."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from fileferry.clock import now

MIB = 1024**2
COPY_LIMIT = 5 * 1024**3
"""Bytes that CopyObject takes at most (Amazon S3 API reference, "CopyObject")."""
WATCH_SECONDS = 5.0
"""Within this time, and a part, a function finds out that its run was cancelled: nothing else would stop it."""

Pulse = Callable[[int], None]
"""Called by a transfer before each part with the bytes of its output that are safe at the far side by then: what
another process need not send again. The greatest number told counts, so that 0 tells nothing new. Raises
StepInterrupted when the home must stop, RunClosed when the run has another owner."""

CompleteTask = Callable[[str, Mapping[str, Any]], None]
"""Completes a task token with the step's result."""


class Progress(Protocol):
    """What a step keeps of its transfers, so that another process can go on: small JSON-able values by name."""

    @property
    def kept(self) -> bool:
        """Whether another process will find what is saved. Where it will not, a failed upload is aborted."""

    def load(self, name: str) -> Mapping[str, Any]:
        """What was saved under `name` by this run, whoever owned it then; {} if nothing."""

    def save(self, name: str, value: Mapping[str, Any]) -> None:
        """Replace what is kept under `name`; {} forgets it. Raises RunClosed."""


class NothingKept:
    """The progress of a home whose steps begin anew."""

    kept = False

    def load(self, _name: str) -> Mapping[str, Any]:
        return {}

    def save(self, _name: str, _value: Mapping[str, Any]) -> None:
        return


def _on(_safe: int) -> None:
    """The pulse of a home that never stops a step."""


def _no_tokens(_token: str, _result: Mapping[str, Any]) -> None:
    raise RuntimeError("this home completes no task tokens")


@dataclass(frozen=True)
class Transfer:
    """How the bytes of one object are moved.

    `part_size` bounds what a killed process sends again: no more than that is under way at once, in up to `lanes`
    requests. `memory` in bytes bounds what is held; larger parts go through files in `scratch`. Objects of up to
    `copy_limit` bytes are copied by one CopyObject. `name` is where `progress` keeps an upload.
    """

    name: str = ""
    part_size: int = 16 * MIB
    lanes: int = 4
    memory: int = 128 * MIB
    copy_limit: int = COPY_LIMIT
    scratch: Path | None = None
    progress: Progress = field(default_factory=NothingKept)
    pulse: Pulse = _on

    def check(self) -> None:
        """Raise what the pulse raises; a reader, which makes nothing safe, calls it between two ranges."""
        self.pulse(0)


@dataclass(frozen=True)
class Home:
    """What differs between a Lambda function and the worker.

    `deadline` in seconds since the epoch, `part_size`, `memory` and `copy_limit` in bytes (see Transfer); `scratch` is
    a local folder for temporary files, which a task empties behind itself.
    """

    deadline: float
    scratch: Path
    part_size: int = 16 * MIB
    lanes: int = 4
    memory: int = 512 * MIB
    copy_limit: int = COPY_LIMIT
    progress: Progress = field(default_factory=NothingKept)
    pulse: Pulse = _on
    complete_task: CompleteTask = _no_tokens
    watch_seconds: float = 0
    """How often the pulse asks the run record whether the run is still open; 0: the home finds out otherwise."""

    def transfer(self, name: str) -> Transfer:
        """How this home moves an object; `name` tells the run's transfers apart."""
        return Transfer(
            name=name,
            part_size=self.part_size,
            lanes=self.lanes,
            memory=self.memory // 4,
            copy_limit=self.copy_limit,
            scratch=self.scratch,
            progress=self.progress,
            pulse=self.pulse,
        )


class LambdaContext(Protocol):
    """What the Lambda runtime tells about the call (Lambda developer guide, "Python context object")."""

    memory_limit_in_mb: str

    def get_remaining_time_in_millis(self) -> int: ...


def lambda_home(context: LambdaContext) -> Home:
    """The home of a task that runs in Lambda."""
    return Home(
        deadline=now().timestamp() + context.get_remaining_time_in_millis() / 1000,
        scratch=Path(tempfile.gettempdir()),
        memory=int(context.memory_limit_in_mb) * MIB,
        watch_seconds=WATCH_SECONDS,
    )
