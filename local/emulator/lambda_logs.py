"""An execution environment writes to one log stream, the one that its context names.

AWS: `context.log_stream_name` is the stream that the environment's invocations are logged in. MiniStack 1.5.33 makes a
stream for every invocation, so that the named one does not exist and the state grows with each call.
"""

from __future__ import annotations

import threading
from types import FunctionType
from typing import Any

from ministack.services import lambda_svc as service

_invocation = threading.local()  # the stream of the invocation that this thread has just made


def log_to(stream: str) -> None:
    """Let the log of this thread's invocation go to the stream of this id (32 hexadecimal digits)."""
    _invocation.stream = stream


def close_gap() -> None:
    """Replace the function that writes an invocation's log."""
    original = service._emit_lambda_logs

    def emit(*args: Any, **kwargs: Any) -> None:
        stream, _invocation.stream = getattr(_invocation, "stream", None), None
        if not stream:  # not one of our environments
            original(*args, **kwargs)
            return
        names = {**vars(service), "new_uuid": lambda: stream}
        write = FunctionType(original.__code__, names, original.__name__, original.__defaults__)
        write.__kwdefaults__ = original.__kwdefaults__
        write(*args, **kwargs)

    service._emit_lambda_logs = emit
