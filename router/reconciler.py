"""The reconciler: on a schedule it finds what was missed, and has it go on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.metrics import Metrics, MetricUnit

from fileferry.home import LambdaContext
from fileferry.intake.reconcile import Sweep, reconcile
from fileferry.services import services
from fileferry.steps import logger

metrics = Metrics(namespace="Fileferry", service="reconciler")
_RESERVE_MILLISECONDS = 15_000
"""Left for what is under way when the time is up: one page of objects, the note of the position."""
_TOLD = {
    "sent": "ObjectsMissed",
    "woken": "JobsWoken",
    "lines": "LinesWoken",
    "closed": "RunsClosed",
    "resumed": "RunsResumed",
}


@metrics.log_metrics
def handler(event: Mapping[str, Any], context: LambdaContext) -> Mapping[str, int]:  # noqa: ARG001
    """Lambda's entry; `event` is the schedule's and not looked at.

    Returns counts: `objects` and `jobs` seen, `sent` (objects without a job), `woken` (jobs that had not started),
    `lines` (ordered lines that stood still), `closed` (runs whose execution was over), `resumed` (runs that the
    worker must take up again), `finished` (0 when time ran
    out: the next call goes on there). Raises the first error, after everything else was done.
    """
    sweep = Sweep(services(), lambda: context.get_remaining_time_in_millis() < _RESERVE_MILLISECONDS)
    try:
        return reconcile(sweep)
    finally:
        logger.info("reconciled", extra=dict(sweep.counts))
        for count, name in _TOLD.items():
            metrics.add_metric(name, MetricUnit.Count, sweep.counts[count])
