"""Timestamps: which texts are some, and how they compare."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from asl.expressions.timestamps import moment

DATA = json.loads((Path(__file__).parent / "timestamps.json").read_text())


@pytest.mark.parametrize("texts", DATA["equal"])
def test_texts_of_one_moment_are_equal(texts: list[str]) -> None:
    assert len({moment(text) for text in texts}) == 1
    assert moment(texts[0]) is not None


@pytest.mark.parametrize(("earlier", "later"), list(pairwise(DATA["ascending"])))
def test_moments_are_ordered_as_time_is(earlier: str, later: str) -> None:
    one, other = moment(earlier), moment(later)
    assert one is not None
    assert other is not None
    assert one < other


@pytest.mark.parametrize("value", DATA["refused"])
def test_anything_else_is_no_timestamp(value: Any) -> None:
    assert moment(value) is None
