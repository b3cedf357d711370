"""Pictures of pages, each drawn by a child process with a deadline; the latest are kept."""

import json
import os
import subprocess
import sys
from pathlib import Path
from threading import BoundedSemaphore

from loresmith.serve.memory import Memory

SECONDS = 20.0
AT_ONCE = 2
MOST_KEPT = 32
HOME = str(Path(__file__).parent.parent.parent.parent)


class Pictures:
    """Draws pages of PDFs."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._kept: Memory[bytes] = Memory(MOST_KEPT)
        self._free = BoundedSemaphore(AT_ONCE)

    def page(self, path: Path, page: int, quote: str) -> bytes | None:
        """A JPEG of page `page` of the PDF with `quote` marked; `None` where it cannot be drawn in time."""
        told = path.stat()
        key = f"{path} {told.st_mtime_ns} {told.st_size} {page} {quote}"
        if (known := self._kept.get(key)) is None:
            with self._free:
                known = self._drawn(json.dumps({"path": str(path), "page": page, "quote": quote}))
            self._kept.keep(key, known)
        return known or None

    def _drawn(self, asked: str) -> bytes:
        inherited = os.environ.get("PYTHONPATH")
        paths = os.pathsep.join([HOME, inherited] if inherited else [HOME])
        try:
            done = subprocess.run(
                # -P: or a `json.py` in the folder that somebody stands in would run as code
                [sys.executable, "-P", "-m", "loresmith.serve.documents.picture_child"],
                input=asked.encode(),
                capture_output=True,
                timeout=self._seconds,
                check=False,
                env=os.environ | {"PYTHONPATH": paths},
            )
        except subprocess.TimeoutExpired:
            return b""
        return done.stdout if done.returncode == 0 else b""
