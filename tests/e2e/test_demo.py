"""`ferry demo`: all its samples, from OpenSSH's sftp to the comparison by SHA-256."""

from __future__ import annotations

from local.demo.run import run_demo
from local.temporary import System
from tests.published import Recorder


def test_every_sample_ends_as_expected(system: System, published: Recorder) -> None:
    verdicts = run_demo(system.workspace, system.stack, 280)
    failed = {
        verdict.sample.path: [check.text for check in verdict.checks if not check.passed]
        for verdict in verdicts
        if not verdict.passed
    }
    assert not failed
    assert len(verdicts) >= 9
