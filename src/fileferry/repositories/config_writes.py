"""The control plane's side of the `config` table: fresh reads with entity tags, listings, and every write.

A write is one transaction: it is refused when a record changed since it was read, and boto3's client token
makes a repeat of the same call harmless. A route's revisions are only ever added.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from botocore.exceptions import ClientError

from fileferry.clock import timestamp
from fileferry.errors import Conflict, NoSuchRecord, TooLarge
from fileferry.model.destination import Destination, DestinationSpec
from fileferry.model.job import Frozen
from fileferry.model.route import Route, RouteSpec
from fileferry.model.tenant import Tenant, TenantSpec, User, UserSpec
from fileferry.repositories.config_keys import (
    activation_key,
    destination_key,
    login_key,
    password_key,
    revision_key,
    route_key,
    tenant_key,
    user_key,
)
from fileferry.repositories.items import cancellation_codes, to_item
from fileferry.repositories.pages import Page, decode_cursor, encode_cursor

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

M = TypeVar("M", bound=Frozen)

_ATTEMPTS = 8
_LARGEST_DOC = 380_000
"""Bytes. DynamoDB's items end at 400 KB (Developer Guide, "Quotas"), keys and attribute names included."""


class Stale(Conflict):
    """The caller's entity tag is not the record's: it was changed since the caller read it."""


@dataclass(frozen=True)
class Stored(Generic[M]):
    """A record as it lies in the table; `doc` is its exact text, which conditions compare."""

    value: M
    doc: str

    @property
    def etag(self) -> str:
        """Strong entity tag, in quotes (RFC 9110, section 8.8.3)."""
        return f'"{hashlib.sha256(self.doc.encode()).hexdigest()[:32]}"'

    def demand(self, if_match: str | None) -> None:
        """Raises Stale when an entity tag is demanded and this record's is another one."""
        if if_match is not None and if_match != self.etag:
            raise Stale(
                "The record was changed since it was read.",
                todo="read it again, apply the change to what it is now, and send it with the new ETag.",
            )


@dataclass(frozen=True)
class _Put:
    """One item of a transaction; `seen` is the doc that it replaces, None when it must be new.

    With `always` it replaces whatever is there.
    """

    item: Mapping[str, Any]
    seen: str | None = None
    always: bool = False


class _Changed(Exception):
    """Items of a transaction, by position, that were not as expected; empty: others were writing."""

    def __init__(self, positions: Sequence[int]) -> None:
        super().__init__(positions)
        self.positions = positions


class ConfigWriter:
    """Creates, replaces, reads and lists tenants, users, routes and destinations.

    Reads raise NoSuchRecord; `create_…` raises Conflict when the id is taken; `replace_…` raises Stale when
    `if_match` is given and is not the record's entity tag.
    """

    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

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
        value = Tenant(**_fields(spec), id=tenant, created_at=at, updated_at=at)
        self._create([_item(tenant_key(tenant), "TENANT", value)], [f"Tenant {tenant!r} exists already."])
        return _stored(value)

    def replace_tenant(self, tenant: str, spec: TenantSpec, if_match: str | None = None) -> Stored[Tenant]:
        def changed(current: Tenant) -> Tenant:
            return Tenant(**_fields(spec), id=tenant, created_at=current.created_at, updated_at=timestamp())

        return self._replace(lambda: self.tenant(tenant), changed, tenant_key(tenant), "TENANT", if_match)

    # Users

    def user(self, tenant: str, user: str) -> Stored[User]:
        return self._read(User, user_key(tenant, user), f"Tenant {tenant!r} has no user {user!r}.")

    def users(self, tenant: str, limit: int, cursor: str | None = None) -> Page[User]:
        return self._list(User, tenant, "USER#", limit, cursor)

    def create_user(self, tenant: str, user: str, spec: UserSpec) -> Stored[User]:
        """Also claims the login, which is unique over all tenants."""
        at = timestamp()
        value = User(**_fields(spec), tenant=tenant, id=user, created_at=at, updated_at=at)
        login = {**login_key(user), "kind": "LOGIN", "tenant": tenant}
        self._create(
            [_item(user_key(tenant, user), "USER", value), login],
            [
                f"Tenant {tenant!r} has a user {user!r} already.",
                f"The login {user!r} is taken; logins are unique over all tenants.",
            ],
        )
        return _stored(value)

    def replace_user(self, tenant: str, user: str, spec: UserSpec, if_match: str | None = None) -> Stored[User]:
        def changed(current: User) -> User:
            return User(
                **_fields(spec),
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
                    [_Put(_item(user_key(tenant, user), "USER", value), current.doc), _Put(secret, always=True)]
                )
            except _Changed:
                continue
            return _stored(value)
        raise _busy("user")

    # Destinations

    def destination(self, tenant: str, destination: str) -> Stored[Destination]:
        missing = f"Tenant {tenant!r} has no destination {destination!r}."
        return self._read(Destination, destination_key(tenant, destination), missing)

    def destinations(self, tenant: str, limit: int, cursor: str | None = None) -> Page[Destination]:
        return self._list(Destination, tenant, "DESTINATION#", limit, cursor)

    def create_destination(self, tenant: str, destination: str, spec: DestinationSpec) -> Stored[Destination]:
        at = timestamp()
        value = Destination(**_fields(spec), tenant=tenant, id=destination, created_at=at, updated_at=at)
        item = _item(destination_key(tenant, destination), "DESTINATION", value)
        self._create([item], [f"Tenant {tenant!r} has a destination {destination!r} already."])
        return _stored(value)

    def replace_destination(
        self, tenant: str, destination: str, spec: DestinationSpec, if_match: str | None = None
    ) -> Stored[Destination]:
        """A credential that the API keeps stays only where the new record still leads to the same server."""

        def changed(current: Destination) -> Destination:
            return Destination(
                **_fields(spec),
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

    # Routes

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
        return _stored(value)

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
                self._write([_Put(active, current.doc), _Put(revision), _Put(activation_item(value, value.created_at))])
            except _Changed:
                continue
            return _stored(value)
        raise _busy(f"route {route!r}")

    def _newest_revision(self, tenant: str, route: str) -> int:
        page = self._list_items(tenant, f"REVISION#{route}#", 1, None, newest_first=True)
        return int(page.items[0]["revision"]["N"]) if page.items else 0

    # What they share

    def _read(self, model: type[M], key: Mapping[str, str], missing: str) -> Stored[M]:
        doc = self._get(key, missing)["doc"]["S"]
        return Stored(model.model_validate_json(doc), doc)

    def _get(self, key: Mapping[str, str], missing: str) -> Mapping[str, Any]:
        answer = self._dynamodb.get_item(TableName=self._table, Key=to_item(key), ConsistentRead=True)
        if "Item" not in answer:
            raise NoSuchRecord(missing)
        return answer["Item"]

    def _list(self, model: type[M], tenant: str, prefix: str, limit: int, cursor: str | None) -> Page[M]:
        page = self._list_items(tenant, prefix, limit, cursor)
        return Page(tuple(model.model_validate_json(item["doc"]["S"]) for item in page.items), page.cursor)

    def _list_items(
        self, tenant: str, prefix: str, limit: int, cursor: str | None, *, newest_first: bool = False
    ) -> Page[Mapping[str, Any]]:
        listing = f"{tenant}/{prefix}"
        pk = tenant_key(tenant)["pk"]
        start = None
        if cursor is not None:
            start = {"pk": pk, "sk": prefix + decode_cursor(listing, cursor, frozenset({"after"}))["after"]}
        items, more = self._query(
            limit,
            start,
            ConsistentRead=True,
            ScanIndexForward=not newest_first,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            values={":pk": pk, ":prefix": prefix},
        )
        after = items[-1]["sk"]["S"].removeprefix(prefix) if more else ""
        return Page(tuple(items), encode_cursor(listing, {"after": after}) if more else None)

    def _query(
        self, limit: int, start: Mapping[str, str] | None, *, values: Mapping[str, str], **query: Any
    ) -> tuple[list[dict[str, Any]], bool]:
        """At most `limit` items, and whether there are more; one more is asked for so that no page is empty."""
        if start is not None:
            query["ExclusiveStartKey"] = to_item(start)
        answer: Mapping[str, Any] = self._dynamodb.query(
            TableName=self._table, Limit=limit + 1, ExpressionAttributeValues=to_item(values), **query
        )
        items = list(answer["Items"])
        more = len(items) > limit or ("LastEvaluatedKey" in answer and bool(items))
        return items[:limit], more

    def _create(self, items: Sequence[Mapping[str, Any]], taken: Sequence[str]) -> None:
        """Put new items together; `taken` says for each what it means that it exists."""
        for _ in range(_ATTEMPTS):
            try:
                return self._write([_Put(item) for item in items])
            except _Changed as refused:
                if refused.positions:
                    raise Conflict(taken[refused.positions[0]]) from refused
        raise _busy("record")

    def _create_record(
        self,
        key: Mapping[str, str],
        kind: str,
        value: M,
        taken: str,
        claims: Sequence[tuple[Mapping[str, str], str]] = (),
    ) -> Stored[M]:
        """Put one new record, and items that make something unique; the texts say what it means if one exists."""
        items = [_item(key, kind, value), *(claim for claim, _ in claims)]
        self._create(items, [taken, *(meaning for _, meaning in claims)])
        return _stored(value)

    def _replace(
        self,
        read: Callable[[], Stored[M]],
        changed: Callable[[M], M],
        key: Mapping[str, str],
        kind: str,
        if_match: str | None,
    ) -> Stored[M]:
        for current in self._attempts(read, if_match):
            value = changed(current.value)
            try:
                self._write([_Put(_item(key, kind, value), current.doc)])
            except _Changed:
                continue
            return _stored(value)
        raise _busy("record")

    def _attempts(self, read: Callable[[], Stored[M]], if_match: str | None) -> Iterator[Stored[M]]:
        """Fresh reads, one for each attempt. Raises Stale when the record is not the one that the caller saw."""
        for _ in range(_ATTEMPTS):
            current = read()
            current.demand(if_match)
            yield current

    def _write(self, puts: Sequence[_Put]) -> None:
        try:
            self._dynamodb.transact_write_items(TransactItems=[{"Put": self._put(put)} for put in puts])
        except ClientError as error:
            codes = cancellation_codes(error)
            failed = [place for place, code in enumerate(codes) if code == "ConditionalCheckFailed"]
            if failed or "TransactionConflict" in codes:
                raise _Changed(failed) from error
            raise

    def _put(self, put: _Put) -> Any:
        condition: dict[str, Any]
        if put.always:
            condition = {}
        elif put.seen is None:
            condition = {"ConditionExpression": "attribute_not_exists(pk)"}
        else:
            condition = {
                "ConditionExpression": "doc = :seen",
                "ExpressionAttributeValues": {":seen": {"S": put.seen}},
            }
        return {"TableName": self._table, "Item": to_item(put.item), **condition}


def tenants_after(tenant: str) -> str:
    """The cursor of the tenants that follow this one."""
    return encode_cursor("tenants", {"id": tenant})


def _busy(what: str) -> Conflict:
    return Conflict(f"Others are writing the same {what} at this moment.", todo="try again.")


def _fields(spec: Frozen) -> dict[str, Any]:
    """The fields of a spec, ready for the model that extends it."""
    return {info.alias or name: getattr(spec, name) for name, info in type(spec).model_fields.items()}


def spec_of_route(route: Route) -> RouteSpec:
    """What a user wrote of a revision."""
    return RouteSpec(**{info.alias or name: getattr(route, name) for name, info in RouteSpec.model_fields.items()})


def _route(tenant: str, route: str, revision: int, spec: RouteSpec, by: str, comment: str) -> Route:
    return Route(
        **_fields(spec),
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
        {**_item(route_key(route.tenant, route.id), "ROUTE", route), **extra},
        {**_item(revision_key(route.tenant, route.id, route.revision), "REVISION", route), **extra},
    ]


def activation_item(route: Route, at: str) -> dict[str, Any]:
    """What tells, later on, that this revision was the active one from `at` on."""
    return {**activation_key(route.tenant, route.id, at), "revision": route.revision}


def _item(key: Mapping[str, str], kind: str, value: Frozen) -> dict[str, Any]:
    return {**key, "kind": kind, "doc": _doc(value)}


def _doc(value: Frozen) -> str:
    doc = value.model_dump_json(by_alias=True)
    if len(doc.encode()) > _LARGEST_DOC:
        raise TooLarge(
            f"The record has {len(doc.encode())} bytes; at most {_LARGEST_DOC} fit.",
            todo="shorten it: certificates, long lists of columns and schemas take the most.",
        )
    return doc


def _stored(value: M) -> Stored[M]:
    return Stored(value, _doc(value))
