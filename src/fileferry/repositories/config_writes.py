"""The control plane's side of the `config` table: tenants, users and destinations; routes as RouteRecords has them."""

from __future__ import annotations

from collections.abc import Callable

from fileferry.clock import timestamp
from fileferry.model.destination import Destination, DestinationSpec
from fileferry.model.tenant import Tenant, TenantSpec, User, UserSpec
from fileferry.repositories.config_keys import destination_key, login_key, password_key, tenant_key, user_key
from fileferry.repositories.pages import Page, decode_cursor, encode_cursor
from fileferry.repositories.records import Changed, Put, Stored, busy, fields_of, item_of, stored
from fileferry.repositories.route_records import RouteRecords


class ConfigWriter(RouteRecords):
    """Creates, replaces, reads and lists; raises what Records raises."""

    # Tenants

    def tenant(self, tenant: str) -> Stored[Tenant]:
        return self._read(Tenant, tenant_key(tenant), f"There is no tenant {tenant!r}.")

    def tenants(self, limit: int, cursor: str | None = None) -> Page[Tenant]:
        """All tenants by id, from the `kind` index: a new one may take a moment to appear."""
        start = None
        if cursor is not None:
            start = {**tenant_key(decode_cursor("tenants", cursor, frozenset({"id"}))["id"]), "kind": "TENANT"}
        items, more = self._query(
            limit, start, IndexName="kind", KeyConditionExpression="kind = :kind", values={":kind": "TENANT"}
        )
        tenants = tuple(Tenant.model_validate_json(item["doc"]["S"]) for item in items)
        return Page(tenants, tenants_after(tenants[-1].id) if more else None)

    def create_tenant(self, tenant: str, spec: TenantSpec) -> Stored[Tenant]:
        at = timestamp()
        value = Tenant(**fields_of(spec), id=tenant, created_at=at, updated_at=at)
        self._create([item_of(tenant_key(tenant), "TENANT", value)], [f"Tenant {tenant!r} exists already."])
        return stored(value)

    def replace_tenant(self, tenant: str, spec: TenantSpec, if_match: str | None = None) -> Stored[Tenant]:
        def changed(current: Tenant) -> Tenant:
            return Tenant(**fields_of(spec), id=tenant, created_at=current.created_at, updated_at=timestamp())

        return self._replace(lambda: self.tenant(tenant), changed, tenant_key(tenant), "TENANT", if_match)

    # Users

    def user(self, tenant: str, user: str) -> Stored[User]:
        return self._read(User, user_key(tenant, user), f"Tenant {tenant!r} has no user {user!r}.")

    def users(self, tenant: str, limit: int, cursor: str | None = None) -> Page[User]:
        return self._list(User, tenant, "USER#", limit, cursor)

    def create_user(self, tenant: str, user: str, spec: UserSpec) -> Stored[User]:
        """Also claims the login, which is unique over all tenants."""
        at = timestamp()
        value = User(**fields_of(spec), tenant=tenant, id=user, created_at=at, updated_at=at)
        login = {**login_key(user), "kind": "LOGIN", "tenant": tenant}
        self._create(
            [item_of(user_key(tenant, user), "USER", value), login],
            [
                f"Tenant {tenant!r} has a user {user!r} already.",
                f"The login {user!r} is taken; logins are unique over all tenants.",
            ],
        )
        return stored(value)

    def replace_user(self, tenant: str, user: str, spec: UserSpec, if_match: str | None = None) -> Stored[User]:
        def changed(current: User) -> User:
            return User(
                **fields_of(spec),
                tenant=tenant,
                id=user,
                created_at=current.created_at,
                updated_at=timestamp(),
                password_set_at=current.password_set_at,
            )

        return self._replace(lambda: self.user(tenant, user), changed, user_key(tenant, user), "USER", if_match)

    def set_password(self, tenant: str, user: str, password_hash: str, if_match: str | None = None) -> Stored[User]:
        """Keep the hash of a user's password, apart from the record that is shown; an empty one takes it away."""
        for current in self._attempts(lambda: self.user(tenant, user), if_match):
            at = timestamp()
            update = {"updated_at": at, "password_set_at": at if password_hash else None}
            value = current.value.model_copy(update=update)
            secret = {**password_key(tenant, user), "kind": "PASSWORD", "hash": password_hash}
            try:
                self._write(
                    [Put(item_of(user_key(tenant, user), "USER", value), current.doc), Put(secret, always=True)]
                )
            except Changed:
                continue
            return stored(value)
        raise busy("user")

    # Destinations

    def destination(self, tenant: str, destination: str) -> Stored[Destination]:
        missing = f"Tenant {tenant!r} has no destination {destination!r}."
        return self._read(Destination, destination_key(tenant, destination), missing)

    def destinations(self, tenant: str, limit: int, cursor: str | None = None) -> Page[Destination]:
        return self._list(Destination, tenant, "DESTINATION#", limit, cursor)

    def create_destination(self, tenant: str, destination: str, spec: DestinationSpec) -> Stored[Destination]:
        at = timestamp()
        value = Destination(**fields_of(spec), tenant=tenant, id=destination, created_at=at, updated_at=at)
        item = item_of(destination_key(tenant, destination), "DESTINATION", value)
        self._create([item], [f"Tenant {tenant!r} has a destination {destination!r} already."])
        return stored(value)

    def replace_destination(
        self, tenant: str, destination: str, spec: DestinationSpec, if_match: str | None = None
    ) -> Stored[Destination]:
        """A credential that the API keeps stays only where the new record still leads to the same server."""

        def changed(current: Destination) -> Destination:
            return Destination(
                **fields_of(spec),
                tenant=tenant,
                id=destination,
                created_at=current.created_at,
                updated_at=timestamp(),
                credential=current.credential if current.leads_where(spec.target) else None,
            )

        return self.change_destination(tenant, destination, changed, if_match)

    def change_destination(
        self, tenant: str, destination: str, changed: Callable[[Destination], Destination], if_match: str | None = None
    ) -> Stored[Destination]:
        key = destination_key(tenant, destination)
        return self._replace(lambda: self.destination(tenant, destination), changed, key, "DESTINATION", if_match)


def tenants_after(tenant: str) -> str:
    """The cursor of the tenants that follow this one."""
    return encode_cursor("tenants", {"id": tenant})
