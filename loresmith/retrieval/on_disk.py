"""Rows of an array on disk, read without keeping its pages: memory stays small however long a process serves."""

import hashlib
import mmap
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROWS = 8
"""Rows after which pages are given back: the system maps up to 1 MB around each."""

HASHED = 8192
"""Rows hashed at a time."""


def taken(vectors: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float32]:
    """A copy of `rows` of `vectors`, which may be memory-mapped."""
    found = np.empty((len(rows), vectors.shape[1]), dtype=np.float32)
    for start in range(0, len(rows), ROWS):
        found[start : start + ROWS] = vectors[rows[start : start + ROWS]]
        _let_go(vectors)
    return found


def part(vectors: NDArray[np.float32], start: int, end: int) -> NDArray[np.float32]:
    """A copy of the rows from `start` to `end`."""
    found = np.array(vectors[start:end], dtype=np.float32)
    _let_go(vectors)
    return found


def nearest(
    vectors: NDArray[np.float32], rows: NDArray[np.int64], query: NDArray[np.float32], k: int
) -> list[tuple[int, float]]:
    """The `k` best of `rows` as (row, cosine by `vectors` themselves), best first, equal cosines in row order."""
    rows = np.sort(rows)  # in the order of the disk
    return best(rows, taken(vectors, rows) @ query, k)


def best(rows: NDArray[np.int64], cosines: NDArray[np.float32], k: int) -> list[tuple[int, float]]:
    """The `k` of `rows` with the highest `cosines`, best first, equal ones in row order."""
    order = np.lexsort((rows, -cosines))[:k]
    return [(int(rows[place]), float(cosines[place])) for place in order]


def fingerprint(vectors: NDArray[np.float32]) -> str:
    """32 hexadecimal digits that stand for the shape and every number of `vectors`."""
    found = hashlib.sha256(str(vectors.shape).encode())
    for start in range(0, len(vectors), HASHED):
        found.update(part(vectors, start, min(start + HASHED, len(vectors))).tobytes())
    return found.hexdigest()[:32]


def _let_go(vectors: NDArray[np.float32]) -> None:
    """Give the pages of a memory-mapped array back; they stay in the system's cache."""
    mapping: Any = vectors.base
    if isinstance(mapping, mmap.mmap) and hasattr(mapping, "madvise"):
        mapping.madvise(mmap.MADV_DONTNEED)
