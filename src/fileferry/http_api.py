"""What the HTTP APIs share: requests read strictly, answers in JSON, every error as problem+json (RFC 9457)."""

from __future__ import annotations

import binascii
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, NoReturn
from urllib.parse import unquote

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from botocore.exceptions import ClientError

from fileferry.errors import Conflict, FerryError, NoSuchRecord
from fileferry.repositories.config_writes import Stale, TooLarge
from fileferry.repositories.pages import BadCursor, Page

JSON = "application/json"
PROBLEM = "application/problem+json"
LARGEST_BODY = 512 * 1024
"""Bytes of a request's body. What a record may have is less, and checked when it is written."""
_PAGE = 50
_LARGEST_PAGE = 200
_THROTTLES = {"ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded"}

Answer = Response[Any]


@dataclass(frozen=True)
class Mistake:
    """One thing that is wrong with a request: a JSON pointer into its body, or a query parameter's name."""

    detail: str
    pointer: str | None = None
    parameter: str | None = None

    def as_json(self) -> dict[str, str]:
        places = {"pointer": self.pointer, "parameter": self.parameter}
        return {**{name: place for name, place in places.items() if place is not None}, "detail": self.detail}


class RequestRefused(FerryError):
    """The request cannot be answered as it stands; `status` says why in HTTP's words."""

    def __init__(self, status: HTTPStatus, what: str, mistakes: Sequence[Mistake] = ()) -> None:
        super().__init__(what)
        self.status = status
        self.mistakes = tuple(mistakes)


def pointer(parts: Iterable[str | int]) -> str:
    """JSON pointer (RFC 6901)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def refuse(mistakes: Sequence[Mistake]) -> None:
    """Raises RequestRefused (422) when there is any mistake in the body."""
    if mistakes:
        count = "one mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
        raise RequestRefused(
            HTTPStatus.UNPROCESSABLE_ENTITY, f"The body has {count}; see `errors` for where and what.", mistakes
        )


class HttpApi(APIGatewayHttpResolver):
    """Powertools' resolver of HTTP API events (payload 2.0) that answers every error with a problem."""

    def __init__(self, logger: Logger) -> None:
        super().__init__()
        self._logger = logger
        self.not_found(self._no_such_address)
        for kind, status in _STATUSES.items():
            self.exception_handler(kind)(self._problem_of(status))
        self.exception_handler(RequestRefused)(self._refused)
        self.exception_handler(Exception)(self._unforeseen)

    # Requests

    @property
    def requester(self) -> str:
        """ARN of the identity that signed the request; empty when no authorizer stands in front."""
        request: Any = self.current_event.request_context
        authorizer = request.authorizer
        return str(authorizer.iam.user_arn) if authorizer else ""

    def header(self, name: str) -> str | None:
        headers: Mapping[str, str] = self.current_event.headers or {}
        return next((value for key, value in headers.items() if key.lower() == name.lower()), None)

    def parameters(self, *known: str) -> dict[str, str]:
        """The query's parameters. Raises RequestRefused for one that is not known: a typo must not widen a search."""
        given = dict(self.current_event.query_string_parameters or {})
        unknown = [Mistake(f"is unknown; known are {', '.join(known)}", parameter=n) for n in given if n not in known]
        if unknown:
            raise bad_parameters(unknown)
        return {name: value for name, value in given.items() if value is not None}

    def body(self) -> dict[str, Any]:
        """The body, a JSON object. Raises RequestRefused (400 or 413)."""
        try:
            text = self.current_event.decoded_body or ""
            size = len(text.encode())
        except (binascii.Error, UnicodeError) as error:
            raise RequestRefused(HTTPStatus.BAD_REQUEST, "The body is not text in UTF-8.") from error
        if size > LARGEST_BODY:
            raise RequestRefused(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The body has {size} bytes; at most {LARGEST_BODY} are read."
            )
        value = _parsed(text)
        if not isinstance(value, dict):
            raise RequestRefused(HTTPStatus.BAD_REQUEST, "The body must be a JSON object.")
        return value

    # Problems

    def problem(self, status: HTTPStatus, detail: str, mistakes: Sequence[Mistake] = ()) -> Answer:
        """RFC 9457; `type` is left out, which means about:blank: the status says it all."""
        request_id = self.current_event.request_context.request_id
        body: dict[str, Any] = {"title": status.phrase, "status": status.value, "detail": detail}
        if mistakes:
            body["errors"] = [mistake.as_json() for mistake in mistakes]
        return Response(status.value, PROBLEM, _text({**body, "request_id": request_id}))

    def _no_such_address(self, _: Exception) -> Answer:
        event = self.current_event
        return self.problem(HTTPStatus.NOT_FOUND, f"There is nothing at {event.http_method} {event.path}.")

    def _problem_of(self, status: HTTPStatus) -> Callable[[FerryError], Answer]:
        return lambda error: self.problem(status, _sentence(error))

    def _refused(self, error: RequestRefused) -> Answer:
        return self.problem(error.status, _sentence(error), error.mistakes)

    def _unforeseen(self, error: Exception) -> Answer:
        request_id = self.current_event.request_context.request_id
        self._logger.exception("request failed", error_type=type(error).__name__, request_id=request_id)
        if isinstance(error, ClientError) and error.response.get("Error", {}).get("Code") in _THROTTLES:
            return self.problem(HTTPStatus.SERVICE_UNAVAILABLE, "The database is busy; try again in a moment.")
        return self.problem(
            HTTPStatus.INTERNAL_SERVER_ERROR, "The request failed for a reason of ours; the log has it by `request_id`."
        )


_STATUSES: Mapping[type[FerryError], HTTPStatus] = {
    NoSuchRecord: HTTPStatus.NOT_FOUND,
    Stale: HTTPStatus.PRECONDITION_FAILED,
    Conflict: HTTPStatus.CONFLICT,
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    BadCursor: HTTPStatus.BAD_REQUEST,
}


def answer(value: Any, status: HTTPStatus = HTTPStatus.OK, **headers: str) -> Answer:
    """A JSON answer; header names are written with `_` for `-`."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Response(status.value, JSON, _text(value), headers=named)


def page_answer(page: Page[Any], show: Callable[[Any], dict[str, Any]]) -> Answer:
    return answer({"items": [show(item) for item in page.items], "cursor": page.cursor})


def page_size(parameters: Mapping[str, str]) -> int:
    """`limit`, by default 50. Raises RequestRefused (400)."""
    text = parameters.get("limit", str(_PAGE))
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= _LARGEST_PAGE):
        raise bad_parameters([Mistake(f"must be a whole number from 1 to {_LARGEST_PAGE}", parameter="limit")])
    return int(text)


def bad_parameters(mistakes: Sequence[Mistake]) -> RequestRefused:
    return RequestRefused(HTTPStatus.BAD_REQUEST, "The query cannot be understood; see `errors`.", mistakes)


def path_part(raw: str) -> str:
    """A part of the path; ids hold no `%`, so that it does not matter whether the gateway has decoded it."""
    return unquote(raw)


def _sentence(error: FerryError) -> str:
    return f"{error.what} To do: {error.todo}" if error.todo else error.what


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _parsed(text: str) -> Any:
    try:
        value = json.loads(
            text, parse_constant=_no_number, parse_float=_finite, object_pairs_hook=_object_without_repeats
        )
        json.dumps(value, ensure_ascii=False).encode()  # a lone surrogate, \ud800, cannot be stored
        return value
    except UnicodeEncodeError as error:
        raise RequestRefused(HTTPStatus.BAD_REQUEST, "The body holds half of a surrogate pair.") from error
    except RecursionError as error:
        raise RequestRefused(HTTPStatus.BAD_REQUEST, "The body is nested too deeply.") from error
    except ValueError as error:
        raise RequestRefused(HTTPStatus.BAD_REQUEST, f"The body is not JSON: {error}.") from error


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a number that JSON knows")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("a number is too large")
    return value


def _object_without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"{next(name for name in names if names.count(name) > 1)!r} is given twice in one object")
    return found
