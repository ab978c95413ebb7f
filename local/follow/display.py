"""How rows are shown: a live table on a terminal, one plain line for each change elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from rich.live import Live
from rich.table import Table
from rich.text import Text

from fileferry.clock import now
from fileferry.model.job import JobStatus, Step
from local.console import console

from .board import Row

_COLOURS = {
    JobStatus.SUCCEEDED: "green",
    JobStatus.DUPLICATE: "green",
    JobStatus.RUNNING: "cyan",
    JobStatus.QUARANTINED: "yellow",
    JobStatus.FAILED: "red",
    JobStatus.CANCELLED: "red",
}
Show = Callable[[Sequence[Row], Sequence[Row]], None]
_SHOWN = 40


@contextmanager
def display(title: str) -> Iterator[Show]:
    """A function that is given all rows and those that have changed, and shows them."""
    if not console.is_terminal:
        started = time.monotonic()
        yield lambda _, changed: _print_lines(changed, time.monotonic() - started)
        return
    with Live(_table(title, ()), console=console, refresh_per_second=8) as live:
        yield lambda rows, _: live.update(_table(title, rows))


def _print_lines(rows: Sequence[Row], elapsed: float) -> None:
    for row in rows:
        console.print(f"{elapsed:6.1f} s  {line(row)}", markup=False)


def line(row: Row) -> str:
    """A row as one line of text."""
    what = f"{row.path or row.job_id}  route {row.route}" if row.route else row.path or row.job_id
    note = f"  {' '.join(row.note.split())[:160]}" if row.note and row.status.is_final else ""
    step = f"  {row.step_text}" if row.step and not row.status.is_final else ""
    seconds = f"  in {row.seconds:.1f} s" if row.seconds is not None else ""
    return f"{what}  {row.status}{step}{seconds}{note}"


def _table(title: str, rows: Sequence[Row]) -> Table:
    table = Table(title=title, title_justify="left", expand=False)
    table.add_column("file", overflow="fold", min_width=20)
    table.add_column("route")
    table.add_column("step", min_width=19)
    table.add_column("status", min_width=11)
    table.add_column("s", justify="right", min_width=5)
    table.add_column("", overflow="ellipsis", no_wrap=True, max_width=50)
    for row in rows[-_SHOWN:]:
        status = Text(row.status.value, style=_COLOURS.get(row.status, ""))
        note = " ".join(row.note.split()) if row.status.is_final or row.step_status == "FAILED" else ""
        table.add_row(Text(row.path or row.job_id), row.route, _progress(row), status, _time(row), Text(note))
    return table


def _progress(row: Row) -> Text:
    done = sum(step.value in row.steps_done for step in Step)
    text = Text("●" * done, style="green")
    text.append("○" * (len(Step) - done), style="dim")
    return text.append(f" {row.step}" + (" …" if row.step_status in ("RUNNING", "WAITING") else ""))


def _time(row: Row) -> str:
    if row.seconds is not None:
        return f"{row.seconds:.1f}"
    if not row.received_at:
        return ""
    return f"{(now() - datetime.fromisoformat(row.received_at)).total_seconds():.0f}"
