"""Which route takes a file: a pure decision over values.

The same functions answer the router and, without side effects, the control plane's `explain`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from fileferry.errors import ConfigurationError
from fileferry.model.route import Match, Route, ZeroBytes


@dataclass(frozen=True)
class IncomingFile:
    """A file as its route is chosen: `path` as the partner sees it, `size` in bytes."""

    tenant: str
    user: str
    path: str
    size: int


@dataclass(frozen=True)
class Rejection:
    """Why one route did not take a file."""

    route: str
    revision: int
    reason: str


@dataclass(frozen=True)
class Decision:
    """The route that takes a file, or None; and why those tried before it did not."""

    route: Route | None
    rejections: tuple[Rejection, ...]


def decide(file: IncomingFile, routes: Iterable[Route]) -> Decision:
    """The first route, by priority and then id, that takes `file`."""
    rejections: list[Rejection] = []
    for route in in_order(routes):
        reason = rejection_reason(file, route)
        if reason is None:
            return Decision(route, tuple(rejections))
        rejections.append(Rejection(route.id, route.revision, reason))
    return Decision(None, tuple(rejections))


def in_order(routes: Iterable[Route]) -> list[Route]:
    """The routes as they are tried: by priority and then id."""
    return sorted(routes, key=lambda route: (route.priority, route.id))


def rejection_reason(file: IncomingFile, route: Route) -> str | None:
    """Why `route` does not take `file`, or None if it does."""
    match = route.match
    if not route.enabled:
        return "the route is disabled"
    if match.users and file.user not in match.users:
        return f"user {file.user!r} is not one of {', '.join(match.users)}"
    if not path_matches(match, file.path):
        pattern = f"glob {match.glob!r}" if match.glob is not None else f"regex {match.regex!r}"
        return f"path {file.path!r} does not match {pattern}"
    if file.size == 0:
        return "empty files are skipped" if route.zero_bytes is ZeroBytes.SKIP else None
    if file.size < match.min_size:
        return f"{file.size} bytes are fewer than min_size {match.min_size}"
    if match.max_size is not None and file.size > match.max_size:
        return f"{file.size} bytes are more than max_size {match.max_size}"
    return None


def path_matches(match: Match, path: str) -> bool:
    """Whether the path fits the glob or, as a whole, the regular expression.

    Raises ConfigurationError for a glob that cannot be used.
    """
    if match.regex is not None:
        return re.fullmatch(match.regex, path) is not None
    return _glob(match.glob or "").fullmatch(path) is not None


@lru_cache(maxsize=1024)
def _glob(pattern: str) -> re.Pattern[str]:
    # Imported here: the control plane and the tasks read routes without matching them.
    from wcmatch import glob
    from wcmatch._wcparse import PatternLimitException  # the documented error, in no public module

    flags = glob.GLOBSTAR | glob.BRACE | glob.DOTGLOB | glob.CASE | glob.FORCEUNIX
    try:
        # wcmatch gives one anchored expression for each brace expansion.
        included, _ = glob.translate(pattern, flags=flags)
        return re.compile("|".join(f"(?:{expression})" for expression in included))
    except (ValueError, re.error, PatternLimitException) as error:
        raise ConfigurationError(
            f"The glob {pattern!r} cannot be used: {error}", todo="write the route with another glob or a regex."
        ) from error
