"""ECS task scale-in protection: neither scaling nor a deployment ends the task while jobs run.

Source: Amazon ECS developer guide, "Amazon ECS task scale-in protection endpoint".
"""

from __future__ import annotations

import http.client
import json
import threading
import time
from urllib.parse import urlsplit

from fileferry.steps import logger

MINUTES = 60
"""For how long the task is protected; it is asked for again after half of it. ECS takes 1 to 2,880 minutes."""
_TIMEOUT_SECONDS = 5


class Protection:
    """Protects this task while it works. Outside ECS (no `agent_uri`) it does nothing."""

    def __init__(self, agent_uri: str) -> None:
        self._agent = urlsplit(agent_uri)
        self._lock = threading.Lock()
        self._until: float | None = None

    def keep(self, working: bool) -> None:
        """Protect the task, or let it be ended. ECS is asked only when that changes or protection would end soon."""
        if not self._agent.netloc:
            return
        with self._lock:
            if working and (self._until is None or self._until - time.monotonic() < MINUTES * 30):
                if self._put({"ProtectionEnabled": True, "ExpiresInMinutes": MINUTES}):
                    self._until = time.monotonic() + MINUTES * 60
            elif not working and self._until is not None and self._put({"ProtectionEnabled": False}):
                self._until = None

    def _put(self, state: dict[str, object]) -> bool:
        """Whether the agent did it: it tells a refusal by its status or by `failure` and `error` in the answer."""
        try:
            connection = http.client.HTTPConnection(self._agent.netloc, timeout=_TIMEOUT_SECONDS)
            path = f"{self._agent.path}/task-protection/v1/state"
            connection.request("PUT", path, json.dumps(state), {"Content-Type": "application/json"})
            with connection.getresponse() as response:
                text = response.read()
                answer = json.loads(text)
            connection.close()
        except (OSError, http.client.HTTPException, ValueError) as error:
            logger.warning("the ECS agent did not answer: %s", error)
            return False
        if response.status != 200 or "protection" not in answer:
            logger.warning("ECS does not protect the task: %s", text[:500].decode(errors="replace"))
            return False
        return True
