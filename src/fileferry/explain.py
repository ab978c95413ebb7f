"""What would become of a file, real or not, and why: by the functions that decide it, and without any side effect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from fileferry.errors import ConfigurationError, NoSuchRecord
from fileferry.executor_choice import ExecutorChoice, choose_executor, needs_rates
from fileferry.ingest_key import IngestKey, is_no_file
from fileferry.intake.control_files import control_file_of
from fileferry.model.job import Job, ObjectVersion
from fileferry.model.route import Route, ZeroBytes
from fileferry.model.tenant import Tenant, User
from fileferry.repositories.rates import Rate
from fileferry.routing import IncomingFile, in_order, rejection_reason
from fileferry.services import Services
from fileferry.settings import Settings

Outcome = Literal["ignored", "control_file", "quarantined", "failed", "job"]


@dataclass(frozen=True)
class Considered:
    """One route, in the order in which they are tried. `reason` says why it does not match.

    Of the routes that match the first one takes the file, unless one before it is not `usable`: that one might have
    been the one, and nobody else gets the file.
    """

    route: str
    revision: int
    priority: int
    matched: bool
    taken: bool
    reason: str = ""
    usable: bool = True


@dataclass(frozen=True)
class Note:
    """What else decides the file's fate, and cannot be told before it is there."""

    topic: Literal["user", "order", "duplicates", "checksum", "size", "content", "worker"]
    text: str


@dataclass(frozen=True)
class Explanation:
    """What becomes of `file` and why; `route` is the revision that takes it."""

    file: IncomingFile
    outcome: Outcome
    why: str
    routes: tuple[Considered, ...] = ()
    route: Route | None = None
    executor: ExecutorChoice | None = None
    notes: tuple[Note, ...] = ()
    existing: Job | None = None
    """The job that this very object has become already."""


def consider(file: IncomingFile, routes: Sequence[Route]) -> tuple[Considered, ...]:
    """Every route in order, matched or the reason why not."""
    found: list[Considered] = []
    open_yet = True
    for route in in_order(routes):
        try:
            reason = rejection_reason(file, route)
        except ConfigurationError as error:
            found.append(Considered(route.id, route.revision, route.priority, False, False, str(error), usable=False))
            open_yet = False
            continue
        taken = open_yet and reason is None
        found.append(Considered(route.id, route.revision, route.priority, reason is None, taken, reason or ""))
        open_yet = open_yet and not taken
    return tuple(found)


def explain(file: IncomingFile, tenant: Tenant, routes: Sequence[Route], *, taken_region: bool = True) -> Explanation:
    """What the router decides about a file of these routes, without executor and notes.

    `taken_region`: whether the file lies in the region that is asked.
    """
    if not taken_region:
        return Explanation(file, "ignored", "the file lies in another region, and is served there")
    if no_file := is_no_file(file.path):
        return Explanation(file, "ignored", no_file)
    if not tenant.enabled:
        return Explanation(file, "quarantined", f"tenant {tenant.id!r} is disabled")
    try:
        if control := control_file_of(file.user, file.path, routes):
            about = "what was delivered as" if control.route is None else "the file"
            why = f"it is {_an(control.kind)} of {about} {control.path!r}, and no job of its own"
            return Explanation(file, "control_file", why)
        considered = consider(file, routes)
    except ConfigurationError as error:
        return Explanation(file, "failed", str(error))
    taken = next((each for each in considered if each.taken), None)
    if taken is None:
        unusable = next((each for each in considered if not each.usable), None)
        if unusable:
            return Explanation(file, "failed", f"route {unusable.route!r} cannot be used", considered)
        return Explanation(file, "quarantined", "no route takes it", considered)
    route = next(route for route in routes if route.id == taken.route)
    if file.size == 0 and route.zero_bytes is ZeroBytes.QUARANTINE:
        return Explanation(file, "quarantined", "the file is empty", considered, route)
    return Explanation(file, "job", f"route {route.id!r} is the first that matches", considered, route)


def _an(word: str) -> str:
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"


def notes_of(route: Route, file: IncomingFile, user: User | None, settings: Settings) -> Iterator[Note]:
    """What the route, the file's size and its user say about what cannot be told beforehand."""
    if user is None:
        yield Note("user", f"there is no login {file.user!r}: nobody can send this file over SFTP")
    elif not user.enabled:
        yield Note("user", f"login {file.user!r} is disabled")
    if route.duplicates == "skip":
        by = "the router" if file.size <= settings.duplicate_check_bytes else "the stage step, for its size"
        yield Note("duplicates", f"content that this route has taken before ends as DUPLICATE; {by} compares it")
    validation = route.validation
    if validation.checksum == "required":
        seconds = validation.checksum_wait_seconds
        yield Note("checksum", f"the job waits up to {seconds} s for a checksum, and is quarantined without one")
    checks = {
        **{"types": validation.types, "encoding": validation.encoding, "name": validation.name},
        **{"csv": validation.csv, "json": validation.json_, "ndjson": validation.ndjson},
    }
    names = [name for name, check in checks.items() if check]
    if names:
        yield Note("content", f"a file that fails a check is quarantined: {', '.join(names)}")


def explain_file(
    world: Services, key: IngestKey, size: int | None, at: str | None = None, *, named_key: bool = False
) -> Explanation | None:
    """The explanation for a file of a tenant; None when there is no such tenant.

    `size` in bytes; None takes that of the object which is there, or else one byte. With `at` (ISO 8601) the routes
    are those that were active then. `named_key`: the caller gave the key itself, with its region. Reads only.
    """
    tenant = world.config.tenant(key.tenant)
    if tenant is None:
        return None
    here = not named_key or key.region == world.settings.region
    # Of other regions' files this function may see nothing.
    version = _object(world, key) if here else None
    assumed = size is None and version is None
    bytes_ = size if size is not None else version.size if version else 1
    file = IncomingFile(key.tenant, key.user, key.path, bytes_)
    try:
        routes = world.config.active_routes(key.tenant, fresh=True)
        if at is not None:
            dated = (world.config.route_at(key.tenant, route.id, at) for route in routes)
            routes = tuple(route for route in dated if route)
    except ConfigurationError as error:
        found = Explanation(file, "failed", str(error))
    else:
        found = explain(file, tenant, routes, taken_region=here)
    notes = [Note("size", "the size is not known and taken as one byte; give `size`")] if assumed else []
    if found.route:
        user = world.config.user(key.tenant, key.user)
        notes += [*notes_of(found.route, file, user, world.settings), *_line(world, found.route, file)]
    if found.outcome == "job" and found.route:
        found = _with_executor(world, found, found.route)
    return replace(found, notes=tuple(notes), existing=_existing(world, key.tenant, version))


def _object(world: Services, key: IngestKey) -> ObjectVersion | None:
    """The latest version that lies at the key now."""
    bucket = world.settings.ingest_bucket
    try:
        head = world.objects.head(bucket, str(key))
    except NoSuchRecord:
        return None
    return ObjectVersion(bucket=bucket, key=str(key), version_id=head.version_id, size=head.size, etag=head.etag)


def _existing(world: Services, tenant: str, version: ObjectVersion | None) -> Job | None:
    claim = world.keys.claim_of(version) if version else None
    try:
        return world.jobs.of_tenant(tenant, claim.job_id) if claim else None
    except NoSuchRecord:
        return None


def _line(world: Services, route: Route, file: IncomingFile) -> Iterator[Note]:
    if route.ordered:
        ahead = world.keys.first_in_line(file.tenant, route.id, file.user)
        waits = f"it waits for job {ahead} and all behind it" if ahead else "nobody is before it now"
        yield Note("order", f"the route delivers a user's files in the order of their arrival; {waits}")


def _with_executor(world: Services, found: Explanation, route: Route) -> Explanation:
    names = route.deliver.destinations if needs_rates(route, found.file.size, world.settings) else []
    try:
        destinations = {name: world.config.destination(found.file.tenant, name) for name in names}
    except ConfigurationError as error:
        return replace(found, outcome="failed", why=str(error))
    learned: Mapping[str, Rate] = world.rates.of(found.file.tenant, names) if names else {}
    choice = choose_executor(route, found.file.size, destinations, world.settings, learned)
    return replace(found, executor=choice)
