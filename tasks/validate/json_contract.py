"""JSON and NDJSON against a JSON Schema.

A document is parsed whole, so that its size is bounded by memory; NDJSON is read line by line. `format` is asserted
as far as jsonschema can without further packages (date, email, ipv4, …). References are resolved within the
schema only: nothing is fetched.
"""

from __future__ import annotations

import codecs
import io
import json
import re
from collections.abc import Sequence
from itertools import islice
from typing import Any

import jsonschema
from jsonschema.protocols import Validator
from jsonschema.validators import validator_for
from referencing import Registry
from referencing.exceptions import Unresolvable

from fileferry.envelope import SHOWN_LENGTH, shown_text
from fileferry.errors import ConfigurationError
from fileferry.model.route import JsonContract
from fileferry.text_encoding import text_encoding

from .json_places import Place, places, pointer
from .violations import Violations, shown

_COST = 16
"""Bytes of memory that a parsed document takes for each of its own, at worst (many small numbers and objects)."""
_MESSAGE_LENGTH = 240
_STRING_OR_CONSTANT = re.compile(r'"(?:[^"\\]|\\.)*"|(NaN|-?Infinity)')


class NotJson(ValueError):
    """A text that is not JSON; `at` is the index of the character where this shows, if it is known."""

    def __init__(self, message: str, at: int | None = None) -> None:
        super().__init__(message)
        self.at = at


def largest_document(memory: int) -> int:
    """The largest JSON document, in bytes, that a function of `memory` bytes checks."""
    return memory // _COST


def check_json(
    content: io.RawIOBase, size: int, encoding: str, contract: JsonContract, found: Violations, memory: int
) -> int:
    """Check a document of `size` bytes and return its number of records: of an array its items, else 1.

    Bytes that do not decode are replaced: the encoding check reports them.
    """
    if size > largest_document(memory):
        found.add(
            "json.size",
            f"the document has {size} bytes; at most {largest_document(memory)} can be checked as one: send NDJSON",
        )
        return 0
    validator = _validator(contract)
    text = codecs.decode(content.read() or b"", text_encoding(encoding), "replace")
    return _check_text(text, validator, "json", 1, found)


def check_ndjson(content: io.RawIOBase, encoding: str, contract: JsonContract, found: Violations, memory: int) -> int:
    """Check every line and return the number of records; empty lines are none."""
    validator = _validator(contract)
    limit = max(memory // 64, 64 * 1024)
    text = io.TextIOWrapper(io.BufferedReader(content, 256 * 1024), text_encoding(encoding), "replace", newline="\n")
    number = count = 0
    while line := text.readline(limit + 1):
        number += 1
        if len(line) > limit:
            found.add("ndjson.line_length", f"the line is longer than {limit} characters", line=number)
            return count
        if not line.isspace():
            count += 1
            _check_text(line, validator, "ndjson", number, found)
    return count


def _check_text(text: str, validator: Validator, kind: str, line: int, found: Violations) -> int:
    """Check one JSON text that begins on `line`; the number of its records."""
    try:
        value = parse(text)
        errors = validator.iter_errors(value)
        kept = list(islice(errors, found.room))
        rest = sum(1 for _ in errors)
    except NotJson as error:
        place = _moved(Place.of(text, error.at), line) if error.at is not None else Place(line, 1)
        found.add(f"{kind}.syntax", str(error), line=place.line, column=place.column)
        return 0
    except RecursionError:
        found.add(f"{kind}.depth", "the document is nested too deeply", line=line)
        return 0
    except Unresolvable as error:
        raise ConfigurationError(
            f"The JSON Schema refers to {shown(error.ref)}, which is not inside it.",
            todo="put what it refers to under `$defs`; nothing is fetched.",
        ) from error
    if kept:
        _report(kept, text, kind, line, found)
    found.total += rest
    return len(value) if isinstance(value, list) else 1


def _report(errors: Sequence[jsonschema.ValidationError], text: str, kind: str, line: int, found: Violations) -> None:
    paths = {tuple(error.absolute_path) for error in errors}
    where = places(text, paths)
    for error in errors:
        path = tuple(error.absolute_path)
        place = _moved(where[path], line) if path in where else Place(line, 1)
        rule = f"{kind}.{error.validator}"
        found.add(rule, _message(error), line=place.line, column=place.column, field=pointer(path))


def _moved(place: Place, line: int) -> Place:
    return Place(place.line + line - 1, place.column)


def _message(error: jsonschema.ValidationError) -> str:
    """jsonschema's sentence, in which the value is cut: it may be the whole document."""
    value = repr(error.instance)
    message = error.message
    if len(value) > SHOWN_LENGTH:
        message = message.replace(value, shown_text(value))
    return message if len(message) <= _MESSAGE_LENGTH else message[: _MESSAGE_LENGTH - 1] + "…"


def _validator(contract: JsonContract) -> Validator:
    schema = contract.schema_
    cls = validator_for(schema, default=jsonschema.Draft202012Validator)
    # An explicit registry: jsonschema's default one fetches references over the network.
    return cls(schema, registry=Registry(), format_checker=cls.FORMAT_CHECKER)


def parse(text: str) -> Any:
    """The value of a JSON text (RFC 8259: no NaN, no key twice). Raises NotJson, RecursionError."""
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise NotJson(f"this is not JSON: {error.msg}", error.pos) from error
    except _NotRfc as error:
        raise NotJson(str(error), _first_constant(text) if error.constant else None) from error
    except ValueError as error:
        raise NotJson(f"a number cannot be read: {error}") from error


class _NotRfc(ValueError):
    def __init__(self, message: str, constant: bool) -> None:
        super().__init__(message)
        self.constant = constant


def _refuse_constant(name: str) -> Any:
    raise _NotRfc(f"{name} is no JSON value", True)


def _unique_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        twice = next(key for at, (key, _) in enumerate(pairs) if key in {other for other, _ in pairs[:at]})
        raise _NotRfc(f"the key {shown(twice)} occurs twice in one object", False)
    return members


_DECODER = json.JSONDecoder(object_pairs_hook=_unique_members, parse_constant=_refuse_constant)


def _first_constant(text: str) -> int | None:
    return next((match.start(1) for match in _STRING_OR_CONSTANT.finditer(text) if match[1]), None)
