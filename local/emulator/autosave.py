"""State is saved while the emulator runs, not only when it ends.

AWS: what was acknowledged is durable. MiniStack writes its state at a clean end only (objects of S3 at once): a
killed process loses everything since its start. Here each service's state is written again shortly after it has
changed.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ministack import app
from ministack.core import persistence

INTERVAL_SECONDS = 1.0
SHARE_OF_TIME = 0.1  # a round of saving takes at most this share of a processor's time

_log = logging.getLogger("autosave")


class Autosave:
    """Writes the states of services that differ from what was written last."""

    def __init__(self) -> None:
        self._written: dict[str, bytes] = {}
        self._lock = threading.Lock()

    def save(self, services: dict[str, Callable[[], Any]]) -> None:
        """Save each service's state if it has changed; one that changes while it is read is left to the next round."""
        with self._lock:
            for name, get_state in services.items():
                try:
                    self._save_service(name, get_state())
                except RuntimeError as error:  # "dictionary changed size during iteration"
                    _log.debug("%s changed while it was read (%s); saved in the next round", name, error)

    def _save_service(self, name: str, state: Any) -> None:
        if state is None:  # nothing loaded: what is on disk stays
            return
        wrapped = {"__ministack_format__": persistence._state_format_version(name), "payload": state}
        text = json.dumps(wrapped, default=persistence._json_default).encode()
        digest = hashlib.sha256(text).digest()
        if self._written.get(name) == digest:
            return
        _replace_file(Path(persistence.STATE_DIR) / f"{name}.json", text)
        self._written[name] = digest


def _replace_file(path: Path, content: bytes) -> None:
    """Old content or new content, whatever happens in between."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def _run(autosave: Autosave) -> None:
    while True:
        started = time.monotonic()
        if app._ready_scripts_state["status"] == "completed":  # the state on disk has been loaded
            autosave.save(app._build_persistence_save_dict())
        time.sleep(max(INTERVAL_SECONDS, (time.monotonic() - started) / SHARE_OF_TIME))


def close_gap() -> None:
    """Start the thread that saves, and let the last save at the end go the same way."""
    autosave = Autosave()
    app.save_all = autosave.save
    threading.Thread(target=_run, args=(autosave,), daemon=True, name="autosave").start()
