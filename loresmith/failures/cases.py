"""Each graded question of one arm with its place in the documents and, where it is wrong, the first thing that failed.

The reasons follow the way of an answer: what cannot be read is no matter of knowledge, and what retrieval did not
bring is no matter of reading. So the first link that broke is named, and only that one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from loresmith.models.refusal import is_refusal
from loresmith.records import UNANSWERABLE, Chunk, Grade, Question
from loresmith.scoring.reading import DECLINED

RAN_PAST = "ran past the token limit"
"""As the examination words it."""
RAN_ON = "ran on and was cut off"
ANSWERED = "answered what no document tells"
MISSED = "retrieval missed the passage"
NOT_WHOLE = "not all that it rests on stood before the question"
HAD_DECLINED = "declined with the passage before it"
DECLINES = "declined, though the documents tell"
PARTLY = "answered in part"
MISREAD = "had the passage, answered something else that the sources say"
MADE_UP = "had the passage, answered what no source says"
HAD_CHOSEN = "had the passage, chose a wrong option"
CHOSE = "chose a wrong option"
WRONG = "answered wrong"
UNREAD = "could not be read: "
"""Begins the reasons that come from reading the answer."""
PARTLY_FROM = 0.5
"""Token F1 from which a wrong answer shares half of its words with the right one: look whether the grading is just."""


class Looked(BaseModel):
    """What retrieval brought for a question; the rest of the row is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    question: str
    gold_rank: int | None
    has_quote: bool


class Held(BaseModel):
    """How many statements of an answer its sources hold up; the rest of the row is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    question: str
    arm: str
    supported: int
    unscored: str | None


@dataclass(frozen=True)
class Logs:
    """All that an examination wrote down of its questions."""

    grades: tuple[Grade, ...]
    questions: Mapping[str, Question]
    sections: Mapping[str, str]
    """Chunk to the headings above it."""
    looked: Mapping[str, Looked]
    held: Mapping[tuple[str, str], Held]
    """By (arm, question)."""

    def arms(self) -> list[str]:
        """The arms in the order in which they sat."""
        return list(dict.fromkeys(grade.arm for grade in self.grades))


@dataclass(frozen=True)
class Case:
    """A question as one arm answered it."""

    question: Question
    grade: Grade
    section: str
    """Empty where the chunk stands under no heading."""
    reason: str | None
    """`None`: it is right."""

    @property
    def is_wrong(self) -> bool:
        """Whether the answer is wrong."""
        return self.grade.correct is False


def cases(logs: Logs, arm: str) -> list[Case]:
    """Every question of `arm` in the order of the exam.

    Those whose question is not at hand are left out, and long answers that are neither right nor wrong.
    """
    found = []
    for grade in logs.grades:
        question = logs.questions.get(grade.question)
        if grade.arm != arm or question is None or grade.correct is None:
            continue
        reason = None if grade.correct else reason_of(grade, _looked(logs, grade), logs.held.get((arm, question.id)))
        found.append(Case(question, grade, logs.sections.get(question.chunk, ""), reason))
    return found


def reason_of(grade: Grade, looked: Looked | None, held: Held | None) -> str:
    """Why the wrong answer `grade` is wrong.

    Args:
        grade: A wrong one.
        looked: What retrieval brought; `None` for an arm without sources.
        held: What the answer rests on, where that was measured.
    """
    if grade.unparsed == RAN_PAST:
        return RAN_ON
    if grade.exam == UNANSWERABLE:
        return UNREAD + grade.unparsed if grade.unparsed else ANSWERED
    if looked is not None and looked.gold_rank is None and not looked.has_quote:
        return MISSED
    if looked is not None and not looked.has_quote:
        return NOT_WHOLE
    if grade.form != "choice" and (grade.unparsed == DECLINED or is_refusal(grade.given)):
        return HAD_DECLINED if looked else DECLINES
    if grade.unparsed:
        return UNREAD + grade.unparsed
    if grade.form == "choice":
        return HAD_CHOSEN if looked else CHOSE
    if grade.token_f1 >= PARTLY_FROM:
        return PARTLY
    if looked is None:
        return WRONG
    return MISREAD if held is not None and held.supported else MADE_UP


def sections_of(chunks: Iterable[Chunk]) -> dict[str, str]:
    """Chunk to its two outermost headings, without the title of its document."""
    return {
        chunk.id: " / ".join([heading for heading in chunk.headings if heading != chunk.title][:2]) for chunk in chunks
    }


def is_grounded(arm: str) -> bool:
    """Whether the arm had sources before the question."""
    return "rag" in arm.split("+")


def _looked(logs: Logs, grade: Grade) -> Looked | None:
    return logs.looked.get(grade.question) if is_grounded(grade.arm) else None
