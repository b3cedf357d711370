"""Vectors on disk while an index is made, so that a killed run embeds nothing twice that it had reported."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_NAME = "vectors.partial-"


class Journal:
    """Rows of float32, appended a slice at a time; a slice that was cut off counts as not written."""

    def __init__(self, folder: Path, texts: Sequence[str], dimensions: int, slice_rows: int) -> None:
        """Open or start the file for `texts`, whose slices but the last hold `slice_rows` rows.

        Its name holds their hash: what was written for other texts is not taken.
        """
        digest = hashlib.sha256("\0".join(texts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
        self._path = path = folder / f"{_NAME}{digest}"
        row_bytes, total = 4 * dimensions, len(texts)
        held = path.stat().st_size // row_bytes if path.is_file() else 0
        self.done = total if held >= total else held // slice_rows * slice_rows
        """Rows that are there."""
        with path.open("ab") as file:
            file.truncate(self.done * row_bytes)
        self._dimensions = dimensions

    def append(self, rows: NDArray[np.float32]) -> None:
        """Write a slice; it is on the disk when this returns."""
        with self._path.open("ab") as file:
            file.write(np.ascontiguousarray(rows, dtype=np.float32).tobytes())
            file.flush()
            os.fsync(file.fileno())
        self.done += len(rows)

    def rows(self) -> NDArray[np.float32]:
        """All rows, shape (rows, dimensions)."""
        return np.fromfile(self._path, dtype=np.float32).reshape(-1, self._dimensions)


def remove(folder: Path) -> None:
    """Delete every journal in `folder`."""
    for path in folder.glob(f"{_NAME}*"):
        path.unlink()
