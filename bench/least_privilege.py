"""Every permission of every role is taken away on the running system, and whoever needs it must fail for it.

    uv run python bench/least_privilege.py [--home FOLDER] [--function NAME …]

A system of its own is started (about 2 minutes; with --home it stays in that folder, and one that runs there is taken).
From each role's policy one action, or one of a statement's several resources, is taken away at a time; calls that use
it (bench/privileges/) are made until one is denied, the policy is put back, and the same call must go well again. What
is printed, with exit code 1 when anything is UNNEEDED or UNCLEAR:

    needed      a call was denied, or did not do what it must without being told why (then the table says how)
    only AWS    nothing failed here, but bench/privileges/only_aws.toml says why AWS wants it, with a source
    UNNEEDED    nothing failed and it is not listed: it must go
    UNCLEAR     a call that must go well did not with the whole policy
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bench.privileges.policies import (
    Document,
    OnlyAws,
    Trial,
    as_list,
    read_only_aws,
    template_statements,
    trials,
    without,
)
from bench.privileges.probes import ROLES, Probe
from bench.privileges.world import Seen, World
from local.temporary import deployed_system, temporary_emulator, workspace_at
from local.workspace import STACK

ONLY_AWS = Path(__file__).parent / "privileges" / "only_aws.toml"
TEMPLATE = Path(__file__).parent.parent / "template.yaml"
PLAIN_WIDTH = 200


class Verdict(StrEnum):
    """What a trial showed."""

    NEEDED = "needed"
    ONLY_AWS = "only AWS"
    UNNEEDED = "UNNEEDED"
    UNCLEAR = "UNCLEAR"

    @property
    def is_bad(self) -> bool:
        return self in (Verdict.UNNEEDED, Verdict.UNCLEAR)


@dataclass(frozen=True)
class Result:
    """One line of the table."""

    role: str
    trial: Trial
    verdict: Verdict
    why: str = ""
    listed: OnlyAws | None = None


@dataclass
class LiveRole:
    """A deployed role with its one inline policy."""

    iam: Any
    logical_id: str
    name: str
    policy: str
    document: Document

    @classmethod
    def find(cls, world: World, logical_id: str) -> LiveRole:
        detail = world.client("cloudformation").describe_stack_resource(StackName=STACK, LogicalResourceId=logical_id)
        iam, name = world.client("iam"), detail["StackResourceDetail"]["PhysicalResourceId"]
        (policy,) = iam.list_role_policies(RoleName=name)["PolicyNames"]
        document = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
        return cls(iam, logical_id, name, policy, document)

    @contextmanager
    def without(self, trial: Trial) -> Iterator[None]:
        """The live role without a part of its policy, for as long as the block runs."""
        try:
            self._write(without(self.document, trial))
            yield
        finally:
            self._write(self.document)

    def _write(self, document: Document) -> None:
        self.iam.put_role_policy(RoleName=self.name, PolicyName=self.policy, PolicyDocument=json.dumps(document))


def in_order(probes: Sequence[Probe], trial: Trial) -> list[Probe]:
    """Those made for the statement first."""
    return sorted(probes, key=lambda probe: trial.sid not in probe.shows)


def run_probe(probe: Probe, world: World) -> Seen:
    """What a probe saw; one that cannot be made is not ok."""
    try:
        return probe.run(world)
    except Exception as error:  # whatever a service answers belongs into the table
        return Seen(False, f"{type(error).__name__}: {error}")


def tried(world: World, role: LiveRole, trial: Trial, probes: Sequence[Probe], listed: Sequence[OnlyAws]) -> Result:
    """Take the part away and look which call misses it."""
    for probe in in_order(probes, trial):
        with role.without(trial):
            seen = run_probe(probe, world)
        if seen.ok and not seen.denied:
            continue
        again = run_probe(probe, world)
        if not again.ok or again.denied:
            return Result(role.logical_id, trial, Verdict.UNCLEAR, f"{probe.name}: still {again.told}")
        return Result(role.logical_id, trial, Verdict.NEEDED, f"{probe.name}: {seen.told}")
    return unmissed(role.logical_id, trial, listed, "no call missed it")


def unmissed(role: str, trial: Trial, listed: Sequence[OnlyAws], otherwise: str) -> Result:
    """What nothing failed without: listed, or unneeded."""
    for entry in listed:
        if entry.covers(role, trial):
            return Result(role, trial, Verdict.ONLY_AWS, listed=entry)
    return Result(role, trial, Verdict.UNNEEDED, otherwise)


def undeployed(results: Sequence[Result], listed: Sequence[OnlyAws]) -> Iterator[Result]:
    """The template's statements that no tried role has: what stands behind conditions that do not hold here."""
    seen = {(result.role, result.trial.sid) for result in results}
    unclear = {result.role for result in results if result.verdict is Verdict.UNCLEAR}
    for role, statement in template_statements(TEMPLATE):
        if (role, statement["Sid"]) not in seen and role not in unclear:
            for action in as_list(statement["Action"]):
                yield unmissed(role, Trial(statement["Sid"], "Action", action), listed, "not deployed and not listed")


def tried_role(world: World, logical_id: str, probes: Sequence[Probe], listed: Sequence[OnlyAws]) -> list[Result]:
    """All trials of a role. With the whole policy every probe must go well, or the trials tell nothing."""
    role = LiveRole.find(world, logical_id)
    for probe in probes:
        seen = run_probe(probe, world)
        if not seen.ok or seen.denied:
            whole = Trial("(all)", "Action", "(all)")
            return [Result(logical_id, whole, Verdict.UNCLEAR, f"{probe.name}: {seen.answer[:2000]}{seen.log[-2000:]}")]
    return [tried(world, role, trial, probes, listed) for trial in trials(role.document)]


def table_of(results: Sequence[Result], notes: Sequence[OnlyAws], *, plain: bool) -> Table:
    """Role, statement, part, verdict and why; of what is listed the number of its note."""
    table = Table(box=SIMPLE, show_edge=False, pad_edge=False)
    for column in ("role", "statement", "action or resource", "verdict", "seen"):
        table.add_column(column, no_wrap=plain and column != "seen", overflow="fold")
    colours = {Verdict.NEEDED: "green", Verdict.ONLY_AWS: "cyan", Verdict.UNNEEDED: "red", Verdict.UNCLEAR: "red"}
    for result in results:
        why = f"note {notes.index(result.listed) + 1}" if result.listed else result.why
        verdict = Text(result.verdict, colours[result.verdict])
        table.add_row(result.role, result.trial.sid, result.trial.shown, verdict, Text(why))
    return table


def tell(console: Console, results: Sequence[Result], listed: Sequence[OnlyAws]) -> None:
    """The table, the notes on what is listed, and how many of which verdict."""
    notes = [entry for entry in listed if any(result.listed == entry for result in results)]
    console.print(table_of(results, notes, plain=not console.is_terminal))
    for number, note in enumerate(notes, start=1):
        console.print(Text(f"\nNote {number}: {note.reason}.\n  {note.source}"))
    counts: Mapping[Verdict, int] = Counter(result.verdict for result in results)
    told = ", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict if counts[verdict])
    console.print(f"\n{len(results)} parts of {len({result.role for result in results})} roles: {told}.")


def role_of(function: str) -> str:
    """`sftp-identity` → `SftpIdentityRole`; `transfer` is the state machine, `transfer-user` an SFTP session."""
    return "".join(part.capitalize() for part in function.split("-")) + "Role"


def main() -> None:
    parser = argparse.ArgumentParser(description="Take every permission away, and look who misses it.")
    parser.add_argument("--home", type=Path, help="folder of the system; kept")
    parser.add_argument("--function", nargs="+", choices=list(ROLES), default=list(ROLES), help="these roles only")
    options = parser.parse_args()
    console = Console() if sys.stdout.isatty() else Console(width=PLAIN_WIDTH)
    listed = read_only_aws(ONLY_AWS)
    home = options.home or Path(tempfile.mkdtemp(prefix="fileferry-privileges-"))
    workspace, results = workspace_at(home.resolve()), list[Result]()
    try:
        with temporary_emulator(workspace) as emulator:
            world = World(deployed_system(workspace, emulator))
            with world.quiet():
                for name in (name for name in ROLES if name in options.function):
                    begun = time.monotonic()
                    found = tried_role(world, role_of(name), ROLES[name], listed)
                    bad = sum(result.verdict.is_bad for result in found)
                    console.print(f"{name}: {len(found)} parts, {bad} bad ({time.monotonic() - begun:.0f} s)")
                    results += found
    finally:
        if not options.home:
            shutil.rmtree(home, ignore_errors=True)
    if set(options.function) == set(ROLES):
        results += undeployed(results, listed)
    tell(console, results, listed)
    sys.exit(1 if not results or any(result.verdict.is_bad for result in results) else 0)


if __name__ == "__main__":
    main()
