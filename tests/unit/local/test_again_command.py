"""`ferry dead-letters` prints each letter in one line."""

from __future__ import annotations

from dataclasses import replace

import pytest
from typer.testing import CliRunner

from fileferry.dead_letters import DeadLetter
from fileferry.model.job import JobRef, ObjectVersion
from local.again import letter_text
from local.cli import app

JOB = JobRef(
    job_id="j1",
    run=2,
    tenant="acme",
    user="bob",
    route="orders",
    revision=1,
    object=ObjectVersion(bucket="b", key="in/eu-central-1/00/acme/bob/big.bin", version_id="v", size=1),
    created_at="2026-11-25T00:00:00.000000Z",
)
LETTER = DeadLetter("m", "r", "{}", JOB, "taken six times", "PoisonJob", "2026-11-25T04:00:00.123456Z")


def test_a_letter_names_its_job_and_the_reason() -> None:
    assert letter_text(LETTER) == "2026-11-25T04:00:00  j1 run 2  big.bin  PoisonJob: taken six times"
    assert letter_text(replace(LETTER, error="")).endswith("big.bin  taken six times")


def test_a_letter_that_is_none_of_ours_shows_its_text() -> None:
    foreign = replace(LETTER, job=None, error="", reason="cannot be read", body='{"x": 1}')
    assert letter_text(foreign) == '2026-11-25T04:00:00  cannot be read  {"x": 1}'


@pytest.mark.parametrize("arguments", [[], ["j1", "--dead-letters"]])
def test_again_wants_either_jobs_or_all_dead_letters(arguments: list[str]) -> None:
    result = CliRunner().invoke(app, ["again", *arguments])
    assert result.exit_code == 2
    assert "--dead-letters" in result.output
