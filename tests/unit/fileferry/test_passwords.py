"""Passwords are hashed and compared."""

from __future__ import annotations

import time

import pytest

from fileferry.passwords import hashed, matches


def test_the_right_password_matches_its_hash_only() -> None:
    stored = hashed("correct horse battery")
    assert matches("correct horse battery", stored)
    assert not matches("correct horse batterz", stored)
    assert hashed("correct horse battery") != stored, "each hash has a salt of its own"


@pytest.mark.parametrize("stored", ["", "nonsense", "$argon2id$v=19$m=19456,t=2,p=1$"])
def test_where_there_is_no_hash_nothing_matches(stored: str) -> None:
    assert not matches("", stored)
    assert not matches("test", stored)


def test_a_missing_hash_costs_as_much_work_as_a_wrong_password() -> None:
    stored = hashed("correct horse battery")

    def fastest(candidate: str) -> float:
        seconds = []
        for _ in range(5):
            begun = time.process_time()
            matches("wrong", candidate)
            seconds.append(time.process_time() - begun)
        return min(seconds)

    assert 0.5 < fastest("") / fastest(stored) < 2
