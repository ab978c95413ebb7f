"""Patterns of resource ARNs: text in which `*` stands for any characters, also none and also colons.

Patterns are compared as sets of texts, so "more specific" has one meaning: all that the one takes, the other takes too.
"""

from __future__ import annotations

import re


def matcher(pattern: str) -> re.Pattern[str]:
    """A regular expression for the whole text."""
    return re.compile(".*".join(re.escape(part) for part in pattern.split("*")), re.DOTALL)


def rank(pattern: str) -> tuple[int, int]:
    """Sorts patterns so that one that another contains comes before it."""
    plain = re.sub(r"\*+", "*", pattern)
    stars = plain.count("*")
    return stars - len(plain), stars


def contains(wide: str, narrow: str) -> bool:
    """Whether `wide` takes every text that `narrow` takes."""
    # A star of `narrow` can only lie within one of `wide`: some text has a sign there that no pattern spells out.
    return matcher(wide).fullmatch(narrow) is not None


def overlap(one: str, other: str) -> bool:
    """Whether there is a text that both take."""
    if not _compatible(one.partition("*")[0], other.partition("*")[0]):
        return False
    if not _compatible(one.rpartition("*")[2][::-1], other.rpartition("*")[2][::-1]):
        return False
    if "*" not in one:
        return matcher(other).fullmatch(one) is not None
    if "*" not in other:
        return matcher(one).fullmatch(other) is not None
    return True  # both end in a star's freedom between a common beginning and a common end


def _compatible(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)
