"""Memory that a step frees stays with the process for the next step.

A training step on a CPU asks for the same large blocks as the step before. By its defaults the C library hands them
back to the system in between, which fills every page with zeros again when it is next touched: a twentieth of the time.
"""

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
"""Names of glibc's `mallopt`."""
KEPT, LARGEST = 1 << 30, 32 << 20
"""Free bytes that are kept, and up to which size a block comes from them (the most that glibc allows)."""
USUAL = 128 << 10
"""Both thresholds when a process starts."""


@contextmanager
def kept() -> Iterator[None]:
    """In here freed memory is kept for reuse; afterwards it goes back to the system. Linux with glibc only."""
    library = ctypes.CDLL(None) if sys.platform == "linux" else None
    if library is None or not all(hasattr(library, name) for name in ("mallopt", "malloc_trim")):
        yield
        return
    library.mallopt(TRIM_THRESHOLD, KEPT)
    library.mallopt(MMAP_THRESHOLD, LARGEST)
    try:
        yield
    finally:
        library.mallopt(TRIM_THRESHOLD, USUAL)
        library.mallopt(MMAP_THRESHOLD, USUAL)
        library.malloc_trim(0)
