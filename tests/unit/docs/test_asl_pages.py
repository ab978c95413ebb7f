"""The examples of docs/asl: what they say is what happens.

Python blocks of a page run one after the other in one namespace, as doctests. In console blocks each
`$ python -m asl …` runs in docs/asl/examples, and what follows is what it prints. `...` stands for any text.
"""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path

import pytest

from asl.cli.main import main

FOLDER = Path(__file__).parents[3] / "docs" / "asl"
PAGES = sorted(FOLDER.glob("*.md"))
FLAGS = doctest.ELLIPSIS
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"^\$ python -m asl (.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)


def blocks(page: Path, language: str) -> str:
    """The blocks of a language, each followed by an empty line; the lines keep their numbers."""
    text = page.read_text("utf-8")
    kept = ["\n"] * text.count("\n")
    for match in _BLOCK.finditer(text):
        if match[1] == language:
            first = text.count("\n", 0, match.start()) + 1
            lines = match[2].splitlines(keepends=True)
            kept[first : first + len(lines)] = lines
    return "".join(kept)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_python_examples_of_a_page_give_what_it_shows(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)
    test = doctest.DocTestParser().get_doctest(blocks(page, "python"), {"__name__": "page"}, page.name, str(page), 0)
    told: list[str] = []

    doctest.DocTestRunner(optionflags=FLAGS).run(test, out=told.append)

    assert not told, "".join(told)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_commands_of_a_page_print_what_it_shows(
    page: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(FOLDER / "examples")
    monkeypatch.syspath_prepend(FOLDER / "examples")
    for command, shown in _COMMAND.findall(blocks(page, "console")):
        main(shlex.split(command))
        printed = "".join(capsys.readouterr())

        assert doctest.OutputChecker().check_output(f"{shown.rstrip()}\n", f"{printed.rstrip()}\n", FLAGS), printed


def test_every_page_is_found() -> None:
    assert {"index", "running", "testing", "fields", "command-line"} <= {page.stem for page in PAGES}
