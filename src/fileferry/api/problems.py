"""Requests that cannot be answered as they stand: what is wrong, and where (RFC 9457)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from fileferry.errors import FerryError


@dataclass(frozen=True)
class Mistake:
    """One thing that is wrong with a request: a JSON pointer into its body, or a parameter's name."""

    detail: str
    pointer: str | None = None
    parameter: str | None = None

    def as_json(self) -> dict[str, str]:
        places = {"pointer": self.pointer, "parameter": self.parameter}
        return {**{name: place for name, place in places.items() if place is not None}, "detail": self.detail}


class RequestRefused(FerryError):
    """The request cannot be answered as it stands; `status` says why in HTTP's words."""

    def __init__(
        self,
        status: HTTPStatus,
        what: str,
        mistakes: Sequence[Mistake] = (),
        *,
        todo: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(what, todo=todo)
        self.status = status
        self.mistakes = tuple(mistakes)
        self.headers = dict(headers or {})


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


def bad_parameters(mistakes: Sequence[Mistake]) -> RequestRefused:
    return RequestRefused(HTTPStatus.BAD_REQUEST, "The query cannot be understood; see `errors`.", mistakes)
