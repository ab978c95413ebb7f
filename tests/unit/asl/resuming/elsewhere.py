"""The process that a stored execution goes on in: `python -m tests.unit.asl.resuming.elsewhere`.

Reads {"definition", "context", "world", "begun"} from standard input; writes {"ending", "history"}. `begun` is how many
UUIDs have been given out.
"""

from __future__ import annotations

import json
import sys

import asl
from tests.unit.asl.reference.chance import Chance
from tests.unit.asl.reference.tasks import perform
from tests.unit.asl.resuming.endings import ending, written_history
from tests.unit.asl.resuming.walk import World, walk


def main() -> None:
    given = json.load(sys.stdin)
    machine = asl.load(given["definition"])
    execution = machine.resume(given["context"], clock=asl.VirtualClock(0.0), randomness=Chance(given["begun"]))
    execution = walk(execution, perform, world=World(**given["world"]))
    json.dump({"ending": ending(execution), "history": written_history(execution)}, sys.stdout)


if __name__ == "__main__":
    main()
