"""What `ferry` prints: live on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape

console = Console(highlight=False, soft_wrap=True)
Say = Callable[[str], None]


@contextmanager
def stage(title: str) -> Iterator[Say]:
    """A named part of the work with one line of progress; prints how long it took.

    What is given to the yielded function is shown while it is the latest, on a terminal only.
    """
    started = time.monotonic()
    if not console.is_terminal:
        console.print(f"{title} …", markup=False)
        yield lambda _: None
        console.print(f"{title}: done in {time.monotonic() - started:.1f} s", markup=False)
        return
    with console.status(f"{escape(title)} …") as status:

        def say(line: str) -> None:
            shown = line.strip()[: max(20, console.width - len(title) - 12)]
            status.update(f"{escape(title)} [dim]{time.monotonic() - started:.0f} s  {escape(shown)}[/dim]")

        yield say
    console.print(f"[green]✓[/green] {escape(title)} [dim]{time.monotonic() - started:.1f} s[/dim]")
