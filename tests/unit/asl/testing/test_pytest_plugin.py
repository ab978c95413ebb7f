"""The pytest plugin, run on a workflow of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytest_plugins = ["pytester"]

ORDERS = Path(__file__).with_name("orders.asl.json").read_text("utf-8")
CASES = "orders/cases/*/*.json"


def write_case(pytester: pytest.Pytester, name: str, size: int, **changes: Any) -> None:
    folder = pytester.path / "orders" / "cases" / "v1"
    folder.mkdir(parents=True, exist_ok=True)
    (pytester.path / "orders" / "v1.asl.json").write_text(ORDERS, "utf-8")
    expected = {"status": "SUCCEEDED", "output": [], "path": ["Check", "Size", "Pack"], **changes}
    case = {"description": "An order.", "input": {"items": []}, "tasks": {"Check": [{"result": {"size": size}}]}}
    (folder / f"{name}.json").write_text(json.dumps({**case, "expected": expected}), "utf-8")


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return pytester.runpytest_inprocess("-p", "asl.testing.plugin", *arguments)


@pytest.fixture
def cases(pytester: pytest.Pytester) -> pytest.Pytester:
    write_case(pytester, "small", 1)
    write_case(pytester, "middling", 60)
    return pytester


def test_case_files_are_tests_and_their_coverage_is_told(cases: pytest.Pytester) -> None:
    result = run(cases, "--asl-cases", CASES)

    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(
        ["*coverage of workflows*", "orders/v1.asl.json * %", "never in orders/v1.asl.json:", "*Sorry*is never entered"]
    )


def test_the_setting_names_case_files_too(cases: pytest.Pytester) -> None:
    cases.makeini(f"[pytest]\nasl_cases =\n    {CASES}\n")

    run(cases).assert_outcomes(passed=2)
    run(cases, "-k", "middling").assert_outcomes(passed=1, deselected=1)


def test_files_that_no_pattern_names_are_left_alone(cases: pytest.Pytester) -> None:
    result = run(cases)

    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    assert "coverage of workflows" not in result.stdout.str()


def test_a_case_that_goes_otherwise_fails_with_the_differences_only(cases: pytest.Pytester) -> None:
    write_case(cases, "wrong", 1, path=["Check", "Sorry"])
    result = run(cases, "--asl-cases", CASES)

    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["An order.", "The path was Check → Size → Pack,", "  expected Check → Sorry."])
    assert "Traceback" not in result.stdout.str()


def test_a_malformed_case_fails_with_the_place(cases: pytest.Pytester) -> None:
    write_case(cases, "wrong", 1, status="DONE")
    result = run(cases, "--asl-cases", CASES)

    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["*wrong.json expected: status must be one of SUCCEEDED, FAILED, TIMED_OUT"])


def test_a_definition_that_aws_would_refuse_fails_its_cases_with_the_findings(cases: pytest.Pytester) -> None:
    (cases.path / "orders" / "v1.asl.json").write_text('{"States": {}}')
    result = run(cases, "--asl-cases", CASES)

    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["*SCHEMA_VALIDATION_FAILED*"])


def test_too_little_coverage_fails(cases: pytest.Pytester) -> None:
    enough = run(cases, "--asl-cases", CASES, "--asl-coverage-fail-under", "30")
    too_little = run(cases, "--asl-cases", CASES, "--asl-coverage-fail-under", "99")

    assert (enough.ret, too_little.ret) == (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
    too_little.stdout.fnmatch_lines(["FAIL orders/v1.asl.json: * % is less than the 99 % wanted"])


def test_a_quiet_run_leaves_the_details_out(cases: pytest.Pytester) -> None:
    result = run(cases, "-q", "--asl-cases", CASES)

    result.stdout.fnmatch_lines(["orders/v1.asl.json * %"])
    assert "never in" not in result.stdout.str()


def test_workers_counts_are_put_together(cases: pytest.Pytester) -> None:
    pytest.importorskip("xdist")
    arguments = ("--asl-cases", CASES, "--asl-coverage-fail-under", "30")
    result = run(cases, "-n", "2", *arguments)

    result.assert_outcomes(passed=2)
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["orders/v1.asl.json  3/7 * 35 %"])
