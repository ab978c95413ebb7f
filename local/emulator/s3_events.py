"""S3's events on EventBridge carry the object's version, and come in the order of the changes.

AWS: an event of a versioned bucket has `detail.object.version-id`; order is not promised, but a queue of events of
one user is in the order of the uploads unless something goes wrong. MiniStack 1.5.33 leaves the version out, and
sends each event in a thread of its own, so that two uploads within a moment often swap.
"""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable
from types import FunctionType, SimpleNamespace
from typing import Any

from ministack.services import s3


def with_version(original: FunctionType) -> Callable[..., None]:
    """`_fire_s3_event`, whose EventBridge event names the version."""

    def fire(*args: Any, version_id: str | None = None, **kwargs: Any) -> None:
        def dumps(detail: dict[str, Any]) -> str:
            if version_id:
                detail = {**detail, "object": {**detail["object"], "version-id": version_id}}
            return json.dumps(detail)

        names = {**vars(s3), "json": SimpleNamespace(dumps=dumps)}
        call = FunctionType(original.__code__, names, original.__name__, original.__defaults__)
        call(*args, version_id=version_id, **kwargs)

    return fire


class EventThread:
    """Stands for `threading.Thread` in `_fire_s3_event_async`: what is started runs in one thread, in turn."""

    _waiting: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()

    def __init__(
        self, target: Callable[..., None], args: tuple[Any, ...], kwargs: dict[str, Any], daemon: bool
    ) -> None:
        assert daemon
        self._run = lambda: target(*args, **kwargs)

    def start(self) -> None:
        self._waiting.put(self._run)

    @classmethod
    def work(cls) -> None:
        """Send events for ever; the body of the thread. MiniStack logs errors and raises none."""
        while True:
            cls._waiting.get()()


def close_gap() -> None:
    """Replace the functions of MiniStack's S3 that send events."""
    s3._fire_s3_event = with_version(s3._fire_s3_event)
    original = s3._fire_s3_event_async
    names = {**vars(s3), "threading": SimpleNamespace(Thread=EventThread)}
    s3._fire_s3_event_async = FunctionType(original.__code__, names, original.__name__, original.__defaults__)
    threading.Thread(target=EventThread.work, daemon=True, name="s3-events").start()
