"""Raw answers on disk, each there before it is used: what was paid for once is never asked again.

One JSON object a line, `{"key": ..., "body": ...}`; lines are only added. A line that a killed process left half
written is passed over, and its call asked again. One process at a time: the project's lock sees to that.
"""

import hashlib
import json
import os
import threading
from collections.abc import Sequence
from pathlib import Path

from loresmith.artifact import machine_error
from loresmith.models.prompts import Message

ANSWERS = "answers.jsonl"


class Journal:
    """The answers in one file; may be used from several threads."""

    def __init__(self, folder: Path) -> None:
        """Read what is there.

        Raises:
            MachineError: the folder cannot be read or made.
        """
        self._path, self._lock = folder / ANSWERS, threading.Lock()
        self._bodies: dict[str, str] = {}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            raw = self._path.read_bytes() if self._path.is_file() else b""
        except OSError as fault:
            raise machine_error(fault, folder) from fault
        self._is_torn = bool(raw) and not raw.endswith(b"\n")
        for line in raw.split(b"\n"):
            self._take(line)

    def answer(self, key: str) -> str | None:
        """The raw answer kept under `key`."""
        with self._lock:
            return self._bodies.get(key)

    def add(self, key: str, body: str) -> None:
        """Keep `body`; it is on the disk when this returns.

        Raises:
            MachineError: it cannot be written.
        """
        line = json.dumps({"key": key, "body": body}, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
        with self._lock:
            try:
                with self._path.open("ab") as file:
                    file.write(b"\n" + line if self._is_torn else line)
                    file.flush()
                    os.fsync(file.fileno())
            except OSError as fault:
                self._is_torn = True
                raise machine_error(fault, self._path) from fault
            self._is_torn = False
            self._bodies[key] = body

    def _take(self, line: bytes) -> None:
        try:
            row = json.loads(line)
            self._bodies[str(row["key"])] = str(row["body"])
        except (ValueError, KeyError, TypeError):
            return


def key_of(model: str, settings: Sequence[object], messages: Sequence[Message], attempt: int) -> str:
    """sha256 over all that decides an answer; `attempt` counts from 0 how often the same was asked before."""
    basis = [model, list(settings), list(messages), attempt]
    return hashlib.sha256(json.dumps(basis, sort_keys=True).encode()).hexdigest()
