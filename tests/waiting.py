"""Waiting for what a running system does by itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(look: Callable[[], T | None], seconds: float, what: str) -> T:
    """The first answer of `look` that is true; fails with `what` when none comes in time."""
    ends = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < ends, f"{what} (waited {seconds:.0f} s)"
        time.sleep(0.15)
