"""A review that goes on: the rows, the decisions in force, and the checks that a new decision has to pass."""

import threading
from dataclasses import dataclass
from pathlib import Path

from loresmith.artifact import MANIFEST, hash_file
from loresmith.decisions import REVIEW, Decision, Decisions, add_decision, read_decisions
from loresmith.errors import ArtifactMissing, UserError
from loresmith.failures.failed import FAILURES, Failure, read_failures
from loresmith.generate.collisions import collisions
from loresmith.generate.revision import revised, revision_fault
from loresmith.records import Question
from loresmith.review.passages import Passage
from loresmith.review.rows import QUESTIONS, Row, Rows

Stamp = tuple[int, int]


@dataclass(frozen=True)
class Entry:
    """A row and the verdict about it; `None`: nobody has decided."""

    row: Row
    decision: Decision | None
    failed: Failure | None = None
    """What the model answered where an exam that is marked here got it wrong."""

    @property
    def verdict(self) -> str:
        """`accept`, `edit`, `reject` or `undecided`."""
        return self.decision.verdict if self.decision is not None else "undecided"

    @property
    def question(self) -> Question:
        """The row in the words that are in force."""
        if self.decision is None or self.decision.verdict != "edit":
            return self.row.question
        return revised(self.row.question, self.decision)


@dataclass(frozen=True)
class Count:
    """How far a review has come."""

    questions: int
    accept: int
    edit: int
    reject: int
    undecided: int
    without_row: int
    """Decisions about rows that the documents, or the teacher, no longer give."""
    torn_lines: int
    """Lines of the file that a killed process left half written."""
    is_applied: bool
    """Whether the questions were made with these decisions."""

    @property
    def decided(self) -> int:
        """Rows with a verdict."""
        return self.questions - self.undecided


class Review:
    """The review of one project; may be used from several threads, and beside other processes."""

    def __init__(self, project: Path) -> None:
        self.project = project
        self._lock = threading.RLock()
        self._opened: tuple[Stamp, Rows] | None = None
        self._read: tuple[Stamp, Decisions] | None = None
        self._failed: tuple[Stamp, dict[str, Failure]] | None = None

    def entries(self) -> list[Entry]:
        """Every row with its verdict, in the order of the documents.

        Raises:
            ArtifactMissing: there are no questions yet.
            UserError: the questions or the file of decisions are damaged.
        """
        with self._lock:
            decisions = self._decisions()
            return [self._entry(row, decisions.by_key.get(row.key)) for row in self._rows()]

    def passages(self, row: Row) -> tuple[Passage, ...]:
        """What `row` rests on, quotes set apart."""
        with self._lock:
            return self._rows().passages(row)

    def count(self) -> Count:
        """How many rows have which verdict. Raises as `entries` does."""
        with self._lock:
            verdicts = [entry.verdict for entry in self.entries()]
            decisions, path = self._decisions(), self.project / REVIEW
            applied = hash_file(path) if path.is_file() else None
            return Count(
                questions=len(verdicts),
                accept=verdicts.count("accept"),
                edit=verdicts.count("edit"),
                reject=verdicts.count("reject"),
                undecided=verdicts.count("undecided"),
                without_row=len(decisions.by_key.keys() - {row.key for row in self._rows()}),
                torn_lines=decisions.torn,
                is_applied=applied == self._rows().inputs,
            )

    def decide(self, decision: Decision) -> tuple[Entry, Entry]:
        """Write `decision` down; the row before and after it.

        Raises:
            UserError: there is no such row, or an edit fails a check; names it. Nothing was written.
            MachineError: the file cannot be written.
        """
        with self._lock:
            row = self._rows().get(decision.key)
            if row is None:
                raise UserError("This question is not here any more.", next_step="Load the page again.")
            before = self._entry(row, self._decisions().by_key.get(row.key))
            decision = decision.model_copy(update={"about": row.question.question})
            if decision.verdict == "edit" and (fault := self._edit_fault(row, decision)) is not None:
                raise UserError(f"The edit is refused: {fault}.", next_step="Mend it, or reject the question.")
            add_decision(self.project / REVIEW, decision)
            return before, self._entry(row, self._decisions().by_key.get(row.key))

    def _entry(self, row: Row, decision: Decision | None) -> Entry:
        """`row` with what the exam showed; an id may stand for other words since, which failed in nothing."""
        failed = self._failures().get(row.question.id)
        asked = Entry(row, decision)
        known = (row.question.question, asked.question.question)
        return Entry(row, decision, failed) if failed is not None and failed.asked in known else asked

    def _edit_fault(self, row: Row, decision: Decision) -> str | None:
        """Why the row in its new words cannot be asked, alone or beside the others."""
        edited = revised(row.question, decision)
        if edited == row.question:
            return "nothing was changed"
        fault = revision_fault(edited)
        if fault is not None:
            return fault
        others = (entry for entry in self.entries() if entry.row.key != row.key and entry.verdict != "reject")
        return collisions([*(entry.question for entry in others), edited]).get(edited.id)

    def _rows(self) -> Rows:
        """The rows; opened anew when `loresmith generate` has run in between."""
        manifest = self.project / QUESTIONS / MANIFEST
        stamp = _stamp(manifest)
        if stamp is None:
            raise ArtifactMissing(manifest.parent, made_by=f"generate {self.project}")
        if self._opened is None or self._opened[0] != stamp:
            self._opened = (stamp, Rows.open(self.project))
        return self._opened[1]

    def _failures(self) -> dict[str, Failure]:
        """The wrong answers that `loresmith failures --review` marked; read anew when it has run in between."""
        path = self.project / FAILURES
        stamp = _stamp(path) or (0, 0)
        if self._failed is None or self._failed[0] != stamp:
            self._failed = (stamp, read_failures(path))
        return self._failed[1]

    def _decisions(self) -> Decisions:
        """The decisions; read anew when somebody has added one."""
        path = self.project / REVIEW
        stamp = _stamp(path) or (0, 0)
        if self._read is None or self._read[0] != stamp:
            self._read = (stamp, read_decisions(path))
        return self._read[1]


def _stamp(path: Path) -> Stamp | None:
    """What changes with a file's content: when it was written and how long it is; `None` where there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_size
