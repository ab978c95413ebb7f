"""State is saved while the emulator runs, not only when it ends.

AWS: what was acknowledged is durable. MiniStack writes its state at a clean end only (objects of S3 at once): a killed
process loses everything since its start. Here each service's state is written again shortly after it has changed.

Large byte strings (layers, parts of uploads) lie in files of their own, named by their content, since writing them
again with every change would keep the machine busy.

On Linux the states are written by a forked process, from the memory as it was at the fork, as Redis writes its
snapshots: to copy and encode 100,000 items takes seconds, in which nobody would be answered. Elsewhere, where a process
with threads must not fork, the emulator does it itself.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import logging
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from ministack import app
from ministack.core import persistence

INTERVAL_SECONDS = 1.0
SHARE_OF_TIME = 0.1  # a round of saving takes at most this share of a processor's time
FILE_FROM_BYTES = 64 * 1024
TRIES = 3  # to read a state that changes while it is read
BYTES_FILE = "__bytes_file__"
FORKS = sys.platform == "linux"
CHILD_SECONDS = 300  # a child that inherited a held lock never ends by itself
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)

_log = logging.getLogger("autosave")


class BytesFiles:
    """Files of large byte strings, named by their SHA-256."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._hashed: dict[int, tuple[bytes, str]] = {}  # by identity; the reference keeps the identity taken
        self._named: dict[int, tuple[bytes, str]] = {}  # of these, the ones that this round has named

    def name(self, content: bytes) -> str:
        """The name of the content's file, written if it is new."""
        known = self._hashed.get(id(content)) or (content, hashlib.sha256(content).hexdigest())
        self._hashed[id(content)] = self._named[id(content)] = known
        path = self._folder / known[1]
        if not path.exists():
            _replace_file(path, content)
        return known[1]

    def read(self, name: str) -> bytes:
        return (self._folder / name).read_bytes()

    def drop_unnamed(self) -> None:
        """Remove the files that no state named since the last call; call only after all states have been written."""
        self._hashed, self._named = self._named, {}
        kept = {name for _, name in self._hashed.values()}
        for path in self._folder.glob("*"):
            if path.name not in kept:
                path.unlink(missing_ok=True)


class Autosave:
    """Writes the states of services that differ from what was written last."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._bytes = BytesFiles(folder / "bytes")
        self._written: dict[str, bytes] = {}
        self._lock = threading.Lock()

    def save(self, services: dict[str, Callable[[], Any]]) -> None:
        """Save each service's state if it has changed; one that cannot be read now is left to the next round."""
        with self._lock:
            self._save(services)

    def save_beside(self, services: dict[str, Callable[[], Any]]) -> None:
        """`save` by a forked process; returns when that has ended. One that fails leaves all to the next round."""
        with self._lock:
            receiving, sending = os.pipe()
            child = _fork()
            if child == 0:
                self._be_child(sending, services)
            os.close(sending)
            with os.fdopen(receiving, "rb") as told:
                written = told.read()
            _, status = os.waitpid(child, 0)
            if status:
                _log.warning("Saving the state failed (status %d); it is tried again", status)
                self._written.clear()  # what it has written before it failed is not known
                return
            self._written |= {name: bytes.fromhex(digest) for name, digest in json.loads(written).items()}

    def _be_child(self, sending: int, services: dict[str, Callable[[], Any]]) -> None:
        """Save, tell what was written, and end; the emulator's sockets and its handlers of signals are let go."""
        try:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)  # of a group that ends: this round is finished first
            signal.alarm(CHILD_SECONDS)
            os.dup2(sending, 3)
            os.closerange(4, os.sysconf("SC_OPEN_MAX"))
            _LIBC.prctl(_DIE_WITH_PARENT, signal.SIGKILL)
            self._save(services)
            os.write(3, json.dumps({name: digest.hex() for name, digest in self._written.items()}).encode())
            os._exit(0)
        except Exception:
            _log.exception("The state could not be saved")
        finally:
            os._exit(1)

    def _save(self, services: dict[str, Callable[[], Any]]) -> None:
        if all([self._saved(name, get_state) for name, get_state in services.items()]):
            self._bytes.drop_unnamed()

    def decode(self, value: dict[str, Any]) -> Any:
        """A JSON object as MiniStack's decoder reads it, with the byte strings from their files."""
        if BYTES_FILE in value:
            return self._bytes.read(value[BYTES_FILE])
        return _ministack_decode(value)

    def _saved(self, name: str, get_state: Callable[[], Any]) -> bool:
        for _ in range(TRIES):
            with suppress(RuntimeError):  # "dictionary changed size during iteration"
                state = get_state()
                if state is None:  # the service is not loaded: what is on disk stays
                    return False
                self._save_state(name, state)
                return True
        _log.info("The state of %s changes all the time; it is saved in the next round", name)
        return False

    def _save_state(self, name: str, state: Any) -> None:
        wrapped = {"__ministack_format__": persistence._state_format_version(name), "payload": state}
        text = json.dumps(wrapped, default=self._encode).encode()
        digest = hashlib.sha256(text).digest()
        if self._written.get(name) != digest:
            _replace_file(self._folder / f"{name}.json", text)
            self._written[name] = digest

    def _encode(self, value: Any) -> Any:
        if isinstance(value, bytes) and len(value) >= FILE_FROM_BYTES:
            return {BYTES_FILE: self._bytes.name(value)}
        return persistence._json_default(value)


_ministack_decode = persistence._json_object_hook
_LIBC = ctypes.CDLL(None)


def _fork() -> int:
    with warnings.catch_warnings():
        # Python 3.12 and newer warn of locks that other threads hold at the fork; CHILD_SECONDS is for those.
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


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
    save = autosave.save_beside if FORKS else autosave.save
    while True:
        started = time.monotonic()
        if app._ready_scripts_state["status"] == "completed":  # the state on disk has been loaded
            save(app._build_persistence_save_dict())
        time.sleep(max(INTERVAL_SECONDS, (time.monotonic() - started) / SHARE_OF_TIME))


def close_gap() -> None:
    """Start the thread that saves, and let the last save at the end go the same way."""
    autosave = Autosave(Path(persistence.STATE_DIR))
    persistence._json_object_hook = autosave.decode
    app.save_all = autosave.save
    threading.Thread(target=_run, args=(autosave,), daemon=True, name="autosave").start()
