"""What a file breaks, collected up to a bound and counted beyond it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from fileferry.envelope import SHOWN_LENGTH, shown_text
from fileferry.errors import ContentRefused


@dataclass(frozen=True)
class Violation:
    """One thing that is wrong, and where.

    `rule` is the word of the contract that is broken (`csv.type`, `encoding`). `line` counts from 1. `column` counts
    from 1: fields in CSV (`field` has the column's name), characters in other text. In JSON `field` is the
    JSON Pointer (RFC 6901) of the value.
    """

    rule: str
    message: str
    line: int | None = None
    column: int | None = None
    field: str | None = None

    def __str__(self) -> str:
        numbers = {"line": self.line, "column": self.column}
        places = [f"{name} {number}" for name, number in numbers.items() if number is not None]
        if self.field:
            places.append(self.field)
        return f"{', '.join(places)}: {self.message}" if places else self.message


class Violations:
    """Keeps the first `bound` violations and counts them all."""

    def __init__(self, bound: int) -> None:
        self._bound = bound
        self._kept: list[Violation] = []
        self.total = 0

    @property
    def kept(self) -> list[Violation]:
        """Those that are kept, in the order of their places in the file."""
        return sorted(self._kept, key=lambda violation: (violation.line or 0, violation.column or 0))

    @property
    def room(self) -> int:
        """How many more are kept."""
        return self._bound - len(self._kept)

    def add(
        self, rule: str, message: str, *, line: int | None = None, column: int | None = None, field: str | None = None
    ) -> None:
        self.total += 1
        if len(self._kept) < self._bound:
            place = shown_text(field) if field is not None else None
            self._kept.append(Violation(rule, message, line, column, place))

    def refuse(self, filename: str) -> None:
        """Raises ContentRefused with all that was found; returns when nothing was."""
        if not self.total:
            return
        violations = self.kept
        more = f" (and {self.total - 1} more)" if self.total > 1 else ""
        raise ContentRefused(
            f"{shown_text(filename)} breaks its contract: {violations[0]}{more}.",
            [_plain(violation) for violation in violations],
            total=self.total,
            todo="mend the file and send it again, or change the route's validation.",
        )


def _plain(violation: Violation) -> dict[str, Any]:
    return {name: value for name, value in asdict(violation).items() if value is not None}


def shown(value: object) -> str:
    """`value` as a message quotes it: never more than 60 characters of it."""
    return repr(value if not isinstance(value, str) or len(value) <= SHOWN_LENGTH else shown_text(value))
