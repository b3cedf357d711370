"""Whether a written question may be asked: every check that a teacher's questions pass, and those of a quiz.

Not covered: whether a question is a good one, and whether a wrong option is right by what other documents say.
"""

from collections.abc import Iterable, Sequence

from loresmith.generate.checks import answer_fault, question_fault
from loresmith.generate.plain import comparable, is_same_answer, occurs
from loresmith.likeness import likeness, normalised, words
from loresmith.quiz.spans import WRONG
from loresmith.quiz.support import Lines, is_borne_by
from loresmith.records import Chunk, Question

MOST_ALIKE = 0.8
"""Likeness of two questions with one answer from which on they are one."""
NOT_PARSED = "the reply is no question"
NOT_VERBATIM = "the evidence is not in the passage"
NOT_FOUR = "not one right and three wrong options"
NOT_BORNE = "the evidence does not say what is asked"
ALSO_RIGHT = "a wrong option may be right by the document"
ASKED_BEFORE = "asked before"
MISREAD = "the model reads another answer out of the passage"


def fault(question: Question, chunk: Chunk, lines: Lines, others: Iterable[Question] = ()) -> str | None:
    """Why `question` about `chunk` must not be asked, or `None`.

    Args:
        question: With its options.
        chunk: The passage that it was made from.
        lines: Of the whole document.
        others: The bank, and what was written before.
    """
    if not question.quote.strip() or question.quote not in chunk.text:
        return NOT_VERBATIM
    options = question.options
    if len(options) != WRONG + 1 or sum(option == question.answer for option in options) != 1:
        return NOT_FOUR
    found = answer_fault(question.answer, question.quote, question.kind) or question_fault(question)
    if found is not None:
        return found
    around = " ".join((chunk.title, *chunk.headings))
    if not is_borne_by(question.question, question.quote, around):
        return NOT_BORNE
    if any(_may_be_right(option, question, lines) for option in options if option != question.answer):
        return ALSO_RIGHT
    return ASKED_BEFORE if any(is_same(question, other) for other in others) else None


def is_same(one: Question, other: Question) -> bool:
    """Whether two questions ask the same: one fact, the same words, one answer from one quote or to alike words."""
    if one.fact == other.fact or normalised(one.question) == normalised(other.question):
        return True
    if not is_same_answer(one.answer, other.answer):
        return False
    return one.quote == other.quote or likeness(words(one.question), words(other.question), MOST_ALIKE) >= MOST_ALIKE


def _may_be_right(option: str, question: Question, lines: Lines) -> bool:
    small = comparable(option)
    near: Sequence[str] = (comparable(question.quote), *lines.about(question.question))
    return any(occurs(small, line) for line in near)
