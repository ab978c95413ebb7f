"""What the models alone cannot tell: whether keys, networks and expressions parse, and whether names exist."""

from __future__ import annotations

import codecs
import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlsplit

from fileferry.api import Mistake, pointer
from fileferry.clock import parse_time
from fileferry.destinations.certificates import trust
from fileferry.errors import ConfigurationError
from fileferry.model.destination import DestinationSpec, HttpsDestination, SftpDestination
from fileferry.model.route import RouteSpec
from fileferry.model.subscription import HttpsEndpoint
from fileferry.model.tenant import PublicKey, UserSpec
from fileferry.routing import path_matches
from fileferry.settings import Settings
from fileferry.ssh_keys import NotAPublicKey, parse_public_key

Exists = Callable[[str], bool]
_KEPT_BY_API = ("destinations/", "key-rings/", "subscriptions/")
"""Where, below a tenant's prefix, the secrets lie that only the API writes."""


def user_mistakes(spec: UserSpec) -> Iterator[Mistake]:
    """Keys, their dates, and networks."""
    seen: dict[str, int] = {}
    labels: dict[str, int] = {}
    for place, key in enumerate(spec.public_keys):
        yield from _key_mistakes(place, key, seen)
        if key.label and labels.setdefault(key.label, place) != place:
            detail = f"is the label of key {labels[key.label]}, too: give each key a label of its own"
            yield Mistake(detail, pointer=pointer(["public_keys", place, "label"]))
    for place, network in enumerate(spec.allowed_networks):
        try:
            ipaddress.ip_network(network)
        except ValueError as error:
            yield Mistake(f"is not a network in CIDR form: {error}", pointer=pointer(["allowed_networks", place]))


def _key_mistakes(place: int, key: PublicKey, seen: dict[str, int]) -> Iterator[Mistake]:
    at = pointer(["public_keys", place, "key"])
    try:
        blob = parse_public_key(key.key).blob
        if blob in seen:
            yield Mistake(f"is the same key as number {seen[blob]}", pointer=at)
        seen.setdefault(blob, place)
    except NotAPublicKey as error:
        yield Mistake(str(error), pointer=at)
    times = {}
    for name in ("not_before", "expires_at"):
        if text := getattr(key, name):
            try:
                times[name] = parse_time(text)
            except ValueError as error:
                yield Mistake(str(error), pointer=pointer(["public_keys", place, name]))
    if len(times) == 2 and times["expires_at"] <= times["not_before"]:
        yield Mistake("must be after `not_before`", pointer=pointer(["public_keys", place, "expires_at"]))


def destination_mistakes(spec: DestinationSpec, tenant: str, settings: Settings) -> Iterator[Mistake]:
    """Host keys, and secrets that are not the tenant's."""
    target = spec.target
    if isinstance(target, SftpDestination):
        for place, line in enumerate(target.host_keys):
            try:
                parse_public_key(line)
            except NotAPublicKey as error:
                yield Mistake(str(error), pointer=pointer(["target", "host_keys", place]))
        yield from _secret_mistakes({"/target/secret": target.secret}, tenant, settings)
    elif isinstance(target, HttpsDestination):
        yield from endpoint_mistakes(target)
        yield from _secret_mistakes({"/target/hmac_secret": target.hmac_secret}, tenant, settings)


def endpoint_mistakes(target: HttpsDestination | HttpsEndpoint) -> Iterator[Mistake]:
    """A port that is none, and an authority's certificate that cannot be read: nothing would ever be sent there."""
    try:
        _ = urlsplit(target.url).port
    except ValueError as error:
        yield Mistake(str(error), pointer="/target/url")
    if target.ca_certificate is not None:
        try:
            trust(target.ca_certificate)
        except ConfigurationError:
            yield Mistake("is not a certificate in PEM form", pointer="/target/ca_certificate")


def route_mistakes(
    spec: RouteSpec, tenant: str, settings: Settings, has_destination: Exists, has_user: Exists
) -> Iterator[Mistake]:
    """Names that must exist, expressions and encodings that must be readable, secrets that must be the tenant's."""
    for place, name in enumerate(spec.deliver.destinations):
        if not has_destination(name):
            detail = f"tenant {tenant!r} has no destination {name!r}; create it first"
            yield Mistake(detail, pointer=pointer(["deliver", "destinations", place]))
    if spec.confirm.user and not has_user(spec.confirm.user):
        detail = f"tenant {tenant!r} has no user {spec.confirm.user!r}; create it first"
        yield Mistake(detail, pointer="/confirm/user")
    if settings.workflows and spec.workflow.name not in settings.workflows:
        known = ", ".join(sorted(settings.workflows))
        yield Mistake(f"is not a workflow that is deployed; there are {known}", pointer="/workflow/name")
    yield from _match_mistakes(spec)
    yield from _expression_mistakes(spec)
    yield from _encoding_mistakes(spec)
    secrets = {
        pointer(["transform", place, name]): getattr(operation, name, None)
        for place, operation in enumerate(spec.transform)
        for name in ("key_secret", "signing_key_secret")
    }
    yield from _secret_mistakes(secrets, tenant, settings)


def key_ring_mistakes(spec: RouteSpec, has_key_ring: Exists) -> Iterator[Mistake]:
    """Key rings that must exist."""
    for place, operation in enumerate(spec.transform):
        ring = getattr(operation, "key_ring", None)
        if ring is not None and not has_key_ring(ring):
            detail = f"there is no key ring {ring!r}; create it first"
            yield Mistake(detail, pointer=pointer(["transform", place, "key_ring"]))


def _match_mistakes(spec: RouteSpec) -> Iterator[Mistake]:
    if spec.match.glob is not None:
        try:
            path_matches(spec.match, "")
        except ConfigurationError as error:
            yield Mistake(error.what, pointer="/match/glob")
    for at, sizes in (("/match", spec.match), ("/validation", spec.validation)):
        if sizes.max_size is not None and sizes.max_size < sizes.min_size:
            yield Mistake("must not be less than `min_size`: no file fits both", pointer=f"{at}/max_size")


def _expression_mistakes(spec: RouteSpec) -> Iterator[Mistake]:
    expressions = {"/validation/name": spec.validation.name}
    if spec.validation.csv:
        for place, column in enumerate(spec.validation.csv.columns):
            expressions[pointer(["validation", "csv", "columns", place, "pattern"])] = column.pattern
    for at, expression in expressions.items():
        try:
            re.compile(expression or "")
        except re.error as error:
            yield Mistake(f"is not a regular expression: {error}", pointer=at)


def _encoding_mistakes(spec: RouteSpec) -> Iterator[Mistake]:
    encodings = {"/validation/encoding": spec.validation.encoding}
    for place, operation in enumerate(spec.transform):
        if operation.op == "charset":
            encodings[pointer(["transform", place, "source"])] = operation.source
            encodings[pointer(["transform", place, "target"])] = operation.target
    for at, name in encodings.items():
        try:
            codecs.lookup(name or "utf-8")
        except (LookupError, ValueError):
            yield Mistake("is not a text encoding that is known here", pointer=at)


def _secret_mistakes(secrets: Mapping[str, str | None], tenant: str, settings: Settings) -> Iterator[Mistake]:
    """A tenant names secrets below its own prefix only, or it could log in as another."""
    if not settings.secret_prefix:
        return
    prefix = f"{settings.secret_prefix}{tenant}/"
    for at, name in secrets.items():
        if name is None:
            continue
        if not name.startswith(prefix):
            yield Mistake(f"must be the name of a secret that begins with {prefix!r}", pointer=at)
        elif name.removeprefix(prefix).startswith(_KEPT_BY_API):
            yield Mistake("must not be a secret that the API keeps: it could be sent elsewhere", pointer=at)
