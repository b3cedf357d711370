"""What a watch keeps in `rounds/` of a project: the journal of the round under way, and what became of the others.

rounds/round.json       the round under way; gone when it ends
rounds/history.jsonl    one line a round; rounds/exams.jsonl: one line an exam between rounds
rounds/taught/          what each adapter was taught, as hashes, so that an exam can be fair to it
rounds/work/            folders of the round under way
rounds/schedule.json, rounds/alerts.json   what was run and sent last
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from loresmith.artifact import machine_error, write_whole
from loresmith.lines import append_line, records_in
from loresmith.watch.records import Round, Sitting, Started

FOLDER = "rounds"


class Places:
    """The files of the watch of one project."""

    def __init__(self, project: Path) -> None:
        self.path = project / FOLDER
        self.work = self.path / "work"
        self.schedule = self.path / "schedule.json"
        self.alerts = self.path / "alerts.json"
        self._journal = self.path / "round.json"
        self._history = self.path / "history.jsonl"
        self._exams = self.path / "exams.jsonl"

    def started(self) -> Started | None:
        """The round that is under way, or was when a process ended; a damaged journal is none, and work is repeated."""
        try:
            return Started.model_validate_json(self._journal.read_bytes())
        except (OSError, ValidationError):
            return None

    def begin(self, started: Started) -> None:
        """Write the journal; whole or not at all."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            write_whole(self._journal, started.model_dump_json(indent=1))
        except OSError as fault:
            raise machine_error(fault, self._journal) from fault

    def end(self, done: Round) -> None:
        """Write down what became of the round, once, and then forget its journal."""
        if all(other.number != done.number for other in self.rounds()):
            append_line(self._history, done.model_dump_json().encode())
        self._journal.unlink(missing_ok=True)

    def sat(self, exam: Sitting) -> None:
        """Write an exam down."""
        self.path.mkdir(parents=True, exist_ok=True)
        append_line(self._exams, exam.model_dump_json().encode())

    def rounds(self) -> list[Round]:
        """What became of the rounds, oldest first."""
        return list(records_in(self._history, Round))

    def exams(self) -> list[Sitting]:
        """The exams between rounds, oldest first."""
        return list(records_in(self._exams, Sitting))

    def taught(self, adapter: str) -> "Taught | None":
        """What the adapter with that content hash was taught; `None` where no round wrote it down."""
        path = self._taught(adapter)
        if not path.is_file():
            return None
        told = json.loads(path.read_text(encoding="utf-8"))
        return Taught(frozenset(told["documents"]), frozenset(told["questions"]))

    def teach(self, adapter: str, taught: "Taught") -> None:
        """Write down what an adapter was taught."""
        path = self._taught(adapter)
        path.parent.mkdir(parents=True, exist_ok=True)
        told: Mapping[str, list[str]] = {
            "documents": sorted(taught.documents),
            "questions": sorted(taught.questions),
        }
        write_whole(path, json.dumps(told))

    def _taught(self, adapter: str) -> Path:
        return self.path / "taught" / f"{adapter[:32]}.json"


class Taught:
    """What an adapter learned from: ids of documents, and hashes of the words of questions, without the words."""

    def __init__(self, documents: frozenset[str] = frozenset(), questions: frozenset[str] = frozenset()) -> None:
        self.documents, self.questions = documents, questions

    def had(self, question: str) -> bool:
        """Whether it was trained on exactly these words."""
        return hashed(question) in self.questions


def hashed(words: str) -> str:
    """16 hexadecimal digits that stand for a question's words."""
    return hashlib.sha256(" ".join(words.split()).casefold().encode()).hexdigest()[:16]
