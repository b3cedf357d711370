"""How many processors this process may really use. Light: no torch."""

import os
from pathlib import Path

QUOTA = Path("/sys/fs/cgroup/cpu.max")


def usable_cores(quota: Path = QUOTA) -> int:
    """Processors that the scheduler and the container grant to this process, at least 1.

    `os.cpu_count` counts those of the machine: in a container with 2 of 64 that starts 64 threads, all in wait.
    """
    # macOS and Windows have no affinity
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        limit, period = quota.read_text(encoding="ascii").split()
        if limit != "max":
            allowed = min(allowed, -(-int(limit) // int(period)))
    except (OSError, ValueError):
        pass
    return max(1, allowed)
