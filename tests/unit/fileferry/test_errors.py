"""Errors: what, where, what to do; and the names that the workflow relies on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fileferry import errors
from fileferry.errors import ContentRefused, DuplicateContent, FerryError, TransientError

WORKFLOW = Path(__file__).parents[3] / "workflows" / "transfer" / "v1.asl.json"
_OWN_PREFIXES = ("States.", "Lambda.", "Sandbox.", "Runtime.")


def test_the_text_says_what_where_and_what_to_do() -> None:
    assert str(FerryError("It broke.", where="bank", todo="mend it.")) == "It broke. (bank) To do: mend it."
    assert str(FerryError("It broke.")) == "It broke."


def test_details_can_be_stored_as_json() -> None:
    refused = ContentRefused("bad", [{"rule": "r", "message": "m"}])
    assert json.loads(json.dumps(refused.details())) == {"violations": [{"rule": "r", "message": "m"}], "total": 1}
    assert ContentRefused("bad", [{"rule": "r"}], total=9).total == 9
    assert DuplicateContent("seen", first_job="j1").details() == {"first_job": "j1"}
    assert TransientError("not now").details() == {}


def _named(node: Any) -> set[str]:
    if isinstance(node, dict):
        own = set(node.get("ErrorEquals", []))
        return own.union(*(_named(value) for value in node.values()))
    if isinstance(node, list):
        return set[str]().union(*(_named(item) for item in node))
    return set()


def test_every_error_that_the_workflow_names_is_a_class_here() -> None:
    ours = {name for name in _named(json.loads(WORKFLOW.read_text())) if not name.startswith(_OWN_PREFIXES)}
    assert ours >= {"TransientError", "DestinationUnavailable"}
    for name in ours:
        assert issubclass(getattr(errors, name), FerryError)


@pytest.mark.parametrize("name", ["ContentRefused", "IntegrityError", "DestinationRefused", "DuplicateContent"])
def test_what_a_repeat_cannot_mend_is_not_retried(name: str) -> None:
    retried = set()
    for state in json.loads(WORKFLOW.read_text())["States"].values():
        retried |= {error for retry in state.get("Retry", []) for error in retry["ErrorEquals"]} - {"States.ALL"}
    assert name not in retried
