"""What this machine has: memory that may be used, and how fast it multiplies matrices. Loads torch only to measure."""

import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from loresmith.errors import UserError
from loresmith.sizing import timing
from loresmith.sizing.memory import Device

LIMIT = Path("/sys/fs/cgroup/memory.max")
UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12, "ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40}
_AMOUNT = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([kmgt]i?)?b?", re.IGNORECASE)
RACE_SECONDS = 0.03
FEWEST = 3
SIZE = 1024
"""Edge of the matrices: large enough that a core runs at its full rate, 2 ms to 20 ms a product."""


@dataclass(frozen=True)
class Machine:
    """One accelerator, or the processors."""

    device: Device
    memory: int
    """Bytes of the GPU, or of the RAM that this process may use."""
    name: str


def amount(text: str) -> int:
    """Bytes that `text` names: `24GB` is 24 * 10^9, `24GiB` 24 * 2^30.

    Raises:
        UserError: it is no amount, or nothing.
    """
    found = _AMOUNT.fullmatch(text.strip())
    size = int(float(found[1]) * UNITS[(found[2] or "").lower()]) if found else 0
    if size <= 0:
        raise UserError(f"{text!r} is no amount of memory.", next_step="Write it like 24GB or 80GiB.")
    return size


def this_machine() -> Machine:
    """The GPU where torch has one, else the processors with the RAM of the machine or of its container."""
    import torch

    if torch.cuda.is_available():
        card = torch.cuda.get_device_properties(0)
        return Machine("cuda", int(card.total_memory), str(card.name))
    threads = torch.get_num_threads()
    return Machine("cpu", usable_memory(), f"this CPU ({threads} thread{'s' if threads > 1 else ''})")


def usable_memory(limit: Path = LIMIT) -> int:
    """Bytes of RAM: those of the machine, or the container's where they are fewer."""
    try:
        whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError):  # Windows has no sysconf
        whole = 2**63
    try:
        return min(whole, int(limit.read_text(encoding="ascii")))
    except (OSError, ValueError):  # no container, or `max`
        return whole


def rate(
    dtype: str, device: Device, seconds: float = RACE_SECONDS, clock: Callable[[], float] = time.perf_counter
) -> float:
    """Operations a second of a matrix product in `dtype`, at its best.

    Measured rather than read from the processor's flags: a processor without native 16-bit products is slow in them.
    """
    import torch

    kind = getattr(torch, dtype)
    left, right = (torch.randn(SIZE, SIZE, device=device).to(kind) for _ in range(2))  # zeros would run faster

    def product() -> None:
        left @ right
        if device == "cuda":  # a CPU is done when the call returns
            torch.cuda.synchronize()

    (best,) = timing.shortest([product], seconds, FEWEST, clock)
    return 2 * SIZE**3 / best
