"""How a command of `ferry` ends: with a text for people, and an exit code for scripts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import IntEnum

import typer
from rich.console import Console

from fileferry.errors import FerryError
from local.console import console


class ExitCode(IntEnum):
    """Beside 0, and 2 for a command line that cannot be understood."""

    FAILED = 1
    NOT_PERMITTED = 3
    NOT_FOUND = 4
    CONFLICT = 5
    UNAVAILABLE = 6


_OF_STATUS: Mapping[int, ExitCode] = {
    401: ExitCode.NOT_PERMITTED,
    403: ExitCode.NOT_PERMITTED,
    404: ExitCode.NOT_FOUND,
    409: ExitCode.CONFLICT,
    412: ExitCode.CONFLICT,
    429: ExitCode.UNAVAILABLE,
    502: ExitCode.UNAVAILABLE,
    503: ExitCode.UNAVAILABLE,
    504: ExitCode.UNAVAILABLE,
}


def exit_code(error: FerryError) -> ExitCode:
    """By the HTTP status, where the API refused; FAILED otherwise."""
    return _OF_STATUS.get(getattr(error, "status", 0), ExitCode.FAILED)


@contextmanager
def told(output: Console = console) -> Iterator[None]:
    """Errors with a text of ours end the command with that text and their code; Ctrl-C ends it with 130."""
    try:
        yield
    except FerryError as error:
        where = f" ({error.where})" if error.where else ""
        output.print(f"✗ {error.what}{where}", markup=False, style="red")
        if error.todo:
            output.print(f"  To do: {error.todo}", markup=False)
        raise typer.Exit(exit_code(error)) from error
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
