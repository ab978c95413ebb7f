"""Reading the answers of MiniStack's service functions, which return (status, headers, body)."""

from __future__ import annotations

import json
from typing import Any


class CallRefused(ValueError):
    """A service refused a call that CloudFormation made; CloudFormation reports the text as the resource's reason."""


def parsed(answer: tuple[int, Any, bytes], what: str) -> dict[str, Any]:
    """The JSON body of an answer; raises CallRefused with `what` and the service's error when it is not a success."""
    status, _, body = answer
    if status >= 400:
        raise CallRefused(f"{what}: {body.decode(errors='replace')}")
    return dict(json.loads(body)) if body else {}
