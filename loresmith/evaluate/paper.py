"""The examination paper: which questions are asked, and in which fixed batches.

Batches depend on the questions and the settings alone, never on where a killed run stopped: padding changes the last
bits of a likelihood, so the same batches are needed for the same bytes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from loresmith.evaluate.results import Limited
from loresmith.records import UNANSWERABLE, Form, Question

EXAMS = ("recall", "transfer", UNANSWERABLE)
FORMS: tuple[Form, ...] = ("short", "choice", "long")


@dataclass(frozen=True)
class Sheet:
    """The questions of one form in one exam."""

    exam: str
    form: Form
    questions: tuple[Question, ...]
    available: int
    """Questions before the limit."""


@dataclass(frozen=True)
class Batch:
    """Questions that are asked together."""

    name: str
    """Names the file that keeps its answers."""
    arm: str
    exam: str
    form: Form
    questions: tuple[Question, ...]


def sheets(exams: Mapping[str, Sequence[Question]], limit: int | None) -> list[Sheet]:
    """One sheet per exam and form that has questions, each cut to `limit` evenly over the documents."""
    written = []
    for exam in EXAMS:
        for form in FORMS:
            available = [question for question in exams.get(exam, ()) if question.form == form]
            if available:
                written.append(Sheet(exam, form, tuple(evenly(available, limit)), len(available)))
    return written


def evenly(questions: Sequence[Question], limit: int | None) -> list[Question]:
    """At most `limit` of `questions`, each document with its share to the nearest whole number, in the given order."""
    if limit is None or len(questions) <= limit:
        return list(questions)
    order = {question.document: None for question in questions}
    by_document = sorted(range(len(questions)), key=lambda i: list(order).index(questions[i].document))
    taken = {by_document[(2 * k + 1) * len(questions) // (2 * limit)] for k in range(limit)}
    return [question for i, question in enumerate(questions) if i in taken]


def limits(written: Sequence[Sheet]) -> tuple[Limited, ...]:
    """The sheets that were cut."""
    return tuple(
        Limited(exam=sheet.exam, form=sheet.form, asked=len(sheet.questions), available=sheet.available)
        for sheet in written
        if len(sheet.questions) < sheet.available
    )


def batches(written: Sequence[Sheet], arm: str, lengths: Mapping[str, int], size: int) -> list[Batch]:
    """Every question of every sheet once, at most `size` to a batch, those of like length together.

    Args:
        written: The sheets of the paper.
        arm: Goes into the batch's name.
        lengths: Characters of sources by question; a question that is not there has none.
        size: Most questions to a batch.
    """
    cut = []
    for sheet in written:
        ordered = sorted(sheet.questions, key=lambda question: (_length(question, lengths), question.id))
        for start in range(0, len(ordered), size):
            name = f"{sheet.exam}-{sheet.form}-{arm}-{start // size:04d}"
            cut.append(Batch(name, arm, sheet.exam, sheet.form, tuple(ordered[start : start + size])))
    return cut


def _length(question: Question, lengths: Mapping[str, int]) -> int:
    return lengths.get(question.id, 0) + len(question.question) + sum(map(len, question.options))
