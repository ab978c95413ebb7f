"""From a request's body to a spec of `fileferry.model`, with every mistake's place in the body."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from fileferry.http_api import Mistake, pointer, refuse

S = TypeVar("S", bound=BaseModel)

_GIVEN_BY_US = ("created_at", "created_by", "updated_at", "revision", "home")
"""What answers hold beside the spec; a record that was read may be changed and sent back as it is."""
_DISCRIMINATORS = ("op", "kind")


def new_record(body: Mapping[str, Any], spec: type[S], id_type: Any) -> tuple[str, S]:
    """The id and the spec of a record that is to be created. Raises RequestRefused (422)."""
    mistakes = []
    if "id" not in body:
        mistakes.append(Mistake("is required: the new record's id", pointer="/id"))
    else:
        try:
            TypeAdapter(id_type).validate_python(body["id"])
        except ValidationError as error:
            mistakes += [Mistake(_said(found), pointer="/id") for found in error.errors()]
    rest = {name: value for name, value in body.items() if name != "id"}
    return str(body.get("id")), _spec(rest, spec, mistakes)


def replacement(body: Mapping[str, Any], spec: type[S], identity: Mapping[str, str]) -> S:
    """The spec that replaces the record at the request's address. Raises RequestRefused (422)."""
    mistakes = [
        Mistake(f"must be {value!r} as in the address, or be left out", pointer=pointer([name]))
        for name, value in identity.items()
        if body.get(name, value) != value
    ]
    rest = {name: value for name, value in body.items() if name not in (*identity, *_GIVEN_BY_US)}
    return _spec(rest, spec, mistakes)


def _spec(body: Mapping[str, Any], spec: type[S], mistakes: Sequence[Mistake]) -> S:
    try:
        value = spec.model_validate(body)
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
