"""How much memory this process may still take. Light: no torch.

Covers Linux, with the limit of a container. Not covered: other systems, which do not tell without a library; there
nothing is refused.
"""

from pathlib import Path

from loresmith.errors import MachineError

MEMINFO = Path("/proc/meminfo")
CGROUP = Path("/sys/fs/cgroup")


def available_bytes(meminfo: Path = MEMINFO, cgroup: Path = CGROUP) -> int | None:
    """What can be taken without pushing others out; `None` where the system does not tell."""
    found = [free for free in (_of_machine(meminfo), _of_container(cgroup)) if free is not None]
    return min(found, default=None)


def require(size_bytes: int, what: str) -> None:
    """Raise `MachineError` when fewer than `size_bytes` are available for `what`, which begins a sentence."""
    free = available_bytes()
    if free is not None and free < size_bytes:
        raise MachineError(
            f"{what} needs {size_bytes / 1e6:.0f} MB of memory, {free / 1e6:.0f} MB are free.",
            next_step="End other programs, or give the container more memory.",
        )


def _of_machine(meminfo: Path) -> int | None:
    try:
        lines = dict(line.split(":", 1) for line in meminfo.read_text(encoding="ascii").splitlines())
        return int(lines["MemAvailable"].split()[0]) * 1024
    except (OSError, ValueError, KeyError, IndexError):
        return None


def _of_container(cgroup: Path) -> int | None:
    """The limit less what is in use; pages of files count as free, for the kernel gives them back."""
    try:
        limit = int((cgroup / "memory.max").read_text(encoding="ascii"))
        used = int((cgroup / "memory.current").read_text(encoding="ascii"))
        lines = (cgroup / "memory.stat").read_text(encoding="ascii").splitlines()
        files = sum(int(line.split()[1]) for line in lines if line.split()[0] in ("active_file", "inactive_file"))
    except (OSError, ValueError, IndexError):  # no limit is the word "max"
        return None
    return max(0, limit - used + files)
