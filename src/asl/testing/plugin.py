"""A pytest plugin that runs workflows' case files and tells what they never reach.

    pytest -p asl.testing.plugin workflows --asl-cases 'workflows/*/cases/*/*.json'

Files below what pytest is given, matching a pattern of `--asl-cases` or of the setting `asl_cases`, are cases
(`asl.testing.cases`), one test each.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from asl.errors import AslError, InvalidDefinition

if TYPE_CHECKING:
    from asl.testing.coverage import Coverage

_WORKER_KEY = "asl_coverage"
_COVERAGES: pytest.StashKey[dict[Path, Coverage]] = pytest.StashKey()


class CaseFailed(AssertionError):
    """A case went otherwise than expected."""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("asl", "workflows in the Amazon States Language")
    group.addoption(
        "--asl-cases",
        action="append",
        default=[],
        metavar="GLOB",
        help="case files of workflows, besides those of the setting asl_cases",
    )
    group.addoption(
        "--asl-coverage-fail-under",
        type=float,
        metavar="PERCENT",
        help="fail if the cases of a workflow reach less of its states, transitions, catchers and retriers",
    )
    parser.addini("asl_cases", "glob patterns of workflows' case files", type="linelist", default=[])


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_COVERAGES] = {}


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """The file, if it is a case."""
    patterns = [*parent.config.getini("asl_cases"), *parent.config.getoption("--asl-cases")]
    if any(file_path.match(pattern) for pattern in patterns):
        case_file: CaseFile = CaseFile.from_parent(parent, path=file_path)
        return case_file
    return None


class CaseFile(pytest.File):
    """A case file; it holds one case."""

    def collect(self) -> Iterable[pytest.Item]:
        yield CaseItem.from_parent(self, name=self.path.stem)


class CaseItem(pytest.Item):
    """Runs a case; what it reaches counts for its definition."""

    def runtest(self) -> None:
        from asl.testing import differences, read_case, run_case

        case = read_case(self.path)
        outcome = run_case(_coverage_of(self.config, case.definition), case)
        found = differences(case.expected, outcome)
        if found:
            raise CaseFailed("\n".join([case.description, *found]))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Only the message where the engine's and the plugin's own code is of no interest."""
        if isinstance(excinfo.value, InvalidDefinition):
            return "\n".join(str(finding) for finding in excinfo.value.diagnostics)
        if isinstance(excinfo.value, AslError | AssertionError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[os.PathLike[str] | str, int | None, str]:
        return self.path, None, f"case {self.name}"


def _coverage_of(config: pytest.Config, definition: Path) -> Coverage:
    from asl.testing import Coverage, read_definition

    coverages = config.stash[_COVERAGES]
    if definition not in coverages:
        coverages[definition] = Coverage(read_definition(definition))
    return coverages[definition]


# ---- the report --------------------------------------------------------------------------------


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The table of coverage; below it what was never reached, unless pytest shall be quiet."""
    from asl.testing.report import never_lines, summary_lines

    coverages = {
        _name(config, definition): coverage for definition, coverage in sorted(config.stash[_COVERAGES].items())
    }
    if not coverages:
        return
    terminalreporter.section("coverage of workflows")
    _write(terminalreporter, summary_lines(coverages))
    if config.get_verbosity() >= 0:
        for name, coverage in coverages.items():
            if coverage.never:
                _write(terminalreporter, ["", f"never in {name}:", *(f"  {line}" for line in never_lines(coverage))])
    for name, coverage in _too_low(config):
        least = config.getoption("--asl-coverage-fail-under")
        terminalreporter.write_line(
            f"FAIL {name}: {coverage.percent:.2f} % is less than the {least:g} % wanted", red=True
        )


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail for too little coverage; as a worker of pytest-xdist, hand over what was counted."""
    config = session.config
    if hasattr(config, "workeroutput"):
        counted = {str(definition): dict(coverage.counts) for definition, coverage in config.stash[_COVERAGES].items()}
        config.workeroutput[_WORKER_KEY] = counted
    elif session.exitstatus == pytest.ExitCode.OK and any(_too_low(config)):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: Any) -> None:
    """Take over what a worker of pytest-xdist has counted."""
    del error
    for definition, counts in getattr(node, "workeroutput", {}).get(_WORKER_KEY, {}).items():
        _coverage_of(node.config, Path(definition)).add(counts)


def _too_low(config: pytest.Config) -> Iterator[tuple[str, Coverage]]:
    least = config.getoption("--asl-coverage-fail-under")
    for definition, coverage in sorted(config.stash[_COVERAGES].items()):
        if least is not None and coverage.percent < least:
            yield _name(config, definition), coverage


def _name(config: pytest.Config, definition: Path) -> str:
    return os.path.relpath(definition, config.rootpath)


def _write(terminalreporter: pytest.TerminalReporter, lines: Iterable[str]) -> None:
    for line in lines:
        terminalreporter.write_line(line)
