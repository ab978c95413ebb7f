"""A task's folder for temporary files: empty at the start, gone at the end."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fileferry.errors import ConfigurationError
from fileferry.model.job import JobRef, Step

_FULL = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def scratch_folder(parent: Path, job: JobRef, step: Step) -> Iterator[Path]:
    """A new folder below `parent` that is removed with all it holds, also after an error.

    What a killed try of the same step left behind is removed first. Raises ConfigurationError when the disk
    fills up inside the `with` block.
    """
    folder = parent / f"{step.value}-{job.job_id}-{job.run}-{job.fence}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    except OSError as error:
        if error.errno in _FULL:
            raise scratch_full() from error
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def scratch_full() -> ConfigurationError:
    """The error for a step whose temporary files do not fit."""
    return ConfigurationError(
        "The step's temporary files do not fit its scratch disk.",
        todo="set the route's executor to `worker`, or give the function more ephemeral storage.",
    )
