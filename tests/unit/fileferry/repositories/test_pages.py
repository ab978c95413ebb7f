"""Cursors: they come back whole, and nothing else is taken for one."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fileferry.repositories.pages import BadCursor, decode_cursor, encode_cursor

_NAMES = frozenset({"a", "b"})
_PARTS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=100)


@given(st.text(st.characters(codec="utf-8"), max_size=50), _PARTS, _PARTS)
def test_a_position_comes_back_as_it_was(listing: str, a: str, b: str) -> None:
    cursor = encode_cursor(listing, {"a": a, "b": b})
    assert decode_cursor(listing, cursor, _NAMES) == {"a": a, "b": b}
    assert cursor.isascii()
    assert not set(cursor) & set("+/=&?#% ")


@given(st.text(max_size=300))
def test_any_other_text_is_no_cursor(text: str) -> None:
    with pytest.raises(BadCursor):
        decode_cursor("l", text, _NAMES)


@pytest.mark.parametrize(
    "content",
    [
        {"listing": "other", "position": {"a": "x", "b": "y"}},
        {"listing": "l", "position": {"a": "x"}},
        {"listing": "l", "position": {"a": "x", "b": "y", "pk": "TENANT#other"}},
        {"listing": "l", "position": {"a": "x", "b": 1}},
        {"listing": "l", "position": {"a": "x", "b": ""}},
        {"listing": "l", "position": {"a": "x", "b": "y" * 1025}},
        {"listing": "l", "position": {"a": "x", "b": "\ud800"}},
        {"listing": "l", "position": ["a", "b"]},
        {"listing": "l"},
        {"listing": "l", "position": ["ab", "bc"]},
        [],
        "l",
    ],
)
def test_a_cursor_of_another_listing_or_made_by_hand_is_refused(content: object) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps(content).encode()).decode()
    with pytest.raises(BadCursor, match="does not belong to this listing"):
        decode_cursor("l", cursor, _NAMES)


def test_a_cursor_that_is_nested_too_deeply_is_refused() -> None:
    for depth in (500, 1400, 1_000_000):
        with pytest.raises(BadCursor):
            decode_cursor("l", base64.urlsafe_b64encode(b"[" * depth).decode(), _NAMES)
