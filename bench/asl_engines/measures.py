"""What our engine costs besides speed. Each measure gives its figures (for JSON) and lines that tell them."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bench.asl_engines.processes import ROOT, CannotStart, environment, python, told

_ALONE = "bench.asl_engines.asl_alone"
_WAITING = 10_000
_SIZES = {"map": (10_000, 100_000, "items"), "loop": (2_000, 20_000, "transitions")}
_IMPORT = "import time; begin = time.perf_counter(); import asl; print(time.perf_counter() - begin)"
_MEGA = 1e6


@dataclass(frozen=True)
class Figures:
    values: Mapping[str, Any]
    lines: tuple[str, ...]


def importing(rounds: int) -> Figures:
    """`import asl` in new processes: by the clock, against a bare interpreter, and the slowest modules."""
    _python("-c", "import asl")  # may compile the sources
    inside = [float(_python("-c", _IMPORT).stdout) * 1000 for _ in range(rounds)]
    process = [_milliseconds("import asl") for _ in range(rounds)]
    bare = [_milliseconds("pass") for _ in range(rounds)]
    slowest = slowest_modules()
    values = {
        "import_ms": statistics.median(inside),
        "process_ms": statistics.median(process),
        "bare_process_ms": statistics.median(bare),
        "slowest_modules": slowest,
    }
    modules = ", ".join(f"{name} {milliseconds:.1f}" for name, milliseconds in slowest.items())
    line = f"import: {values['import_ms']:.1f} ms (max {max(inside):.1f}); a process that only imports asl "
    line += f"{values['process_ms']:.0f} ms, one that does nothing {values['bare_process_ms']:.0f} ms"
    return Figures(values, (line, f"import, slowest modules by themselves, ms: {modules}"))


def slowest_modules(count: int = 5) -> dict[str, float]:
    """Module → milliseconds without what it imports in turn; only modules that a bare interpreter does not load."""
    bare, own = (_import_times(code) for code in ("pass", "import asl"))
    added = ((name, milliseconds) for name, milliseconds in own.items() if name not in bare)
    return dict(sorted(added, key=lambda entry: -entry[1])[:count])


def _import_times(code: str) -> dict[str, float]:
    report = _python("-X", "importtime", "-c", code).stderr
    rows = [line.partition("import time:")[2].split("|") for line in report.splitlines() if line.count("|") == 2]
    return {name.strip(): int(own) / 1000 for own, _total, name in rows if own.strip().isdigit()}


def _python(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [*python()[:1], *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotStart(done.stderr.strip()[-300:])
    return done


def _milliseconds(code: str) -> float:
    begin = time.perf_counter()
    _python("-c", code)
    return (time.perf_counter() - begin) * 1000


def loading(rounds: int) -> Figures:
    """Loading a definition of 50 states that no cache knows."""
    found = [told(_ALONE, "load") for _ in range(rounds)]
    values = {key: statistics.median(each[key] for each in found) for key in ("first_ms", "later_ms")}
    line = f"load of 50 states, not cached: {values['later_ms']:.2f} ms"
    return Figures(values, (f"{line}; as the first in its process {values['first_ms']:.2f} ms",))


def memory(rounds: int) -> Figures:
    """Resident memory of executions that wait for a task token."""
    taken = statistics.median(told(_ALONE, "waiting", str(_WAITING))["bytes"] for _ in range(min(rounds, 3)))
    line = (
        f"{_WAITING:,} executions waiting for a task token: {taken / _MEGA:.0f} MB, {taken / _WAITING:,.0f} bytes each"
    )
    return Figures({"executions": _WAITING, "bytes": taken}, (line,))


def linearity(rounds: int) -> Figures:
    """Ten times as much in one execution: how many times the seconds and the bytes."""
    values, lines = {}, []
    for what, (small, large, unit) in _SIZES.items():
        for history in ("none", "kept"):
            less, more = (_median(what, size, history, min(rounds, 3)) for size in (small, large))
            values[f"{what}, history {history}"] = {str(small): less, str(large): more}
            line = f"{what} of {small:,} → {large:,} {unit}, history {history}: "
            line += f"{less['seconds']:.3f} → {more['seconds']:.3f} s (× {more['seconds'] / less['seconds']:.1f}), "
            line += f"{less['bytes'] / _MEGA:.1f} → {more['bytes'] / _MEGA:.1f} MB"
            line += f" (× {more['bytes'] / less['bytes']:.1f})" if less["bytes"] > _MEGA else ""
            lines.append(line)
    return Figures(values, tuple(lines))


def _median(what: str, size: int, history: str, rounds: int) -> dict[str, float]:
    found = [told(_ALONE, what, str(size), history) for _ in range(rounds)]
    return {key: statistics.median(each[key] for each in found) for key in ("seconds", "bytes")}


MEASURES: Mapping[str, Callable[[int], Figures]] = {
    "import": importing,
    "load": loading,
    "memory": memory,
    "linearity": linearity,
}
"""Name → measure; it takes the number of rounds and raises CannotStart when the engine cannot do it."""
