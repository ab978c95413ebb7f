"""From the text of a request to the operation's models, with every mistake's place."""

from __future__ import annotations

import binascii
import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from fileferry.api.problems import Mistake, RequestRefused, bad_parameters, pointer, refuse

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

    from fileferry.api.operations import Operation

S = TypeVar("S", bound=BaseModel)

LARGEST_BODY = 512 * 1024
"""Bytes of a request's body. What a record may have is less, and checked when it is written."""
_DISCRIMINATORS = ("op", "kind")


@dataclass(frozen=True)
class Given:
    """A body's value, and the SHA-256 of its text, by which a repeat is told from another request."""

    value: dict[str, Any]
    digest: str


def read_body(event: APIGatewayProxyEventV2, model: type[BaseModel]) -> Given:
    """The body, a JSON object; nothing at all stands for `{}` where nothing is required.

    Raises RequestRefused (400 or 413).
    """
    try:
        text = event.decoded_body or ""
        encoded = text.encode()
    except (binascii.Error, UnicodeError) as error:
        raise RequestRefused(HTTPStatus.BAD_REQUEST, "The body is not text in UTF-8.") from error
    if len(encoded) > LARGEST_BODY:
        raise RequestRefused(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The body has {len(encoded)} bytes; at most {LARGEST_BODY} are read."
        )
    if not text and not any(info.is_required() for info in model.model_fields.values()):
        text = "{}"
    value = _parsed(text)
    if not isinstance(value, dict):
        raise RequestRefused(HTTPStatus.BAD_REQUEST, "The body must be a JSON object.")
    return Given(value, hashlib.sha256(encoded).hexdigest())


def replaced(body: dict[str, Any], operation: Operation, path: Mapping[str, str]) -> BaseModel:
    """The body as the operation's model. A PUT takes a record as it was read: what only answers have is left out.

    Raises RequestRefused (422).
    """
    assert operation.body is not None
    mistakes: list[Mistake] = []
    if operation.method == "PUT" and operation.answer:
        taken = {info.alias or name for name, info in operation.body.model_fields.items()}
        only_answered = [name for name in operation.answer.model_fields if name not in taken]
        named = {"id": path[operation.parts[-1]], "tenant": path.get("tenant", "")}
        mistakes = [
            Mistake(f"must be {named[name]!r} as in the address, or be left out", pointer=pointer([name]))
            for name in only_answered
            if name in named and body.get(name, named[name]) != named[name]
        ]
        body = {name: value for name, value in body.items() if name not in only_answered}
    return _model(body, operation.body, mistakes)


def read_query(given: Mapping[str, str], model: type[S]) -> S:
    """The query's parameters; one that is unknown is refused, since a typo must not widen a search.

    Raises RequestRefused (400).
    """
    try:
        return model.model_validate(dict(given))
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=True)
        known = ", ".join(info.alias or name for name, info in model.model_fields.items()) or "none"
        raise bad_parameters(
            [
                Mistake(f"is unknown; known are {known}", parameter=str(found["loc"][0]))
                if found["type"] == "extra_forbidden"
                else Mistake(_message(found), parameter=str(found["loc"][0]) if found["loc"] else None)
                for found in details
            ]
        ) from error


def _model(body: Mapping[str, Any], model: type[S], mistakes: list[Mistake]) -> S:
    try:
        value = model.model_validate(body)
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=True)
        refuse([*mistakes, *(Mistake(_said(found), pointer=_place(found, body)) for found in details)])
        raise  # refuse() has raised already
    refuse(mistakes)
    return value


def _place(error: ErrorDetails, body: Any) -> str:
    """JSON pointer of an error: pydantic's location less the names of union members, which no body holds."""
    parts: list[str | int] = []
    here, skipped = body, False
    location = error["loc"]
    for position, part in enumerate(location):
        is_tag = isinstance(here, dict) and not skipped and any(here.get(name) == part for name in _DISCRIMINATORS)
        if is_tag:
            skipped = True
            continue
        skipped = False
        inside = _step(here, part)
        if inside is None and not (error["type"] == "missing" and position == len(location) - 1):
            break
        parts.append(part)
        here = inside[0] if inside else None
    if error["type"].startswith("union_tag"):
        parts.append(str(error.get("ctx", {}).get("discriminator", "")).strip("'"))
    return pointer(parts)


def _step(here: Any, part: str | int) -> tuple[Any] | None:
    """What lies at `part` of a value, in a tuple; None where there is nothing."""
    if isinstance(here, dict) and part in here:
        return (here[part],)
    if isinstance(here, list) and isinstance(part, int) and part < len(here):
        return (here[part],)
    return None


def _said(error: ErrorDetails) -> str:
    message = _message(error)
    return f"the name {message}" if error["loc"] and error["loc"][-1] == "[key]" else message


def _message(error: ErrorDetails) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "missing" or kind == "union_tag_not_found":
        return "is required"
    if kind == "extra_forbidden":
        return "is not a known field"
    if kind == "union_tag_invalid":
        return f"must be one of {context['expected_tags']}"
    if kind == "string_pattern_mismatch":
        return f"must match the regular expression {context['pattern']}"
    message = error["msg"].removeprefix("Value error, ").removeprefix("Input should ")
    return message[:1].lower() + message[1:]


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
