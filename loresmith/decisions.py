"""What a person decided about questions: `review.jsonl` of a project, outside the artifacts that are replaced.

One JSON object a line; lines are only added, each is on the disk before it counts, and the last one for a key holds.
A decision belongs to a row by its words (form, quote, question, answer) and not by its id: ids count wordings, which
another seed numbers anew, and a document's id changes with any byte of its file. So the same words in two documents are
one row, as they are for the check on duplicates.

Not covered: who decided; questions that come back in other words, which are new questions; other options of a multiple
choice, which leave its decision in force.
"""

import hashlib
import json
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from loresmith.artifact import machine_error
from loresmith.errors import UserError
from loresmith.lines import append_line
from loresmith.records import Question, Record

REVIEW = "review.jsonl"
"""In the project folder."""

Verdict = Literal["accept", "edit", "reject", "undecided"]


class Decision(Record):
    """One verdict about one row."""

    key: str
    """As `key_of` gives it for the row as it was proposed."""
    verdict: Verdict
    """`undecided` takes an earlier verdict back."""
    about: str = ""
    """The question as it was proposed, for whoever reads the file."""
    question: str | None = None
    """New wording, for `edit`; `None` leaves it."""
    answer: str | None = None
    """New answer, for `edit`; `None` leaves it."""
    reason: str = ""
    at: str = ""
    """When, as ISO 8601 in UTC."""


@dataclass(frozen=True)
class Decisions:
    """The verdicts in force, by the key of their row."""

    by_key: Mapping[str, Decision] = field(default_factory=dict)
    torn: int = 0
    """Lines that a killed process left half written; they are passed over."""

    def of(self, question: Question) -> Decision | None:
        """The verdict about a row as it was proposed."""
        return self.by_key.get(key_of(question))


def key_of(question: Question) -> str:
    """What stays the same when a row is proposed again: 16 hexadecimal digits over its words."""
    words = (question.form, *map(_folded, (question.quote, question.question, question.answer)))
    return hashlib.sha256("\x1f".join(words).encode()).hexdigest()[:16]


def read_decisions(path: Path) -> Decisions:
    """The decisions in the file `path`; none where there is no file.

    Raises:
        UserError: a line is JSON and no decision, so somebody wrote it by hand; names the line.
        MachineError: the file cannot be read.
    """
    try:
        raw = path.read_bytes() if path.is_file() else b""
    except OSError as fault:
        raise machine_error(fault, path) from fault
    by_key: dict[str, Decision] = {}
    torn = 0
    for number, line in _lines(raw):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            torn += 1  # a part of an object is never JSON, and bytes of half a character are no UTF-8
            continue
        decision = _decision(row, path, number)
        by_key.pop(decision.key, None)
        if decision.verdict != "undecided":
            by_key[decision.key] = decision
    return Decisions(by_key, torn)


def add_decision(path: Path, decision: Decision) -> None:
    """Write `decision` at the end of the file `path`; it is on the disk when this returns.

    Raises:
        MachineError: it cannot be written.
    """
    append_line(path, decision.model_dump_json(exclude_none=True).encode())


def _lines(raw: bytes) -> Iterator[tuple[int, bytes]]:
    return ((number, line) for number, line in enumerate(raw.split(b"\n"), 1) if line.strip())


def _decision(row: object, path: Path, number: int) -> Decision:
    try:
        return Decision.model_validate(row)
    except ValidationError as fault:
        first = fault.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise UserError(
            f"{path}, line {number} is no decision: {f'{place}: ' if place else ''}{first['msg']}.",
            next_step="Mend or delete that line; `loresmith review` writes them.",
        ) from fault


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split()).casefold()
