"""Routes in the `config` table, and their revisions: drafts, the active one, retired ones.

A revision's document never changes, and revisions are only ever added. What makes one a draft stands beside it, and
goes when it is activated.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fileferry.clock import timestamp
from fileferry.model.route import Revision, RevisionState, Route, RouteSpec
from fileferry.repositories.config_keys import activation_key, revision_key, route_key
from fileferry.repositories.items import to_item
from fileferry.repositories.pages import Page
from fileferry.repositories.records import ATTEMPTS, Changed, Put, Records, Stored, busy, fields_of, item_of, stored


class RouteRecords(Records):
    """Raises what Records raises."""

    def route(self, tenant: str, route: str) -> Stored[Route]:
        """The active revision."""
        return self._read(Route, route_key(tenant, route), f"Tenant {tenant!r} has no route {route!r}.")

    def routes(self, tenant: str, limit: int, cursor: str | None = None) -> Page[Route]:
        """Active revisions by route id."""
        return self._list(Route, tenant, "ROUTE#", limit, cursor)

    def create_route(self, tenant: str, route: str, spec: RouteSpec, by: str = "", comment: str = "") -> Stored[Route]:
        """Revision 1, at once active unless the spec says `enabled: false`."""
        value = _route(tenant, route, 1, spec, by, comment)
        taken = f"Tenant {tenant!r} has a route {route!r} already."
        self._create([*_route_items(value), activation_item(value, value.created_at)], [taken] * 3)
        return stored(value)

    def replace_route(
        self,
        tenant: str,
        route: str,
        spec: RouteSpec,
        if_match: str | None = None,
        by: str = "",
        comment: str = "",
    ) -> Stored[Route]:
        """The next revision, now active. A spec that changes nothing makes none."""
        for current in self._attempts(lambda: self.route(tenant, route), if_match):
            if spec_of_route(current.value) == spec:
                return current
            value = _route(tenant, route, self._newest_revision(tenant, route) + 1, spec, by, comment)
            active, revision = _route_items(value)
            try:
                self._write([Put(active, current.doc), Put(revision), Put(activation_item(value, value.created_at))])
            except Changed:
                continue
            return stored(value)
        raise busy(f"route {route!r}")

    def _newest_revision(self, tenant: str, route: str) -> int:
        page = self._list_items(tenant, f"REVISION#{route}#", 1, None, newest_first=True)
        return int(page.items[0]["revision"]["N"]) if page.items else 0

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
        for _ in range(ATTEMPTS):
            value = _route(tenant, route, self._newest_revision(tenant, route) + 1, spec, by, comment)
            _, revision = _route_items(value)
            item = {**revision, "draft": True}
            try:
                self._write([Put(item)])
            except Changed:
                continue
            drafted = revision_of(to_item(item), active)
            return Stored(drafted, f"{item['doc']}{drafted.state}")
        raise busy(f"route {route!r}")

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
                self._write([Put(active, current.doc), Put(kept, wanted.doc), Put(activation)])
            except Changed:
                continue
            return wanted
        raise busy(f"route {route!r}")


def spec_of_route(route: Route) -> RouteSpec:
    """What a user wrote of a revision."""
    return RouteSpec(**fields_of(route, RouteSpec))


def _route(tenant: str, route: str, revision: int, spec: RouteSpec, by: str, comment: str) -> Route:
    return Route(
        **fields_of(spec),
        tenant=tenant,
        id=route,
        revision=revision,
        created_at=timestamp(),
        created_by=by,
        comment=comment,
    )


def _route_items(route: Route) -> list[dict[str, Any]]:
    """The active item and the immutable one."""
    extra = {"revision": route.revision, "enabled": route.enabled}
    return [
        {**item_of(route_key(route.tenant, route.id), "ROUTE", route), **extra},
        {**item_of(revision_key(route.tenant, route.id, route.revision), "REVISION", route), **extra},
    ]


def activation_item(route: Route, at: str) -> dict[str, Any]:
    """What tells, later on, that this revision was the active one from `at` on."""
    return {**activation_key(route.tenant, route.id, at), "revision": route.revision}


def revision_of(item: Mapping[str, Any], active: int) -> Revision:
    """A stored revision with its state, where `active` is the number of the route's active one."""
    route = Route.model_validate_json(item["doc"]["S"])
    state = RevisionState.DRAFT if item.get("draft", {}).get("BOOL") else RevisionState.RETIRED
    if route.revision == active:
        state = RevisionState.ACTIVE
    return Revision(**fields_of(route), state=state)


def _missing(tenant: str, route: str, revision: int) -> str:
    return f"Route {route!r} of tenant {tenant!r} has no revision {revision}."
