"""What is asked for, and by whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from fileferry.model.job import Action, Decision


@dataclass(frozen=True)
class Asked:
    """An action and how it is to go.

    `revision` (replay): the route's revision that the job's first run had, or the one that is active now. `route`
    (release of a file that no route took): the route that takes it; empty: the one that today's routes choose.
    `accept_violations` (release): the file's content is not checked again.
    """

    action: Action
    revision: Literal["original", "current"] = "original"
    route: str = ""
    accept_violations: bool = False

    @property
    def needs_routes(self) -> bool:
        """Whether the tenant's active routes say what becomes of it."""
        return self.action is Action.RELEASE or (self.action is Action.REPLAY and self.revision == "current")


@dataclass(frozen=True)
class Request:
    """Who asks, and why. `id` is the same for every repeat of one request; without it each call is one of its own."""

    by: str
    comment: str = ""
    id: str = ""

    def decision(self, action: Action, at: str) -> Decision:
        return Decision(action=action, requested_by=self.by, comment=self.comment, at=at)
