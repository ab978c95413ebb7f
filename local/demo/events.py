"""Events of a job that was really run, to call its tasks with: `make invoke F=validate E=.ferry/events/validate.json`.

The samples in `events/` show the forms; their jobs exist nowhere, so that a task answers them with NoSuchRecord.
"""

from __future__ import annotations

import json
from pathlib import Path

from fileferry.model.job import Job, Step
from local.workspace import Workspace


def write_task_events(workspace: Workspace, job: Job) -> Path:
    """One event a task, as the workflow sends it; the folder that holds them."""
    folder = workspace.home / "events"
    folder.mkdir(parents=True, exist_ok=True)
    event = {"job": job.ref().model_dump(mode="json"), "attempt": 0}
    for step in Step:
        (folder / f"{step.value}.json").write_text(json.dumps(event, indent=2, ensure_ascii=False) + "\n")
    return folder
