"""Expectations of a tenant: which files by when, and what became of each window."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus

from pydantic import Field

from fileferry.api import Answer, Call, Mistake, Paging, Role, page_answer, refuse
from fileferry.clock import now, timestamp
from fileferry.errors import ConfigurationError
from fileferry.expectations.windows import next_span
from fileferry.model.expectation import Expectation, ExpectationSpec, Window, WindowStatus
from fileferry.model.route import Identifier, Match
from fileferry.repositories.expectations import ExpectationRecords
from fileferry.repositories.pages import Page
from fileferry.routing import path_matches
from fileferry.services import services

from .service import api, check_tenant, config, exists, spec_of, told


class NewExpectation(ExpectationSpec):
    """An expectation that is to be created."""

    id: Identifier


class ExpectationAnswer(Expectation):
    """An expectation with its next deadline."""

    next_deadline: str | None = Field(None, description="In UTC; null when it is disabled, or has no more.")


def records() -> ExpectationRecords:
    world = services()
    return ExpectationRecords(world.dynamodb, world.settings.config_table, world.windows, world.settings.region)


def expectation_answer(expectation: Expectation) -> ExpectationAnswer:
    span = next_span(expectation, now()) if expectation.enabled else None
    return ExpectationAnswer(**expectation.model_dump(), next_deadline=timestamp(span.deadline) if span else None)


@api.operation(
    "GET", "/v1/tenants/{tenant}/expectations", access=Role.VIEWER, query=Paging, answer=ExpectationAnswer, listing=True
)
def list_expectations(call: Call) -> Answer:
    """List what a tenant expects."""
    check_tenant(call.tenant)
    return page_answer(records().expectations(call.tenant, call.query.limit, call.query.cursor), expectation_answer)


@api.operation(
    "POST",
    "/v1/tenants/{tenant}/expectations",
    access=Role.TENANT_ADMIN,
    body=NewExpectation,
    answer=ExpectationAnswer,
    status=HTTPStatus.CREATED,
    tagged=True,
)
def create_expectation(call: Call) -> Answer:
    """Expect files by a deadline that comes again and again.

    The first window is that of the next deadline. What is missing, late or came twice raises an event.
    """
    check_tenant(call.tenant)
    spec = spec_of(call.body, ExpectationSpec)
    refuse(list(expectation_mistakes(call.tenant, spec)))
    call.note(expectation=call.body.id)
    stored = records().create_expectation(call.tenant, call.body.id, spec)
    return told(stored, expectation_answer, created=f"/v1/tenants/{call.tenant}/expectations/{call.body.id}")


@api.operation(
    "GET",
    "/v1/tenants/{tenant}/expectations/{expectation}",
    access=Role.VIEWER,
    answer=ExpectationAnswer,
    tagged=True,
)
def read_expectation(call: Call) -> Answer:
    """Read an expectation."""
    return told(records().expectation(call.tenant, call.path["expectation"]), expectation_answer)


@api.operation(
    "PUT",
    "/v1/tenants/{tenant}/expectations/{expectation}",
    access=Role.TENANT_ADMIN,
    body=ExpectationSpec,
    answer=ExpectationAnswer,
    tagged=True,
)
def replace_expectation(call: Call) -> Answer:
    """Replace an expectation. Windows whose deadline has passed stay as they were judged."""
    check_tenant(call.tenant)
    refuse(list(expectation_mistakes(call.tenant, call.body)))
    return told(
        records().replace_expectation(call.tenant, call.path["expectation"], call.body, call.if_match),
        expectation_answer,
    )


@api.operation(
    "GET",
    "/v1/tenants/{tenant}/expectations/{expectation}/windows",
    access=Role.VIEWER,
    query=Paging,
    answer=Window,
    listing=True,
)
def list_windows(call: Call) -> Answer:
    """List an expectation's windows, the latest first: the one that is pending, and those that were judged."""
    expectation = records().expectation(call.tenant, call.path["expectation"]).value
    page = services().windows.windows(call.tenant, expectation.id, call.query.limit, call.query.cursor)
    pending = _pending(expectation) if call.query.cursor is None else None
    return page_answer(Page((*([pending] if pending else []), *page.items), page.cursor), lambda window: window)


@api.operation(
    "GET", "/v1/tenants/{tenant}/missed-windows", access=Role.VIEWER, query=Paging, answer=Window, listing=True
)
def list_missed_windows(call: Call) -> Answer:
    """List all windows of a tenant that were not met in time, the latest first."""
    check_tenant(call.tenant)
    return page_answer(
        services().windows.missed(call.tenant, call.query.limit, call.query.cursor), lambda window: window
    )


def _pending(expectation: Expectation) -> Window | None:
    """The window of the next deadline; what came so far is not counted yet."""
    span = next_span(expectation, now()) if expectation.enabled else None
    if span is None:
        return None
    return Window(
        tenant=expectation.tenant,
        expectation=expectation.id,
        deadline=timestamp(span.deadline),
        opens_at=timestamp(span.opens_at),
        late_until=timestamp(span.late_until),
        status=WindowStatus.PENDING,
        route=expectation.route or "",
        user=expectation.user or "",
        glob=expectation.glob or "",
        min_count=expectation.min_count,
    )


def expectation_mistakes(tenant: str, spec: ExpectationSpec) -> Iterator[Mistake]:
    """Names that must exist, and a glob that must be usable."""
    route, user = spec.route, spec.user
    if route is not None and not exists(lambda: config().route(tenant, route)):
        yield Mistake(f"tenant {tenant!r} has no route {route!r}; create it first", pointer="/route")
    if user is not None and not exists(lambda: config().user(tenant, user)):
        yield Mistake(f"tenant {tenant!r} has no user {user!r}; create it first", pointer="/user")
    if spec.glob is not None:
        try:
            path_matches(Match(glob=spec.glob), "")
        except ConfigurationError as error:
            yield Mistake(error.what, pointer="/glob")
