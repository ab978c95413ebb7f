"""Where checks put what they find, and what they must know of their surroundings."""

from __future__ import annotations

from dataclasses import dataclass, field

from .diagnostic import Diagnostic

SCHEMA = "SCHEMA_VALIDATION_FAILED"

INPUT = frozenset({"input", "context"})
RESULT = INPUT | {"result"}
CAUGHT = INPUT | {"errorOutput"}


@dataclass(slots=True)
class Findings:
    """Collects diagnostics in the order in which they are found.

    `assigns` and `reads`: the variables that are assigned and read, with the places.
    """

    diagnostics: list[Diagnostic] = field(default_factory=list)
    assigns: list[tuple[str, str]] = field(default_factory=list)
    reads: list[tuple[str, str]] = field(default_factory=list)

    def error(self, message: str, location: str, code: str = SCHEMA) -> None:
        self.diagnostics.append(Diagnostic("ERROR", code, message, location or "/"))

    def expected(self, kinds: str, location: str) -> None:
        """A value is of none of these JSON types (`STRING`, `STRING, NULL`)."""
        self.error(f"Expected value of type [{kinds}]", location)

    def nowhere(self, code: str, message: str) -> None:
        """An error that belongs to no place in the definition."""
        self.diagnostics.append(Diagnostic("ERROR", code, message, None))

    def warning(self, code: str, message: str, location: str) -> None:
        self.diagnostics.append(Diagnostic("WARNING", code, message, location or "/"))


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known where a value stands.

    `jsonata`: the query language in force; `machine_jsonata`: that of the whole state machine; `express`: the type of
    the state machine; `kind`: the type of the state, or "" outside of states; `readable`: what `$states` has there.
    """

    findings: Findings
    express: bool
    machine_jsonata: bool
    jsonata: bool
    kind: str = ""
    readable: frozenset[str] = INPUT

    def with_result(self) -> Surroundings:
        """The same place in a field that is evaluated once the state's work has succeeded."""
        return Surroundings(self.findings, self.express, self.machine_jsonata, self.jsonata, self.kind, RESULT)

    def with_error(self) -> Surroundings:
        """The same place in a Catch."""
        return Surroundings(self.findings, self.express, self.machine_jsonata, self.jsonata, self.kind, CAUGHT)
