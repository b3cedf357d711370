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
    told = [question for question in questions if question.chunk in passages]
    chunks = sorted({question.chunk for question in told})
    for question in told:
        lot = random.Random(f"open book {seed} {question.id}")
        if lot.random() >= share:
            continue
        shown = [passages[question.chunk].strip()]
        other = lot.choice(chunks)
        if lot.random() < DISTRACTED_SHARE and other != question.chunk:
            shown.insert(lot.randrange(2), passages[other].strip())
        yield question, prompts.numbered(shown)
