"""`log.jsonl`: the course of a run, one line per measurement. No times, so that the same run leaves the same bytes.

A line has `step` and either `loss`, `learning_rate`, `grad_norm`, `epoch` and `tokens`, or `validation_loss`.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

NAME = "log.jsonl"


class Log:
    """Appends lines, and knows its length so that a run that goes on can drop what came after its checkpoint."""

    def __init__(self, target: Path) -> None:
        self.path = target / NAME

    def cut(self, length: int) -> None:
        """Keep the first `length` bytes."""
        with self.path.open("ab") as file:
            file.truncate(length)

    def add(self, step: int, figures: Mapping[str, float | int]) -> None:
        """Append one line; six digits tell all that a curve can show."""
        short = {name: value if isinstance(value, int) else float(f"{value:.6g}") for name, value in figures.items()}
        with self.path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(json.dumps({"step": step, **short}) + "\n")

    def length(self) -> int:
        """Bytes so far, safely on the disk."""
        with self.path.open("ab") as file:
            os.fsync(file.fileno())
            return file.tell()


def lines(path: Path) -> list[dict[str, Any]]:
    """The measurements in `path`, in order."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
