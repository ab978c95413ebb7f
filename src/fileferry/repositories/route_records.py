"""Revisions of routes in the `config` table: drafts, the active one, retired ones.

A revision's document never changes. What makes one a draft stands beside it, and goes when it is activated.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fileferry.clock import timestamp
from fileferry.model.route import Revision, RevisionState, Route, RouteSpec
from fileferry.repositories.config_keys import revision_key
from fileferry.repositories.config_writes import (
    _ATTEMPTS,
    ConfigWriter,
    Stored,
    _busy,
    _Changed,
    _Put,
    _route,
    _route_items,
    activation_item,
)
from fileferry.repositories.items import to_item
from fileferry.repositories.pages import Page


class RouteRecords(ConfigWriter):
    """Raises what ConfigWriter raises."""

    def revision(self, tenant: str, route: str, revision: int) -> Stored[Revision]:
        """One revision with its state, of which the entity tag tells, too."""
        item = self._get(revision_key(tenant, route, revision), _missing(tenant, route, revision))
        value = revision_of(item, self.route(tenant, route).value.revision)
        return Stored(value, f"{item['doc']['S']}{value.state}")

    def revisions(self, tenant: str, route: str, limit: int, cursor: str | None = None) -> Page[Revision]:
        """All revisions of a route, the newest first."""
        active = self.route(tenant, route).value.revision
        page = self._list_items(tenant, f"REVISION#{route}#", limit, cursor, newest_first=True)
        return Page(tuple(revision_of(item, active) for item in page.items), page.cursor)

    def draft_route(
        self, tenant: str, route: str, spec: RouteSpec, by: str = "", comment: str = ""
    ) -> Stored[Revision]:
        """The next revision as a draft: it takes no file until it is activated."""
        active = self.route(tenant, route).value.revision
        for _ in range(_ATTEMPTS):
            value = _route(tenant, route, self._newest_revision(tenant, route) + 1, spec, by, comment)
            _, revision = _route_items(value)
            item = {**revision, "draft": True}
            try:
                self._write([_Put(item)])
            except _Changed:
                continue
            drafted = revision_of(to_item(item), active)
            return Stored(drafted, f"{item['doc']}{drafted.state}")
        raise _busy(f"route {route!r}")

    def activate_route(self, tenant: str, route: str, revision: int, if_match: str | None = None) -> Stored[Route]:
        """Any revision as the active one, as it is; `if_match` is the entity tag of the route as it was active."""
        missing = _missing(tenant, route, revision)
        for current in self._attempts(lambda: self.route(tenant, route), if_match):
            wanted = self._read(Route, revision_key(tenant, route, revision), missing)
            if current.value.revision == revision:
                return current
            active, kept = ({**item, "doc": wanted.doc} for item in _route_items(wanted.value))
            try:
                activation = activation_item(wanted.value, timestamp())
                self._write([_Put(active, current.doc), _Put(kept, wanted.doc), _Put(activation)])
            except _Changed:
                continue
            return wanted
        raise _busy(f"route {route!r}")


def revision_of(item: Mapping[str, Any], active: int) -> Revision:
    """A stored revision with its state, where `active` is the number of the route's active one."""
    route = Route.model_validate_json(item["doc"]["S"])
    state = RevisionState.DRAFT if item.get("draft", {}).get("BOOL") else RevisionState.RETIRED
    if route.revision == active:
        state = RevisionState.ACTIVE
    return Revision(
        **{info.alias or name: getattr(route, name) for name, info in Route.model_fields.items()}, state=state
    )


def _missing(tenant: str, route: str, revision: int) -> str:
    return f"Route {route!r} of tenant {tenant!r} has no revision {revision}."
