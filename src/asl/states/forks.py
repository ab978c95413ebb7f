"""What Parallel and Map share about their branches and iterations."""

from __future__ import annotations

from asl.errors import StateError
from asl.frame import Fork


class ChildFailed(StateError):
    """A branch or iteration failed; its error becomes that of the Parallel or Map."""


def failed_with(fork: Fork) -> ChildFailed:
    """The failure that ends the state."""
    assert fork.error is not None
    error, cause = fork.error
    return ChildFailed(error, cause)
