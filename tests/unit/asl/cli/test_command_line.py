from __future__ import annotations

import subprocess
import sys

import pytest

from tests.unit.asl.cli.conftest import Run


@pytest.mark.parametrize("name", ["validate", "run", "test-state", "graph", "fmt"])
def test_every_command_has_help(command: Run, name: str) -> None:
    code, out, _ = command(name, "--help")
    assert (code, out.startswith(f"usage: python -m asl {name}")) == (0, True)


def test_wrong_use_is_exit_code_two(command: Run) -> None:
    assert [command(*arguments)[0] for arguments in [(), ("paint",), ("run",), ("graph", "x", "--format", "png")]] == [
        2
    ] * 4


def test_a_file_that_is_not_there_is_named(command: Run) -> None:
    assert command("fmt", "none.json") == (
        2,
        "",
        "asl: none.json: No such file or directory; give the path of a file that can be read\n",
    )


def test_python_runs_the_package() -> None:
    command = [sys.executable, "-m", "asl", "fmt", "-"]
    ran = subprocess.run(command, input="{}", capture_output=True, text=True, check=True, timeout=30)
    assert ran.stdout == "{}\n"


def test_importing_asl_does_not_import_the_command_line() -> None:
    program = (
        "import sys, asl; print([name for name in sys.modules if name.startswith('asl.cli') or name == 'argparse'])"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=30)
    assert ran.stdout == "[]\n"


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    script = f"{sys.executable} -m asl graph --help | head -c 1"
    ran = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True, timeout=30)
    assert ran.stderr == ""
