"""What was answered in a project's quizzes, in `quiz/replies.jsonl`: one line for each reply, never changed.

A reply that was kept is on the disk; a process killed in the middle leaves at most one broken last line, which is
closed before the next and passed over by readers. The file is the person's own: delete it to begin anew.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock

from loresmith.errors import MachineError
from loresmith.lines import add_line, records_in
from loresmith.quiz.session import WEAK_SHARE, Reply
from loresmith.records import Record

FOLDER, FILE = "quiz", "replies.jsonl"


class Entry(Record):
    """One reply."""

    quiz: str
    """Of which quiz; replies of one quiz share it."""
    question: str
    fact: str
    source: str
    given: str
    correct: bool
    at: str
    """When, in UTC."""
    learner: str = ""
    """Who answered; empty at the terminal."""


class Book:
    """The replies of the project folder `place`."""

    def __init__(self, place: Path) -> None:
        self.path = place / FOLDER / FILE

    def add(self, quiz: str, reply: Reply, at: datetime | None = None, learner: str = "") -> Entry:
        """`reply` is on the disk when this returns. Safe from several processes.

        Raises:
            MachineError: the disk refused it.
        """
        stamp = (at or datetime.now(UTC)).isoformat(timespec="seconds")
        asked = reply.question
        entry = Entry(
            quiz=quiz, question=asked.id, fact=asked.fact, source=asked.source, given=reply.given,
            correct=reply.correct, at=stamp, learner=learner,
        )  # fmt: skip
        try:
            self.path.parent.mkdir(exist_ok=True)
            with FileLock(self.path.with_suffix(".lock")), self.path.open("a+b") as kept:
                add_line(kept, entry.model_dump_json().encode())
        except OSError as fault:
            raise MachineError(
                f"The reply cannot be written to {self.path}: {fault.strerror or fault}.",
                next_step="See that the disk has room and the folder may be written, or pass --forget.",
            ) from fault
        return entry

    def entries(self, learner: str = "") -> list[Entry]:
        """Every reply of `learner`, the oldest first; a line that a dying process broke is passed over."""
        return [entry for entry in records_in(self.path, Entry) if entry.learner == learner]


def weak_sources(entries: Iterable[Entry]) -> list[str]:
    """Documents of whose facts fewer than `WEAK_SHARE` were answered rightly the last time, the weakest first."""
    last = {entry.fact: entry for entry in entries}
    marks: dict[str, list[bool]] = {}
    for entry in last.values():
        marks.setdefault(entry.source, []).append(entry.correct)
    shares = {source: sum(found) / len(found) for source, found in marks.items()}
    return sorted((source for source in shares if shares[source] < WEAK_SHARE), key=lambda one: (shares[one], one))
