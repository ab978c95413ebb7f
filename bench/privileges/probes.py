"""The calls that use each role's permissions, by the name of what has the role."""

from __future__ import annotations

from collections.abc import Mapping

from .action_probes import BULK_WORKER, STATUS_ACTIONS
from .closing_probes import ARCHIVE, CLOSE, ENDED
from .control_probes import CONFIG_SERVICE, SFTP_IDENTITY, STATUS_SERVICE, TRANSFER_USER
from .event_probes import WATCHER, WEBHOOKS
from .intake_probes import RECONCILER, ROUTER
from .status_probes import STATUS_READS
from .task_probes import CONFIRM, DELIVER, STAGE, TRANSFORM, VALIDATE, Probe
from .tenant_probes import CONFIG_OF_TENANTS
from .worker_probes import WORKER
from .workflow_probes import TRANSFER

__all__ = ["ROLES", "Probe"]

ROLES: Mapping[str, tuple[Probe, ...]] = {
    "reconciler": RECONCILER,
    "router": ROUTER,
    "watcher": WATCHER,
    "webhooks": WEBHOOKS,
    "validate": VALIDATE,
    "stage": STAGE,
    "transform": TRANSFORM,
    "deliver": DELIVER,
    "confirm": CONFIRM,
    "archive": ARCHIVE,
    "close": CLOSE,
    "ended": ENDED,
    "config-service": (*CONFIG_SERVICE, *CONFIG_OF_TENANTS),
    "status-service": (*STATUS_SERVICE, *STATUS_READS, *STATUS_ACTIONS),
    "bulk-worker": BULK_WORKER,
    "sftp-identity": SFTP_IDENTITY,
    "transfer": TRANSFER,
    "transfer-user": TRANSFER_USER,
    "worker": WORKER,
}
