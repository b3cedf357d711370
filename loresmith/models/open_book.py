"""Which training questions are asked once more with sources before them, and with which.

An adapter that saw closed-book prompts alone forgets to read: with sources it answers worse than without. Some
questions with their own passage and a distracting one keep both ways open (RAFT, arXiv 2403.10131).
"""

import random
from collections.abc import Iterator, Mapping, Sequence

from loresmith.models import prompts
from loresmith.records import Question

DISTRACTED_SHARE = 0.5
"""Share of these prompts that hold a second passage, which does not answer."""


def with_sources(
    questions: Sequence[Question], passages: Mapping[str, str], share: float, seed: int
) -> Iterator[tuple[Question, str]]:
    """About `share` of `questions`, each with sources as the arm `lora+rag` shows them.

    A question's lot depends on its id and `seed` alone. Distracting passages are those of other questions in the list,
    so that nothing of a held-out document is read. Questions whose chunk is not in `passages` are left out.
    """
    told = [question for question in questions if all(chunk in passages for chunk in _own(question))]
    chunks = sorted({question.chunk for question in told})
    for question in told:
        lot = random.Random(f"open book {seed} {question.id}")
        if lot.random() >= share:
            continue
        shown = [passages[chunk].strip() for chunk in _own(question)]
        other = lot.choice(chunks)
        if lot.random() < DISTRACTED_SHARE and other not in _own(question):
            shown.insert(lot.randrange(len(shown) + 1), passages[other].strip())
        yield question, prompts.numbered(shown)


def _own(question: Question) -> tuple[str, ...]:
    """The chunks that together answer the question, the one with the answer first."""
    return tuple(dict.fromkeys((question.chunk, *(evidence.chunk for evidence in question.also))))
