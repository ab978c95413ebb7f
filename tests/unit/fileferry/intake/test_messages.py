"""Messages of ingest.fifo as they are written and read."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from fileferry.intake.messages import MalformedMessage, ObjectCreated, StartJob, object_message, parse_message

TEXT = st.text(min_size=1, max_size=30)
MEMBERS = st.sampled_from(["bucket", "key", "size", "start"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(MEMBERS, inner),
    max_leaves=6,
)


@given(st.builds(ObjectCreated, TEXT, TEXT, st.text(), st.integers(0, 2**50), st.text(), st.text()))
def test_an_object_s_message_says_what_it_was_made_of(created: ObjectCreated) -> None:
    assert parse_message(object_message(created)) == created


def test_a_start_message_names_a_job() -> None:
    assert parse_message('{"start": "j1"}') == StartJob("j1")


def test_keys_are_raw_and_members_that_are_missing_are_empty() -> None:
    created = parse_message('{"bucket": "b", "key": "in/r/00/t/u/a+b %41 \\u00fc.csv", "version_id": null}')
    assert created == ObjectCreated("b", "in/r/00/t/u/a+b %41 ü.csv", "", 0, "", "")


@given(JSON.map(json.dumps) | st.text(max_size=20))
def test_any_other_text_is_malformed_and_nothing_else(text: str) -> None:
    try:
        parsed = parse_message(text)
    except MalformedMessage as error:
        assert str(error)
    else:
        assert isinstance(parsed, ObjectCreated | StartJob)
