"""Workflows' case files, and how much of a workflow they reach.

    coverage = Coverage(read_definition(path))
    case = read_case(path_of_a_case)
    outcome = run_case(coverage, case)
    assert differences(case.expected, outcome) == []
    coverage.never

`asl.testing.plugin` does this in pytest for all case files.
"""

from asl.testing.cases import Answer, BadCase, Case, Completion, Expected, read_case, read_definition
from asl.testing.coverage import Coverage, Way
from asl.testing.runs import Call, Outcome, Script, TooManyCalls, differences, play, run_answers, run_case

__all__ = [
    "Answer",
    "BadCase",
    "Call",
    "Case",
    "Completion",
    "Coverage",
    "Expected",
    "Outcome",
    "Script",
    "TooManyCalls",
    "Way",
    "differences",
    "play",
    "read_case",
    "read_definition",
    "run_answers",
    "run_case",
]
