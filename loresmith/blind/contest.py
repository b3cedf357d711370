"""The pairs of a contest: drawn once from two examinations, then fixed, so that votes outlive both."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from loresmith import artifact
from loresmith.artifact import machine_error, write_whole
from loresmith.errors import UserError
from loresmith.models import squad
from loresmith.records import UNANSWERABLE, Grade, Question, Record

FOLDER, PAIRS, VOTES = "blind", "pairs.json", "votes.jsonl"
"""Below the project, and the two files of a contest."""
EXAMS = ("recall", "transfer", UNANSWERABLE)
SAT = ("exam", "exam-gguf", "exam-endpoint")
"""Folders of the examination and of the arms that sat it afterwards."""

Side = Literal["a", "b"]


class Pair(Record):
    """One question with both answers."""

    key: str
    exam: str
    question: str
    document: str
    fact: str
    source: str
    page: int | None
    quote: str
    answer: str
    """The right one, as the exam has it."""
    a: str
    b: str


class Contest(Record):
    """Whose answers are compared, and on what."""

    name: str
    a: str
    """Arm, and its project where that is another one."""
    b: str
    seed: int
    asked: int
    """Short questions that both answered."""
    same: int
    """Of these, answered in the same words: nobody is asked about them."""
    pairs: tuple[Pair, ...]

    def left(self, key: str, rater: str) -> Side:
        """Whose answer to the question `key` stands left for `rater`."""
        return "a" if _lot(self.seed, "side", rater, key)[0] % 2 else "b"

    def order(self, rater: str) -> list[Pair]:
        """All pairs, in an order of the rater's own."""
        return sorted(self.pairs, key=lambda pair: _lot(self.seed, "order", rater, pair.key))


@dataclass(frozen=True)
class Sitter:
    """The written answers of one arm, short and long."""

    name: str
    grades: Mapping[str, Grade]
    """By question."""
    questions: Mapping[str, Question]


def sitter(project: Path, arm: str, called: str) -> Sitter:
    """The answers of `arm` in the examination of `project`, under the name `called`.

    Raises:
        ArtifactMissing: nothing was examined there.
        UserError: that arm was not.
    """
    exam = artifact.read(project / SAT[0], made_by=f"evaluate {project}")
    split = artifact.read(project / "split", made_by=f"split {project}")
    if exam.manifest.parents.get("split") != split.manifest.content:
        raise UserError(
            f"The exam in {project} was held on other questions than those in its split now.",
            next_step=f"Run `loresmith evaluate {project}` again.",
        )
    questions = {row.id: row for name in EXAMS for row in split.rows(Question, f"{name}.jsonl")}
    sat = [exam, *(artifact.read(project / name, made_by="evaluate") for name in SAT[1:] if (project / name).is_dir())]
    grades = [grade for made in sat for grade in made.rows(Grade)]
    own = {grade.question: grade for grade in grades if grade.arm == arm and grade.form != "choice"}
    if not own:
        arms = ", ".join(dict.fromkeys(grade.arm for grade in grades)) or "none"
        raise UserError(f"The arm {arm!r} wrote no answers in {project}.", next_step=f"Take one of {arms}.")
    return Sitter(called, own, questions)


def drawn(name: str, a: Sitter, b: Sitter, seed: int, most: int, exams: Sequence[str] = ()) -> Contest:
    """The contest `name` on at most `most` questions that both answered in different words, by lot.

    Raises:
        UserError: there is no such question.
    """
    asked = [
        key
        for key, question in a.questions.items()
        if key in a.grades and key in b.grades
        if b.questions[key].question == question.question and (not exams or a.grades[key].exam in exams)
    ]
    different = [key for key in asked if _spaced(_said(a, key)) != _spaced(_said(b, key))]
    if not different:
        raise UserError(
            f"{a.name} and {b.name} answered {len(asked)} of the same questions, and none of them differently.",
            next_step="Choose arms that differ, or other exams.",
        )
    chosen = set(sorted(different, key=lambda key: _lot(seed, "drawn", key))[:most])
    pairs = tuple(_pair(a, b, key) for key in different if key in chosen)
    return Contest(
        name=name, a=a.name, b=b.name, seed=seed, asked=len(asked), same=len(asked) - len(different), pairs=pairs
    )


def folder_of(project: Path, name: str) -> Path:
    """Where the contest `name` lies.

    Raises:
        UserError: no folder can be called so.
    """
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,80}", name):
        raise UserError(f"No contest can be called {name!r}.", next_step="Use letters, digits, dots and dashes.")
    return project / FOLDER / name


def contests_in(project: Path) -> list[Path]:
    """The folders of all contests of a project."""
    return sorted(path.parent for path in (project / FOLDER).glob(f"*/{PAIRS}"))


def save(folder: Path, contest: Contest) -> None:
    """Leave `contest` in `folder`. Raises a `MachineError` where it cannot."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / PAIRS, contest.model_dump_json(indent=1))
    except OSError as fault:
        raise machine_error(fault, folder) from fault


def load(folder: Path) -> Contest:
    """The contest in `folder`.

    Raises:
        UserError: its file is damaged.
        MachineError: it cannot be read.
    """
    path = folder / PAIRS
    try:
        return Contest.model_validate_json(path.read_bytes())
    except OSError as fault:
        raise machine_error(fault, path) from fault
    except ValidationError as fault:
        raise UserError(f"{path} is damaged.", next_step=f"Delete {folder} and begin again.") from fault


def _pair(a: Sitter, b: Sitter, key: str) -> Pair:
    question = a.questions[key]
    return Pair(
        key=hashlib.sha256(key.encode()).hexdigest()[:16],
        exam=a.grades[key].exam,
        question=question.question,
        document=question.document,
        fact=question.fact,
        source=question.source,
        page=question.page,
        quote=question.quote,
        answer=question.answer,
        a=_said(a, key),
        b=_said(b, key),
    )


def _said(one: Sitter, key: str) -> str:
    """An answer without its citation marks, which would tell an arm with sources."""
    return squad.without_citations(one.grades[key].given, one.questions[key].answer)


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _lot(seed: int, *parts: str) -> bytes:
    return hashlib.sha256("\x1f".join((str(seed), *parts)).encode("utf-8", "replace")).digest()
