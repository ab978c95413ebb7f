"""The receiver's check in docs/subscriptions.md takes what we sign, and nothing else."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

from fileferry.webhooks.signing import new_secret, signature

DOCUMENT = Path(__file__).parents[4] / "docs/subscriptions.md"


def test_the_documented_check_takes_our_signatures_and_no_others() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    is_ours, body, at = names["is_ours"], b'{"id": "\xc3\xbc"}', int(time.time())
    old, new, other = new_secret(), new_secret(), new_secret()
    header = signature([new, old], body, at)
    assert is_ours(header, body, old)
    assert is_ours(header, body, new)
    assert not is_ours(header, body, other)
    assert not is_ours(header, body + b" ", new)
    assert not is_ours(signature([new], body, at - 1000), body, new)
