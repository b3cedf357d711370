"""The artifact of an examination of this project, one arm of it.

The exam's rows name questions and documents; their kinds and sources stand in the split that it was held on, which is
read where it still lies beside the exam and is the same.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from loresmith import artifact
from loresmith.artifact import MANIFEST, Artifact
from loresmith.compare.marks import Mark, Results, Sheet
from loresmith.errors import ArtifactCorrupt, ArtifactMissing, UserError
from loresmith.records import Question

ARMS = ("base", "lora", "rag", "lora+rag")
SAME_SCORES = ("arms", "limit", "batch_size", "bootstrap_samples", "benchmarks", "seed", "long_max_new_tokens", "judge")
"""Settings of the examination that change which questions are asked, and how fast, but no score of right or wrong."""
LONG, LIMIT = "long.jsonl", "long_max_new_tokens"
LONG_MEASURES = {"rouge_l": "ROUGE-L of long answers", "bleu": "BLEU of long answers", "token_f1": "F1 of long answers"}
FOLDER = "exam"
"""Of the examination, below a project's folder."""


class Row(BaseModel):
    """A line of the exam's log; fields that a comparison does not need are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    question: str
    fact: str
    document: str
    arm: str
    exam: str
    form: str
    correct: bool | None
    """`None` for a long answer that nobody graded."""
    token_f1: float


class LongRow(BaseModel):
    """A line of the log of long answers."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    question: str
    fact: str
    document: str
    arm: str
    exam: str
    form: str = "long"
    token_f1: float
    rouge_l: float | None
    """`None` where its package was not installed; so too `bleu`."""
    bleu: float | None


def exam_at(place: Path) -> Path | None:
    """The folder of an examination at `place`: the folder itself, or that of a project."""
    for folder in (place / FOLDER, place):
        if (folder / MANIFEST).is_file() and (folder / "results.json").is_file():
            return folder
    return None


def arm_at(place: Path) -> str | None:
    """The arm that has most of adapter and retrieval in the exam at `place`; `None` where there is no exam."""
    folder = exam_at(place) if place.is_dir() else None
    if folder is None:
        return None
    return _fullest(row.arm for row in artifact.read(folder, made_by="evaluate").rows(Row))


def read_exam(folder: Path, arm: str | None) -> Results:
    """The marks of `arm`; without one, of the arm that has most of adapter and retrieval.

    Raises:
        UserError: the arm was not examined.
        ArtifactCorrupt: the folder is damaged.
    """
    made = artifact.read(folder, made_by="evaluate")
    rows = list(made.rows(Row))
    sat = list(dict.fromkeys(row.arm for row in rows))
    chosen = arm or _fullest(sat)
    if chosen not in sat:
        raise UserError(f"The arm {chosen!r} was not examined in {folder}.", next_step=f"Take one of {', '.join(sat)}.")
    own = [row for row in rows if row.arm == chosen]
    questions = _questions(folder, made)
    judge = made.manifest.settings.get("evaluate", {}).get("judge", {}).get("model")
    sheets = []
    for exam in dict.fromkeys(row.exam for row in own):
        of_exam = [row for row in own if row.exam == exam and row.correct is not None]
        short = [row for row in of_exam if row.form == "short"]
        if of_exam:
            sheets.append(Sheet(exam, "correct", _marks(of_exam, questions, "correct", judge), _settings(made)))
        if short:
            sheets.append(Sheet(exam, "token_f1", _marks(short, questions, "token_f1"), _settings(made)))
    sheets += _long(made, chosen, questions)
    notes = () if questions else ("the split of this exam is not beside it: kinds and sources are unknown",)
    return Results(folder, f"{chosen} in {folder}", "loresmith", tuple(sheets), notes)


def _long(made: Artifact, arm: str, questions: dict[str, Question]) -> Iterator[Sheet]:
    """The likeness of long answers to their references, by exam and measure."""
    rows = [row for row in made.rows(LongRow, LONG) if row.arm == arm] if LONG in made.manifest.files else []
    settings = _settings(made) | {LIMIT: str(made.manifest.settings.get("evaluate", {}).get(LIMIT))}
    for exam in dict.fromkeys(row.exam for row in rows):
        for measure, name in LONG_MEASURES.items():
            of_exam = [row for row in rows if row.exam == exam]
            if all(getattr(row, measure) is not None for row in of_exam):
                yield Sheet(exam, name, _marks(of_exam, questions, measure), settings)


def _fullest(arms: Iterable[str]) -> str:
    return max(dict.fromkeys(arms), key=lambda name: ARMS.index(name) if name in ARMS else -1)


def _marks(
    rows: Iterable[Row | LongRow], questions: dict[str, Question], measure: str, judge: object = None
) -> tuple[Mark, ...]:
    """The marks of `rows`; those of long answers are of their judge, and match no other judge's."""
    judged_by = f" judged by {judge}"
    return tuple(
        Mark(
            question=f"{row.question}{judged_by}" if isinstance(row, Row) and row.form == "long" else row.question,
            score=float(getattr(row, measure)),
            document=row.document,
            fact=row.fact,
            tags=_tags(row, questions.get(row.question)),
        )
        for row in rows
    )


def _tags(row: Row | LongRow, question: Question | None) -> dict[str, str]:
    if question is None:
        return {"form": row.form, "document": row.document}
    return {"form": row.form, "kind": question.kind, "document": question.source}


def _settings(made: Artifact) -> dict[str, str]:
    given: dict[str, Any] = made.manifest.settings.get("evaluate", {})
    kept = {name: str(value) for name, value in sorted(given.items()) if name not in SAME_SCORES}
    return {**kept, "revision of the examination": str(made.manifest.revision)}


def _questions(folder: Path, made: Artifact) -> dict[str, Question]:
    """The questions by id; none where the split has gone or is another one."""
    try:
        split = artifact.read(folder.parent / "split", made_by="split")
    except (ArtifactMissing, ArtifactCorrupt):
        return {}
    if split.manifest.content != made.manifest.parents.get("split"):
        return {}
    names = [name for name in split.manifest.files if name.endswith(".jsonl") and "dropped" not in name]
    exams = [name for name in names if name.removesuffix(".jsonl") in ("recall", "transfer", "unanswerable")]
    return {question.id: question for name in exams for question in split.rows(Question, name)}
