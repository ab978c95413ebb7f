"""The API of one function: declares its operations, and takes each request through what all operations share.

In this order: who calls, whether that caller may, how often its tenant has called, the query and the body, whether
the same request was answered before, the audit entry, and the operation itself. Every error is a problem (RFC 9457).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import BaseModel

from fileferry.api import audit, rate_limits, repeats
from fileferry.api.answers import PROBLEM, Answer, json_text
from fileferry.api.bodies import read_body, read_query, replaced
from fileferry.api.callers import Caller, Role, caller_of, demand
from fileferry.api.operations import Operation
from fileferry.api.problems import Mistake, RequestRefused
from fileferry.aws_errors import is_transient
from fileferry.errors import Conflict, FerryError, NoSuchRecord, TooLarge
from fileferry.repositories.audit import AuditEntry
from fileferry.repositories.pages import BadCursor
from fileferry.repositories.records import Stale
from fileferry.services import services

_STATUSES: Mapping[type[FerryError], HTTPStatus] = {
    NoSuchRecord: HTTPStatus.NOT_FOUND,
    Stale: HTTPStatus.PRECONDITION_FAILED,
    Conflict: HTTPStatus.CONFLICT,
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    BadCursor: HTTPStatus.BAD_REQUEST,
}


@dataclass(frozen=True)
class Call:
    """A request that may be performed: its caller has the role, its parts have been read."""

    operation: Operation
    caller: Caller
    path: Mapping[str, str]
    request_id: str
    source_ip: str = ""
    query: Any = None
    """Instance of the operation's query model."""
    body: Any = None
    """Instance of the operation's body model."""
    if_match: str | None = None
    """The entity tag that the record must have; None when the request leaves it open."""
    repeat: str = ""
    """The same for every repeat of a request with an Idempotency-Key, and for no other request; empty without one."""
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def tenant(self) -> str:
        return self.path["tenant"]

    def note(self, **details: Any) -> None:
        """Add to the audit entry what was done; never a secret."""
        self.notes.update(details)


Function = Callable[[Call], Answer]


class Api(APIGatewayHttpResolver):
    """Powertools' resolver of HTTP API events (payload 2.0) whose routes are operations."""

    def __init__(self, logger: Logger, tag: str) -> None:
        super().__init__()
        self._logger = logger
        self._tag = tag
        self.operations: list[Operation] = []
        self.not_found(self._no_such_address)
        for kind in (*_STATUSES, RequestRefused):
            self.exception_handler(kind)(self._refused)
        self.exception_handler(Exception)(self._unforeseen)

    def operation(
        self,
        method: str,
        path: str,
        *,
        access: Role,
        answer: type[BaseModel] | None,
        body: type[BaseModel] | None = None,
        query: type[BaseModel] | None = None,
        status: HTTPStatus = HTTPStatus.OK,
        listing: bool = False,
        tagged: bool = False,
        audited: bool | None = None,
        secret: bool = False,
        tag: str = "",
    ) -> Callable[[Function], Function]:
        """Declare the decorated function as an operation; its docstring is the description (`Operation`)."""

        def declare(function: Function) -> Function:
            summary, _, description = (function.__doc__ or "").strip().partition("\n")
            operation = Operation(
                id=_camel(function.__name__),
                tag=tag or self._tag,
                method=method,
                path=path,
                summary=summary,
                description=re.sub(r"\n {4}", "\n", description).strip(),
                access=access,
                body=body,
                query=query,
                answer=answer,
                status=status,
                listing=listing,
                tagged=tagged,
                audited=method != "GET" if audited is None else audited,
                secret=secret,
            )
            self.operations.append(operation)

            def endpoint(**parts: str) -> Answer:
                return self._perform(operation, function, parts)

            self.route(re.sub(r"{(\w+)}", r"<\1>", path), method)(endpoint)
            return function

        return declare

    # A request

    def _perform(self, operation: Operation, function: Function, raw: Mapping[str, str]) -> Answer:
        call = self._admitted(operation, raw)
        event = self.current_event
        if operation.query:
            call = replace(call, query=read_query(event.query_string_parameters or {}, operation.query))
        elif event.query_string_parameters:
            read_query(event.query_string_parameters, _NoQuery)
        digest = ""
        if operation.body:
            given = read_body(event, operation.body)
            call = replace(call, body=replaced(given.value, operation, call.path))
            digest = given.digest
        key = self._header("idempotency-key") if operation.method == "POST" else None
        if key:
            call = replace(call, repeat=hashlib.sha256(f"{call.caller.id}\0{key}".encode()).hexdigest())
        return repeats.once(call, key, digest, self.lambda_context, lambda: self._audited(call, function))

    def _admitted(self, operation: Operation, raw: Mapping[str, str]) -> Call:
        """Raises RequestRefused: 401, 403, 404, 429."""
        context = self.current_event.raw_event["requestContext"]
        world = services()
        caller = caller_of(context, world.settings, world.clients.find)
        # Ids hold no `%`, so that it does not matter whether the gateway has decoded them.
        path = {name: unquote(value) for name, value in raw.items()}
        demand(caller, operation.access, path.get("tenant"))
        for name, value in path.items():
            if not operation.accepts(name, value):
                raise NoSuchRecord(f"There is no {name.removesuffix('_id').replace('_', ' ')} {value!r}.")
        rate_limits.take(caller, path.get("tenant"))
        source_ip = str(context.get("http", {}).get("sourceIp", ""))
        return Call(
            operation, caller, path, str(context.get("requestId", "")), source_ip, if_match=self._if_match(operation)
        )

    def _audited(self, call: Call, function: Function) -> Answer:
        if not call.operation.audited:
            return function(call)
        entry = audit.begin(call)
        try:
            answer = function(call)
        except Exception as error:
            self._note_end(entry, _status_of(error), call)
            raise
        self._note_end(entry, HTTPStatus(answer.status_code), call)
        return answer

    def _note_end(self, entry: AuditEntry, status: HTTPStatus, call: Call) -> None:
        """What was done is done: if its end cannot be noted the entry stays without one, and the answer as it is."""
        try:
            audit.end(entry, status, call.notes)
        except (ClientError, BotoCoreError):
            self._logger.exception("the audit entry has no end", request_id=call.request_id, status=status.value)

    def _if_match(self, operation: Operation) -> str | None:
        if not operation.conditional:
            return None
        text = self._header("if-match")
        if text is None or text.strip() == "*":
            return None
        if not re.fullmatch(r'\s*(W/)?"[^"]*"\s*', text):
            raise RequestRefused(
                HTTPStatus.BAD_REQUEST, 'If-Match must be one entity tag in quotes, as ETag gave it, or "*".'
            )
        return text.strip()

    def _header(self, name: str) -> str | None:
        headers: Mapping[str, str] = self.current_event.headers or {}
        return next((value for key, value in headers.items() if key.lower() == name), None)

    # Problems

    def _problem(
        self,
        status: HTTPStatus,
        detail: str,
        mistakes: Sequence[Mistake] = (),
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """RFC 9457; `type` is left out, which means about:blank: the status says it all."""
        request_id = self.current_event.request_context.request_id
        body: dict[str, Any] = {"title": status.phrase, "status": status.value, "detail": detail}
        if mistakes:
            body["errors"] = [mistake.as_json() for mistake in mistakes]
        text = json_text({**body, "request_id": request_id})
        return Response(status.value, PROBLEM, text, headers=dict(headers or {}))

    def _no_such_address(self, _: Exception) -> Answer:
        event = self.current_event
        allowed = sorted({o.method for o in self.operations if o.pattern.fullmatch(event.path)})
        if allowed:
            detail = f"{event.path} takes {' and '.join(allowed)}, not {event.http_method}."
            return self._problem(HTTPStatus.METHOD_NOT_ALLOWED, detail, headers={"Allow": ", ".join(allowed)})
        return self._problem(HTTPStatus.NOT_FOUND, f"There is nothing at {event.http_method} {event.path}.")

    def _refused(self, error: FerryError) -> Answer:
        text = f"{error.what} To do: {error.todo}" if error.todo else error.what
        if isinstance(error, RequestRefused):
            return self._problem(error.status, text, error.mistakes, error.headers)
        return self._problem(_status_of(error), text)

    def _unforeseen(self, error: Exception) -> Answer:
        request_id = self.current_event.request_context.request_id
        self._logger.exception("request failed", error_type=type(error).__name__, request_id=request_id)
        status = _status_of(error)
        if status is HTTPStatus.SERVICE_UNAVAILABLE:
            return self._problem(status, "AWS is busy; try again in a moment.", headers={"Retry-After": "1"})
        return self._problem(status, "The request failed for a reason of ours; the log has it by `request_id`.")


def _status_of(error: Exception) -> HTTPStatus:
    if isinstance(error, RequestRefused):
        return error.status
    if isinstance(error, ClientError) and is_transient(error):
        return HTTPStatus.SERVICE_UNAVAILABLE
    return next((s for kind, s in _STATUSES.items() if isinstance(error, kind)), HTTPStatus.INTERNAL_SERVER_ERROR)


class _NoQuery(BaseModel, extra="forbid"):
    """The query of an operation that takes none."""


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
