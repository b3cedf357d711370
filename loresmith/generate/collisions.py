"""Checks on questions among each other: the same one twice, nearly the same, the same with different answers."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from loresmith.generate.plain import is_same_answer
from loresmith.generate.truth import KIND
from loresmith.likeness import Neighbours, normalised
from loresmith.records import Question

AMBIGUOUS = "ambiguous: the same question has other answers"
NEARLY = 0.95
"""Likeness from which two questions with the same answer are one; from 20 words on, one plain word may differ."""


def collisions(questions: Sequence[Question]) -> dict[str, str]:
    """Id to reason for each question that must go because of another; of equal ones the first stays."""
    reasons: dict[str, str] = {}
    groups: defaultdict[tuple[str, str], list[Question]] = defaultdict(list)
    for question in questions:
        groups[question.form, _without_articles(normalised(question.question))].append(question)
    for group in groups.values():
        first, *others = group
        if any(not is_same_answer(first.answer, other.answer) for other in others):
            reasons.update({question.id: AMBIGUOUS for question in group})
        else:
            reasons.update({question.id: "duplicate question" for question in others})
    doubted = {question.fact for question in questions if reasons.get(question.id) == AMBIGUOUS}
    reasons.update({q.id: AMBIGUOUS for q in questions if q.kind == KIND and q.fact in doubted and q.id not in reasons})
    left = [question for question in questions if question.id not in reasons]
    reasons.update({question.id: "near-duplicate question" for question in _near_duplicates(left)})
    return reasons


def _without_articles(text: str) -> str:
    return " ".join(word for word in text.split() if word not in ("a", "an", "the"))


def _near_duplicates(questions: Sequence[Question]) -> Iterable[Question]:
    """Questions that are nearly an earlier one about another fact, with the same answer."""
    found = Neighbours([question.question for question in questions], NEARLY)
    gone: set[int] = set()
    for index, question in enumerate(questions):
        for other, _ in found.of(question.question):
            earlier = questions[other]
            if (
                other < index
                and other not in gone
                and earlier.form == question.form
                and earlier.fact != question.fact
                and is_same_answer(earlier.answer, question.answer)
            ):
                gone.add(index)
                yield question
                break
