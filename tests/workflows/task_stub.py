"""An HTTP server in the test's process that plays the workflow's functions for the emulator.

A function's name is `RUN-STATE`: the run tells which script answers, the state which of its answers is next.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.workflows.engine import Answer, Completion, Script, TooManyCalls

Complete = Callable[[str, Completion], None]
"""Completes a task token."""


class TaskStub:
    """The scripts of the runs under way, by run."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._runs: dict[str, tuple[Script, Complete]] = {}

    @contextmanager
    def playing(self, run: str, script: Script, complete: Complete) -> Iterator[None]:
        """Answer the functions of `run` from `script` while the block runs."""
        self._runs[run] = (script, complete)
        try:
            yield
        finally:
            del self._runs[run]

    def answer(self, function: str, event: Mapping[str, Any]) -> dict[str, Any]:
        """What the function answers: `{"result": …}` or `{"error": …, "cause": …}`.

        A token is completed before the function has returned, as the confirm task itself does it.
        """
        run, state = function.split(":function:")[-1].split(":")[0].rsplit("-", 1)
        script, complete = self._runs[run]
        try:
            answer = script.call(state, event)
        except TooManyCalls as error:
            return {"error": type(error).__name__, "cause": str(error)}
        if answer.completion:
            complete(event["task_token"], answer.completion)
        return _plain(answer)


def _plain(answer: Answer) -> dict[str, Any]:
    return {"error": answer.error, "cause": answer.cause} if answer.error else {"result": answer.result}


@contextmanager
def task_stub() -> Iterator[TaskStub]:
    """A running stub on a free port of the loopback interface."""
    stub: TaskStub

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            answer = json.dumps(stub.answer(body["function"], body["event"])).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: Any) -> None:
            """Silent: the execution's history tells the calls."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stub = TaskStub(f"http://127.0.0.1:{server.server_address[1]}/")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
