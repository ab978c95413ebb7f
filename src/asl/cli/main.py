"""The command line's entry: its parser, and what becomes of errors.

Exit codes: 0 all is well; 1 findings, or an execution that did not succeed; 2 wrong use, or a file that cannot be read.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from asl.cli import fmt, graph, run, test_state, validate
from asl.cli.files import CommandError
from asl.errors import AslError

FINDINGS = 1
USAGE = 2
_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command (`arguments`: those of the process); returns the exit code."""
    parser = _parser()
    try:
        chosen = parser.parse_args(arguments)
        code: int = chosen.command(chosen)
        sys.stdout.flush()
    except (CommandError, AslError) as error:
        sys.stderr.write(f"asl: {error}\n")
        return USAGE
    except SystemExit as end:  # argparse has said what is wrong, or shown its help
        return end.code if isinstance(end.code, int) else USAGE
    except BrokenPipeError:  # the reader (head, less) has seen enough; Python must not complain at its exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return _INTERRUPTED
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m asl",
        description="Amazon States Language: check, run, test, draw and format state machine definitions.",
        epilog="Exit codes: 0 well; 1 findings or a failed execution; 2 wrong use. A file named - is standard input.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for module in (validate, run, test_state, graph, fmt):
        module.add_to(commands)
    return parser
