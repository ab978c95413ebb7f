"""The watcher: each minute it judges what was expected by now; each hour it tells which keys expire soon."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aws_lambda_powertools.metrics import Metrics, MetricUnit

from fileferry.expectations.watch import Watch, watch
from fileferry.expiries import ExpirySweep, tell_expiries
from fileferry.home import LambdaContext
from fileferry.services import services
from fileferry.steps import logger

metrics = Metrics(namespace="Fileferry", service="watcher")
_RESERVE_MILLISECONDS = 10_000
"""Left for what is under way when the time is up."""
_EXPECTATIONS = {
    "missing": "ExpectationsMissing",
    "late": "ExpectationsLate",
    "duplicate": "ExpectationsDuplicate",
    "met": "ExpectationsMet",
}
_EXPIRIES = {"told": "ExpiriesTold"}


@metrics.log_metrics
def handler(event: Mapping[str, Any], context: LambdaContext) -> Mapping[str, int]:
    """Lambda's entry; a schedule's event, in which `watch` is `expiries` or, as a rule, `expectations`.

    Returns counts (`fileferry.expectations.watch`, `fileferry.expiries`). Raises the first error, after everything else
    was done.
    """

    def out_of_time() -> bool:
        return context.get_remaining_time_in_millis() < _RESERVE_MILLISECONDS

    if event.get("watch") == "expiries":
        return _counted(tell_expiries, ExpirySweep(services(), out_of_time), _EXPIRIES)
    return _counted(watch, Watch(services(), out_of_time), _EXPECTATIONS)


def _counted(
    see: Callable[[Any], Mapping[str, int]], call: Watch | ExpirySweep, named: Mapping[str, str]
) -> Mapping[str, int]:
    try:
        return see(call)
    finally:
        logger.info("watched", extra=dict(call.counts))
        for count, name in named.items():
            metrics.add_metric(name, MetricUnit.Count, call.counts[count])
