"""What people said of answers: JSON Lines beside the artifacts, in `feedback/feedback.jsonl`.

A row that was acknowledged is on the disk; a process killed in the middle leaves at most one broken last line, which
is closed before the next row and passed over by readers. Nothing is ever dropped: when the room is used up, more is
refused.
"""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Literal

from filelock import FileLock

from loresmith.errors import MachineError
from loresmith.lines import add_line, records_in
from loresmith.records import Record

FOLDER, FILE = "feedback", "feedback.jsonl"
MEGABYTE = 1 << 20
Value = Literal["up", "down"]


class Source(Record):
    """Where an answer came from, as it was cited."""

    source: str
    page: int | None
    quote: str


class Remark(Record):
    """One thumb, with the answer that it is about. A later one on the same answer replaces what was said before."""

    answer: str
    """Its id."""
    value: Value
    correction: str | None = None
    """The right answer, in the words of who knows it."""
    words: str | None = None
    """Whatever else was said."""
    question: str
    text: str
    """The answer as it was given."""
    sources: tuple[Source, ...] = ()
    refused: bool = False
    generator: str | None = None
    version: str | None = None
    """Of the expert, where one is followed."""
    client: str | None = None
    """The name of the key that opened, where keys have names."""
    at: str
    """When, in UTC."""


class RoomUsedUp(MachineError):
    """No room is left for feedback."""

    def __init__(self, path: Path, megabytes: int) -> None:
        super().__init__(
            f"The feedback in {path} has reached {megabytes} MB.",
            next_step="Move the file away, or raise serve.feedback_megabytes.",
        )


class FeedbackBook:
    """Keeps remarks in the folder of a project or registry."""

    def __init__(self, place: Path, megabytes: int = 64) -> None:
        self.path = place / FOLDER / FILE
        self._megabytes = megabytes
        self._one_at_a_time = Lock()

    def add(self, remark: Remark) -> None:
        """`remark` is on the disk when this returns. Safe from several threads and processes.

        Raises:
            RoomUsedUp: it would not fit.
            MachineError: the disk refused it.
        """
        row = remark.model_dump_json().encode()
        try:
            self.path.parent.mkdir(exist_ok=True)
            with self._one_at_a_time, FileLock(self.path.with_suffix(".lock")), self.path.open("a+b") as book:
                size = book.seek(0, os.SEEK_END)
                if size + len(row) + 2 > self._megabytes * MEGABYTE:
                    raise RoomUsedUp(self.path, self._megabytes)
                add_line(book, row)
        except OSError as fault:
            raise MachineError(
                f"The feedback cannot be written to {self.path}: {fault.strerror or fault}.",
                next_step="See that the disk has room and the folder may be written.",
            ) from fault


def remarks(place: Path) -> Iterator[Remark]:
    """What was said in the project or registry `place`, in order; a line that a dying process broke is passed over."""
    return records_in(place / FOLDER / FILE, Remark)


def latest(place: Path) -> dict[str, Remark]:
    """The last word on each answer, by the answer's id."""
    return {remark.answer: remark for remark in remarks(place)}


def now() -> str:
    """The time for a remark."""
    return datetime.now(UTC).isoformat(timespec="seconds")
