"""The worker killed at points spread over the transfer of a large file: what is sent again, and what comes of the file.

    uv run python bench/killed_worker.py [--kills 20] [--mib 256] [--part-mib 8] [--seed N] [--mode one|each|both]
                                         [--route gzip|copy|plain] [--signal SIGKILL|SIGTERM] [--home FOLDER]

A system of its own is started (with --home it stays in that folder, else nothing is left). A first file of the same
kind goes through undisturbed and tells how many bytes move in all: sent to staging, the partner's SFTP server, the
archive, copied by S3, read back. Then SIGKILL comes once in each of as many equal stretches of that as there are
kills, at a random byte of it (seeds are printed): in mode `one` all in one job, in mode `each` one a job. After each
kill another process takes over. Bytes are counted where they arrive: by the SFTP server, and by a proxy before S3.

What is printed, and must hold: no more bytes sent again than a part for each kill, SHA-256 right at the far sides and
in the archive, one visible file, one job, one final event, no temporary file, open upload or staged object left,
nothing in a dead-letter queue. A worker that gets SIGTERM must be gone before ECS would kill it. Exit code 1 otherwise.
"""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.killing.meter import Meter, Moved, Way
from bench.killing.trial import MIB, ROUTES, Sent, Trial, trial_on
from bench.killing.workers import Worker, Workers, workers_for
from local.temporary import deployed_system, temporary_emulator, workspace_at

STALLED_SECONDS = 300.0
STOP_SECONDS = 120.0
"""ECS kills a container that long after SIGTERM (template.yaml, StopTimeout)."""


@dataclass(frozen=True)
class Plan:
    """How many kills, of what size of file in bytes, with parts of which size."""

    kills: int
    size: int
    part_size: int
    seed: int
    route: str = "gzip"
    signal: signal.Signals = signal.SIGKILL


@dataclass
class Kill:
    """One kill: the byte of all that move at which it was due, the move in which it came, and when (monotonic)."""

    number: int
    point: int
    moved: Moved
    at: float
    sent_before: int
    """Bytes that had been sent again before it."""
    seconds: float = 0.0
    """From the signal to the process's end."""
    sent_again: int = 0
    """Bytes that were sent again after it, until the next one."""


@dataclass
class Killer:
    """Kills the armed worker as soon as the meter's progress has come to the next point."""

    meter: Meter
    points: list[int]
    signal: signal.Signals
    victim: Worker | None = None
    kills: list[Kill] = field(default_factory=list)

    def __call__(self, moved: Moved) -> None:
        victim = self.victim
        if victim is None or not self.points or self.meter.progress < self.points[0]:
            return
        self.victim = None
        victim.signal(self.signal)
        kill = Kill(len(self.kills) + 1, self.points.pop(0), moved, time.monotonic(), self.meter.sent_again())
        self.kills.append(kill)

    def settled(self) -> list[Kill]:
        """The kills, each with what was sent again because of it."""
        end = self.meter.sent_again()
        for kill in reversed(self.kills):
            kill.sent_again, end = end - kill.sent_before, kill.sent_before
        return self.kills


@dataclass(frozen=True)
class Result:
    """What came of one file; `wrong` says what does not hold."""

    sent: Sent
    kills: Sequence[Kill]
    ways: dict[Way, tuple[int, int]]
    total: int
    seconds: float
    wrong: Sequence[str]


def spread(total: int, kills: int, seed: int) -> list[int]:
    """A random point of each of `kills` equal stretches of `total`."""
    chance = random.Random(seed)
    return [int((number + chance.random()) * total / kills) for number in range(kills)]


def passage(trial: Trial, workers: Workers, plan: Plan, points: list[int], say: Callable[[str], None]) -> Result:
    """One file through workers of which one is killed at each point."""
    trial.meter.reset()
    killer = Killer(trial.meter, list(points), plan.signal)
    trial.meter.watch = killer
    began = time.monotonic()
    sent = trial.put(plan.route, plan.size, plan.seed + len(workers.started))
    killer.victim = workers.start()
    ends = began + STALLED_SECONDS
    progress = 0
    while not (trial.ended(sent) and not trial.waiting("WorkQueueUrl")) and time.monotonic() < ends:
        if killer.victim is None:
            workers.started[-1].process.wait()
            killer.kills[-1].seconds = time.monotonic() - killer.kills[-1].at
            say(f"  killed {len(killer.kills)} of {len(points)} at {where(killer.kills[-1].moved)}")
            killer.victim = workers.start()
        elif not killer.victim.runs:
            break
        if trial.meter.progress > progress:
            progress, ends = trial.meter.progress, time.monotonic() + STALLED_SECONDS
        time.sleep(0.1)
    seconds = time.monotonic() - began
    trial.meter.watch = None
    wrong = [] if len(killer.kills) == len(points) else [f"{len(killer.kills)} kills, not {len(points)}"]
    wrong += _stopped(workers)
    if late := [kill for kill in killer.kills if kill.seconds > STOP_SECONDS]:
        wrong.append(f"{len(late)} were not gone after {STOP_SECONDS:.0f} s")
    again, limit = trial.meter.sent_again(), len(points) * plan.part_size
    if again > limit:
        wrong.append(f"{again} bytes were sent again, more than {limit}")
    wrong += trial.wrong(sent)
    return Result(sent, killer.settled(), trial.meter.by_way(), trial.meter.progress, seconds, wrong)


def _stopped(workers: Workers) -> list[str]:
    """Stop the last worker in good order; what is wrong with its end."""
    last = workers.started[-1]
    if not last.runs:
        return [f"the worker ended by itself: {last.log()[-3:]}"]
    last.terminate()
    left = workers.left_in_scratch()
    return [f"left in scratch: {', '.join(left)}"] if left else []


def where(moved: Moved) -> str:
    """A move in words: `s3 staging original part 3 + 2.1 MiB`."""
    bucket, _, key = moved.place.partition("/")
    name, _, part = (key or bucket).rpartition("/")[2].partition("#")
    kind = next((word for word in ("staging", "archive", "partner") if word in bucket), "") if key else ""
    words = [moved.way.value, kind, name, f"part {part}" if part else "", f"+ {moved.stop / MIB:.1f} MiB"]
    return " ".join(word for word in words if word)


def one_job(trial: Trial, workers: Workers, plan: Plan, total: int) -> list[Result]:
    """All kills in one job."""
    print(f"\n{plan.kills} times {plan.signal.name} in one job, seed {plan.seed}:", flush=True)
    return [passage(trial, workers, plan, spread(total, plan.kills, plan.seed), _say)]


def job_each(trial: Trial, workers: Workers, plan: Plan, total: int) -> list[Result]:
    """One kill in each of as many jobs."""
    print(f"\nOnce {plan.signal.name} in each of {plan.kills} jobs, seed {plan.seed}:", flush=True)
    points = spread(total, plan.kills, plan.seed)
    return [passage(trial, workers, plan, [point], _say) for point in points]


def _say(text: str) -> None:
    print(text, flush=True)


MODES = {"one": (one_job,), "each": (job_each,), "both": (one_job, job_each)}


def print_results(results: Sequence[Result], plan: Plan) -> None:
    """One line a kill, and what moved in all."""
    form = "{:>3} {:>9} {:>9} {:>11}  {:60} {}"
    print(form.format("#", "at MiB", "gone s", "again KiB", "killed in", ""))
    number = 0
    for result in results:
        verdict = f"WRONG: {'; '.join(result.wrong)}" if result.wrong else "ok"
        for kill in result.kills:
            number += 1
            told = verdict if kill is result.kills[-1] else ""
            facts = (f"{kill.point / MIB:.1f}", f"{kill.seconds:.2f}", f"{kill.sent_again / 1024:.0f}")
            print(form.format(number, *facts, where(kill.moved)[:60], told))
        if not result.kills:
            print(verdict)
    for way in Way:
        received, again = (sum(result.ways[way][index] for result in results) for index in (0, 1))
        print(f"{way.value:10} {received / MIB:10.1f} MiB, {again / MIB:8.2f} MiB of it again")
    again = sum(received[1] for result in results for way, received in result.ways.items() if way.is_sent)
    share = again / (number * plan.part_size) if number else 0
    seconds = sum(result.seconds for result in results)
    print(f"{number} kills, {again / MIB:.2f} MiB sent again: {share:.2f} parts a kill. {seconds:.0f} s.")


def run(trial: Trial, plan: Plan, mode: str) -> list[Result]:
    """The undisturbed file, then the kills."""
    settings = {"PART_SIZE": plan.part_size, "COPY_LIMIT": plan.part_size, "LANES": 2}
    with workers_for(trial, **{name: str(value) for name, value in settings.items()}) as workers:
        print(f"A file of {plan.size / MIB:.0f} MiB on route {plan.route}, undisturbed …", flush=True)
        calm = passage(trial, workers, plan, [], _say)
        print(f"  {calm.total / MIB:.1f} MiB moved in {calm.seconds:.1f} s", flush=True)
        print_results([calm], plan)
        results = [calm]
        for kills in MODES[mode]:
            found = kills(trial, workers, plan, calm.total)
            print_results(found, plan)
            results += found
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description="Kill the worker at points spread over a transfer.")
    parser.add_argument("--home", type=Path, help="folder of the system; kept")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--mib", type=int, default=256, help="size of each file")
    parser.add_argument("--part-mib", type=int, default=8, help="size of a part; at least 5")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--mode", choices=MODES, default="both")
    parser.add_argument("--route", choices=ROUTES, default="gzip")
    parser.add_argument("--signal", choices=("SIGKILL", "SIGTERM"), default="SIGKILL")
    options = parser.parse_args()
    how = options.seed, options.route, signal.Signals[options.signal]
    plan = Plan(options.kills, options.mib * MIB, options.part_mib * MIB, *how)
    home = options.home or Path(tempfile.mkdtemp(prefix="fileferry-killed-worker-"))
    workspace = workspace_at(home.resolve())
    try:
        with temporary_emulator(workspace) as emulator, trial_on(deployed_system(workspace, emulator)) as trial:
            results = run(trial, plan, options.mode)
    finally:
        if not options.home:
            shutil.rmtree(home, ignore_errors=True)
    sys.exit(1 if any(result.wrong for result in results) else 0)


if __name__ == "__main__":
    main()
