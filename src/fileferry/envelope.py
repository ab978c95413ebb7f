"""What a route's validation demands of a file before its content is read: its size and its name. Pure decisions.

The validate task makes these checks, and a dry run tells how they would end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from fileferry.errors import ConfigurationError
from fileferry.model.route import RouteSpec, ZeroBytes

SHOWN_LENGTH = 60
"""Characters of a name or of a file's own content that a message quotes at most."""


@dataclass(frozen=True)
class EnvelopeCheck:
    """A check that was made, with (rule, message) of what is wrong."""

    name: str
    wrong: tuple[tuple[str, str], ...] = ()


def size_check(route: RouteSpec, size: int) -> EnvelopeCheck | None:
    """None where the route demands no size; `size` in bytes."""
    asked = route.validation
    if size == 0 and route.zero_bytes is not ZeroBytes.ACCEPT:
        return EnvelopeCheck("size", (("zero_bytes", "the file is empty, which the route does not accept"),))
    wrong = []
    if size < asked.min_size:
        wrong.append(("min_size", f"the file has {size} bytes, at least {asked.min_size} are expected"))
    if asked.max_size is not None and size > asked.max_size:
        wrong.append(("max_size", f"the file has {size} bytes, at most {asked.max_size} are expected"))
    return EnvelopeCheck("size", tuple(wrong)) if asked.min_size or asked.max_size is not None else None


def name_check(route: RouteSpec, filename: str) -> EnvelopeCheck | None:
    """None where the route demands no name. Raises ConfigurationError for an expression that is none."""
    asked = route.validation.name
    if asked is None:
        return None
    try:
        fits = re.fullmatch(asked, filename)
    except re.error as error:
        raise ConfigurationError(
            f"The route's validation.name is no regular expression: {error}.", todo="mend the route's validation."
        ) from error
    if fits:
        return EnvelopeCheck("name")
    message = f"the name {shown_text(filename)!r} does not match {shown_text(asked)!r}"
    return EnvelopeCheck("name", (("name", message),))


def content_checks(route: RouteSpec) -> tuple[str, ...]:
    """Names of the checks that the route makes of the content, in their order."""
    asked = route.validation
    demanded = {
        "checksum": asked.checksum != "none",
        "type": bool(asked.types),
        "encoding": bool(asked.encoding or asked.csv or asked.json_ or asked.ndjson),
        "csv": asked.csv is not None,
        "json": asked.json_ is not None,
        "ndjson": asked.ndjson is not None,
    }
    return tuple(name for name, made in demanded.items() if made)


def shown_text(text: str) -> str:
    """`text` cut to 60 characters."""
    return text if len(text) <= SHOWN_LENGTH else text[: SHOWN_LENGTH - 1] + "…"
