"""A process that is killed before or after any of its side effects, as far as one process can show it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

_EFFECTS = (
    "abort_",
    "complete_",
    "copy_",
    "create_",
    "delete_",
    "publish",
    "put_",
    "send_",
    "start_",
    "transact_write",
)
_EFFECTS += ("update_", "upload_")


class Killed(BaseException):
    """The process is gone here: no `except Exception` sees it."""


@dataclass
class Faults:
    """Kills at the side effect `number` (from 1), `before` or `after` it is made; `log` names all that were asked."""

    number: int = 0
    moment: str = "before"
    log: list[str] = field(default_factory=list)

    def client(self, client: Any) -> Any:
        return _FaultyClient(client, self)

    def effect(self, name: str, call: Callable[..., Any], arguments: dict[str, Any]) -> Any:
        self.log.append(name)
        hit = len(self.log) == self.number
        if hit and self.moment == "before":
            raise Killed(name)
        answer = call(**arguments)
        if hit:
            raise Killed(name)
        return answer


class _FaultyClient:
    """A boto3 client whose writing calls count as side effects."""

    def __init__(self, client: Any, faults: Faults) -> None:
        self._client = client
        self._faults = faults

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._client, name)
        if not name.startswith(_EFFECTS):
            return member
        service = self._client.meta.service_model.service_name
        return lambda **arguments: self._faults.effect(f"{service}.{name}", member, arguments)
