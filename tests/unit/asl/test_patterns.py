"""Patterns of resources, as sets of texts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asl.patterns import contains, matcher, overlap, rank

CASES = json.loads(Path(__file__).with_name("patterns.json").read_text("utf-8"))["cases"]
PATTERNS = st.text("ab*", max_size=6)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['one']} {case['other']}")
def test_two_patterns_are_compared_by_the_texts_that_they_take(case: dict[str, Any]) -> None:
    assert overlap(case["one"], case["other"]) is case["overlap"]
    assert overlap(case["other"], case["one"]) is case["overlap"]
    assert contains(case["one"], case["other"]) is case["contains"]


@given(PATTERNS, PATTERNS, st.text("abc", max_size=8))
def test_what_two_patterns_take_agrees_with_how_they_compare(one: str, other: str, text: str) -> None:
    by_one, by_other = (matcher(pattern).fullmatch(text) is not None for pattern in (one, other))

    assert not (by_one and by_other) or overlap(one, other)
    assert not (contains(one, other) and by_other) or by_one


@given(PATTERNS, PATTERNS)
def test_a_pattern_within_another_comes_before_it(one: str, other: str) -> None:
    if contains(one, other) and not contains(other, one):
        assert rank(other) < rank(one)
