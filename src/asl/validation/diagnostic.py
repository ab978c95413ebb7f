"""What validation says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["ERROR", "WARNING"]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding, in the form of ValidateStateMachineDefinition.

    An `ERROR` means that AWS would refuse the definition; a `WARNING` is advice. `code` is AWS's where AWS has one (its
    API reference of ValidateStateMachineDefinitionDiagnostic lists them), else one of ours. `location` is AWS's path
    into the definition (`/States/Fan out/Branches[0]/StartAt`; names are not escaped), None where AWS gives none.
    """

    severity: Severity
    code: str
    message: str
    location: str | None


def refusal(diagnostics: Iterable[Diagnostic]) -> str:
    """The message of CreateStateMachine's InvalidDefinition error for these findings; warnings are left out."""
    texts = (f"{d.code}: {d.message} at {d.location or 'null'}" for d in diagnostics if d.severity == "ERROR")
    return f"Invalid State Machine Definition: '{', '.join(texts)}'"
