"""What a redrive keeps of the last run: the steps that are finished and whose objects are still what was recorded."""

from __future__ import annotations

from typing import Any

from fileferry.actions.sources import is_kept
from fileferry.model.job import ObjectRef, Run, Step, StepRecord, StepStatus
from fileferry.services import Services


def carried_over(world: Services, last: Run) -> dict[str, Any]:
    """Fields of the new run: `steps`, `deliveries`.

    A step is kept with all before it. Where the partner has refused what was delivered, or has other bytes (confirm
    FAILED), it is delivered again: that is what the new run is for.
    """
    steps: dict[str, StepRecord] = {}
    for step in (Step.VALIDATE, Step.STAGE, Step.TRANSFORM):
        if not _holds(world, last, step):
            return {"steps": steps}
        steps[step] = last.steps[step]
    if last.steps[Step.CONFIRM].status is StepStatus.FAILED:
        return {"steps": steps}
    steps |= {step: last.steps[step] for step in (Step.DELIVER, Step.CONFIRM) if last.result(step)}
    if last.deliveries and Step.DELIVER not in steps:
        # Since then the partner may have acknowledged what was delivered.
        steps[Step.DELIVER] = StepRecord(started_at=last.steps[Step.DELIVER].started_at)
    return {"steps": steps, "deliveries": last.deliveries}


def _holds(world: Services, last: Run, step: Step) -> bool:
    result = last.result(step)
    if step is Step.VALIDATE or not result:
        return bool(result)
    return is_kept(world, ObjectRef.model_validate(result["object"]))
