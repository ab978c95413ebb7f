"""The worker's metrics in CloudWatch's embedded metric format: one line of the log a minute, and one at the end."""

from __future__ import annotations

import sys
import threading

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider

__all__ = ["MetricUnit", "Metrics"]


class Metrics:
    """Powertools' metrics for many threads; `flush` writes them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._metrics = AmazonCloudWatchEMFProvider(namespace="Fileferry", service="worker")

    def count(self, name: str) -> None:
        """Something happened once."""
        self.add(name, MetricUnit.Count, 1)

    def add(self, name: str, unit: MetricUnit, value: float) -> None:
        with self._lock:
            self._metrics.add_metric(name=name, unit=unit, value=value)

    def flush(self, running: int) -> None:
        """Write all that came since the last time, and how many jobs run."""
        with self._lock:
            self._metrics.add_metric(name="RunningJobs", unit=MetricUnit.Count, value=running)
            self._metrics.flush_metrics()
        sys.stdout.flush()
