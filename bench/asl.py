"""The workflow engine `asl` beside moto, MiniStack and aws-local-stepfunctions, and what it costs by itself.

    uv run python bench/asl.py [--rounds 5] [--seconds 0.3] [--only pass_chain load …] [--json]

Each engine has a process of its own, in which it is called directly, without HTTP; only one works at a time, and they
take turns within each round. An engine must give the right output of a workload before it is timed on it. A transition
is a state entered, those within Map and Parallel included; figures are medians over the rounds. `asl` records no
history, `asl, history kept` all of it (by reference), `asl, history read` also makes GetExecutionHistory's answer of
each execution. moto and MiniStack always record; aws-local-stepfunctions only queues events for a listener. Then, each
in new processes: import, load, memory of waiting executions, and whether time and memory stay linear.
aws-local-stepfunctions needs node and npm (it is installed into .tools/); without them its row stays empty.
Exit code 1 if our engine cannot run a workload.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table

from bench.asl_engines.measures import MEASURES, Figures
from bench.asl_engines.processes import AWS_LOCAL, CannotStart, Process, versions
from bench.asl_engines.workloads import WORKLOADS, Workload

RIVALS = ("moto", "MiniStack", AWS_LOCAL)
OURS = ("asl", "asl, history kept", "asl, history read")
PLAIN_WIDTH = 132


@dataclass
class Cell:
    """One engine on one workload: executions/s of each round, or why it has none."""

    rates: list[float] = field(default_factory=list)
    reason: str = ""

    @property
    def rate(self) -> float:
        """Median executions/s; 0 where there is none."""
        return statistics.median(self.rates) if self.rates else 0.0


Cells = dict[tuple[str, str], Cell]
"""(workload, engine) → what was measured."""


def prepared(process: Process, workload: Workload) -> Cell:
    """Load a workload, run it once, and compare the output."""
    request = {"definition": workload.definition, "input": workload.given, "answers": workload.answers}
    try:
        answer = process.ask("prepare", workload=workload.name, **request)
    except CannotStart as error:
        return Cell(reason=str(error))
    if "cannot" in answer:
        return Cell(reason=answer["cannot"])
    if answer["output"] != workload.expected:
        return Cell(reason=f"wrong output: {json.dumps(answer['output'])[:200]}")
    if (entered := answer.get("entered")) not in (None, workload.transitions):
        return Cell(reason=f"entered {entered} states instead of {workload.transitions}")
    return Cell()


def measured(workloads: Sequence[Workload], rounds: int, seconds: float) -> Cells:
    """Run every workload on every engine, `rounds` times, each time another engine first."""
    engines, cells, processes = [*RIVALS, *OURS], Cells(), dict[str, Process]()
    with ExitStack() as stack:
        for engine in engines:
            try:
                process = processes[engine] = stack.enter_context(Process(engine))
            except CannotStart as error:
                cells.update({(workload.name, engine): Cell(reason=str(error)) for workload in workloads})
            else:
                cells.update({(workload.name, engine): prepared(process, workload) for workload in workloads})
        for turn in range(rounds):
            first = turn % len(engines)
            for workload in workloads:
                for engine in engines[first:] + engines[:first]:
                    if not cells[workload.name, engine].reason:
                        time_once(processes[engine], workload, cells[workload.name, engine], seconds)
    return cells


def time_once(process: Process, workload: Workload, cell: Cell, seconds: float) -> None:
    answer = process.ask("time", workload=workload.name, seconds=seconds)
    if "cannot" in answer:
        cell.reason = answer["cannot"]
    else:
        cell.rates.append(answer["executions"] / answer["seconds"])


def best_rival(cells: Cells, workload: str) -> float:
    """Executions/s of the fastest of the others; 0 if none can run it."""
    return max(cells[workload, engine].rate for engine in RIVALS)


def table_of(cells: Cells, workloads: Sequence[Workload]) -> Table:
    table = Table(title="executions/s · transitions/s · ratio to the best of the others")
    table.add_column("engine", no_wrap=True)
    for workload in workloads:
        table.add_column(workload.title, justify="right")
    for engine in (*RIVALS, *OURS):
        table.add_row(
            engine, *(_told(cells, workload, engine) for workload in workloads), end_section=engine == AWS_LOCAL
        )
    return table


def _told(cells: Cells, workload: Workload, engine: str) -> str:
    rate, best = cells[workload.name, engine].rate, best_rival(cells, workload.name)
    if not rate:
        return "—"
    digits = max(0, 2 - int(math.log10(rate)))  # three that count
    ratio = f"\n× {rate / best:.1f}" if engine in OURS and best else ""
    return f"{rate:,.{digits}f}\n{rate * workload.transitions:,.0f}{ratio}"


def reasons(cells: Cells) -> list[str]:
    """Why some cells are empty, a line for each reason."""
    told: dict[tuple[str, str], list[str]] = {}
    for (workload, engine), cell in cells.items():
        if cell.reason:
            told.setdefault((engine, cell.reason), []).append(workload)
    return [f"{engine} on {', '.join(names)}: {reason}" for (engine, reason), names in told.items()]


def figures_of(measure: str, rounds: int) -> Figures:
    """What a measure of our engine gave, or why it gave nothing."""
    try:
        return MEASURES[measure](rounds)
    except CannotStart as error:
        return Figures({}, (f"{measure}: — {error}",))


def as_json(cells: Cells, workloads: Sequence[Workload], measures: Mapping[str, Figures]) -> str:
    speed = [
        {
            "workload": workload.name,
            "engine": engine,
            "executions_per_second": cells[workload.name, engine].rate,
            "transitions_per_second": cells[workload.name, engine].rate * workload.transitions,
            "rounds": cells[workload.name, engine].rates,
            "reason": cells[workload.name, engine].reason,
        }
        for workload in workloads
        for engine in (*RIVALS, *OURS)
    ]
    costs = {name: figures.values or figures.lines for name, figures in measures.items()}
    return json.dumps({"versions": versions(), "speed": speed, "costs": costs}, indent=1)


def main() -> None:
    names = [workload.name for workload in WORKLOADS]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.3, help="of each engine on each workload in a round")
    parser.add_argument("--only", nargs="+", choices=[*names, *MEASURES], default=[*names, *MEASURES])
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    options = parser.parse_args()
    workloads = [workload for workload in WORKLOADS if workload.name in options.only]
    cells = measured(workloads, options.rounds, options.seconds) if workloads else {}
    measures = {name: figures_of(name, options.rounds) for name in MEASURES if name in options.only}
    if options.json:
        print(as_json(cells, workloads, measures))
    else:
        tell(cells, workloads, measures)
    sys.exit(1 if any(cell.reason for (_, engine), cell in cells.items() if engine in OURS) else 0)


def tell(cells: Cells, workloads: Sequence[Workload], measures: Mapping[str, Figures]) -> None:
    """The table, the versions, why cells are empty, and what our engine costs."""
    console = Console() if sys.stdout.isatty() else Console(width=PLAIN_WIDTH)
    if workloads:
        console.print(table_of(cells, workloads))
        console.print(", ".join(f"{name} {number}" for name, number in versions().items()))
    for line in [*reasons(cells), *(line for figures in measures.values() for line in figures.lines)]:
        console.print(line, highlight=False, markup=False)


if __name__ == "__main__":
    main()
