"""Takes messages from the queue as long as there are free places, and gives each a thread."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable

from botocore.exceptions import BotoCoreError, ClientError

from fileferry.steps import logger

from .queue import WAIT_SECONDS, Message, WorkQueue

_LONGEST_PAUSE_SECONDS = 60.0
_SILENCE_SECONDS = 120.0
"""Without an answer of the queue for so long, something is wrong."""

Handle = Callable[[Message], None]


class Poller(threading.Thread):
    """Polls until it is stopped. `handle` does a message, in a thread of its own."""

    def __init__(self, queue: WorkQueue, handle: Handle, places: int, visibility: int) -> None:
        super().__init__(name="poller", daemon=True)
        self._queue = queue
        self._handle = handle
        self._visibility = visibility
        self._all = self._free = places
        self._changed = threading.Condition()
        self._stopped = threading.Event()
        self._answered = time.monotonic()
        self._failures = 0

    @property
    def silent(self) -> bool:
        """Whether the queue has not answered for long, or this thread is gone."""
        return not self.is_alive() or time.monotonic() - self._answered > _SILENCE_SECONDS

    @property
    def busy(self) -> int:
        """Messages that are being handled."""
        return self._all - self._free

    def await_change(self, seconds: float) -> None:
        """Wait until a message is done, at most so long."""
        with self._changed:
            self._changed.wait(seconds)

    def stop(self) -> None:
        """Take no more messages; those that still come are given back."""
        self._stopped.set()
        with self._changed:
            self._changed.notify_all()

    def run(self) -> None:
        while not self._stopped.is_set():
            try:
                self.turn()
            except (BotoCoreError, ClientError) as error:
                self._pause(error)
            except Exception as error:
                logger.exception("polling failed")
                self._pause(error)

    def turn(self) -> None:
        """Wait for a free place, then for messages, and begin them."""
        free = self._await_place()
        if not free or self._stopped.is_set():
            return
        messages = self._queue.receive(free, self._visibility)
        self._answered, self._failures = time.monotonic(), 0
        for message in messages:
            if self._stopped.is_set():
                self._queue.show_in(message, 0)
            else:
                self._begin(message)

    def _await_place(self) -> int:
        """How many places are free; 0 if none came to be in a while."""
        with self._changed:
            if not self._free:
                self._changed.wait(WAIT_SECONDS)
                self._answered = time.monotonic()  # nothing was asked
            return self._free

    def _begin(self, message: Message) -> None:
        self._count(-1)
        try:
            threading.Thread(target=self._do, args=(message,), name=f"job-{message.group}", daemon=True).start()
        except RuntimeError:  # no more threads can be had
            self._count(1)
            raise

    def _do(self, message: Message) -> None:
        try:
            self._handle(message)
        except BaseException:  # the thread's end, which nobody else would tell of: the message comes again by itself
            logger.exception("a message could not be handled", message_id=message.id)
        finally:
            self._count(1)

    def _count(self, places: int) -> None:
        with self._changed:
            self._free += places
            self._changed.notify_all()

    def _pause(self, error: Exception) -> None:
        """AWS did not answer or refused: ask again after a while, longer each time."""
        self._failures += 1
        seconds = min(2.0 ** min(self._failures, 10), _LONGEST_PAUSE_SECONDS) * random.uniform(0.5, 1)  # noqa: S311
        logger.warning("the queue cannot be asked, next try in %.0f s: %s", seconds, error)
        self._stopped.wait(seconds)
