"""What a route would do with files that came before: a pure decision over values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fileferry.model.route import Route
from fileferry.routing import Decision, IncomingFile, decide, rejection_reason


@dataclass(frozen=True)
class Outcome:
    """Where one file would go.

    `reason` says why the route does not match it; None if it does. `taken_by` is the route that would take the file if
    the tried one were active (another one may come before it), `takes_now` the one that takes it as things are.
    """

    reason: str | None
    taken_by: Route | None
    takes_now: Route | None


def outcome_of(file: IncomingFile, tried: Route, active: Iterable[Route]) -> Outcome:
    """`active` are the tenant's routes as they are. Raises ConfigurationError for a glob that cannot be used."""
    routes = tuple(active)
    others = tuple(route for route in routes if route.id != tried.id)
    then: Decision = decide(file, (*others, tried))
    return Outcome(rejection_reason(file, tried), then.route, decide(file, routes).route)
