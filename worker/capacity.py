"""What this process may use: memory and cores, by the container's limits where there are any."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

CGROUP = Path("/sys/fs/cgroup")
_NO_LIMIT = 1 << 60
"""cgroup v1 tells a number of this size where there is no limit."""


def memory_bytes(cgroup: Path = CGROUP) -> int:
    """The container's memory limit in bytes, or the machine's memory."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limits = [_number(cgroup / name) for name in ("memory.max", "memory/memory.limit_in_bytes")]
    return min([total, *(limit for limit in limits if 0 < limit < _NO_LIMIT)])


def cores(cgroup: Path = CGROUP) -> float:
    """The processors that this process may use; a container's share of them may be a fraction."""
    count = float(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    with suppress(OSError, ValueError):
        quota, period = (cgroup / "cpu.max").read_text().split()
        return min(count, int(quota) / int(period))
    quota_v1, period_v1 = (_number(cgroup / "cpu" / f"cpu.cfs_{name}_us") for name in ("quota", "period"))
    return min(count, quota_v1 / period_v1) if quota_v1 > 0 and period_v1 > 0 else count


def _number(path: Path) -> int:
    """The file's number; 0 when it has none."""
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return 0
