"""Fault injection in the worker's process: a signal to itself right before a chosen call.

First in the worker's PYTHONPATH. FERRY_FAULT is JSON: `signal` (SIGKILL, SIGSTOP …), `call` (regular expression for
the whole name of an AWS operation, or of `SFTP rename`, `SFTP write`, `SFTP read`), and optionally `about` (a regular
expression that must be found in the call's arguments) and `number` (only this call of those that fit, counted from 1
in each process; without it every one).
"""

# mypy: disable-error-code="no-untyped-call, no-untyped-def, method-assign, attr-defined"
from __future__ import annotations

import itertools
import json
import os
import re
import signal
import threading

_FAULT = json.loads(os.environ["FERRY_FAULT"])
_numbers = itertools.count(1)


def _before(call: str, arguments: object) -> None:
    """Send the signal if this is the call."""
    if not re.fullmatch(_FAULT["call"], call) or not re.search(_FAULT.get("about", ""), str(arguments)):
        return
    number = next(_numbers)
    if number != _FAULT.get("number", number):
        return
    # To this thread: another one might take the signal, and this one make its call before the process stops.
    signal.pthread_kill(threading.get_ident(), signal.Signals[_FAULT["signal"]])


def _watch_aws() -> None:
    from botocore.client import BaseClient

    call = BaseClient._make_api_call

    def called(self, operation, arguments):
        told = {name: value for name, value in arguments.items() if name != "Body"}
        _before(operation, told)
        return call(self, operation, arguments)

    BaseClient._make_api_call = called


def _watch_sftp() -> None:
    import asyncssh

    for kind, names in (
        (asyncssh.SFTPClient, {"rename": "rename", "posix_rename": "rename"}),
        (asyncssh.SFTPClientFile, {"write": "write", "read": "read"}),
    ):
        for name, told in names.items():
            setattr(kind, name, _watched(getattr(kind, name), f"SFTP {told}"))


def _watched(method, call):
    async def noting(self, *arguments, **named):
        _before(call, arguments if call == "SFTP rename" else "")
        return await method(self, *arguments, **named)

    return noting


_watch_aws()
if _FAULT["call"].startswith("SFTP"):
    _watch_sftp()
