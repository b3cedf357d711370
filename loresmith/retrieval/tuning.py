"""Choose the weight of the fusion on questions whose passage is known.

The questions are those that training uses, never an exam's. The weight that finds their passages best is taken only
where it is clearly better than the recipe's: the paired interval over documents must lie above zero.

Not covered: questions worded by a teacher that copies its passage favour the lexical half; what people ask may be
worded otherwise.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from loresmith.records import UNANSWERABLE, Chunk, Question, Record
from loresmith.retrieval.fuse import Candidates, Fusion
from loresmith.statistics import paired_bootstrap

FIRST = 10
MOST_QUESTIONS = 400
FEWEST_QUESTIONS = 50
"""Below, the recipe's weight stays: no difference would be clear."""
STEPS = 20
"""Weights that are tried, evenly between 0 and 1."""
SAMPLES = 2000

Find = Callable[[str], Candidates]
"""What both halves find for a question."""


class Tuned(Record):
    """What tuning found, kept with the index."""

    questions: int
    given: float
    """The recipe's weight of the vectors in the fusion that is used."""
    given_ndcg: float | None
    """nDCG@10 at that weight; `None` where there were too few questions."""
    best: float | None
    best_ndcg: float | None
    gain: tuple[float, float] | None
    """95% interval of the best weight's gain."""
    chosen: float
    """The weight that is used."""


@dataclass(frozen=True)
class _Asked:
    document: str
    found: Candidates
    wanted: frozenset[int]


def tuned(questions: Sequence[Question], chunks: Sequence[Chunk], find: Find, fusion: Fusion, given: float) -> Tuned:
    """The better of `given` and the weight that is best for `questions`.

    A passage is right where the question was made from it, or where it overlaps that one and holds the quote whole.
    """
    asked = _asked(questions, chunks, find)
    if len(asked) < FEWEST_QUESTIONS:
        nothing = {"given_ndcg": None, "best": None, "best_ndcg": None, "gain": None}
        return Tuned.model_validate({"questions": len(asked), "given": given, "chosen": given, **nothing})
    scores = {weight: [_ndcg(one, fusion, weight) for one in asked] for weight in (given, *_weights())}
    means = {weight: float(np.mean(values)) for weight, values in scores.items()}
    best = min(means, key=lambda weight: (-means[weight], abs(weight - given)))
    documents = [one.document for one in asked]
    gain = paired_bootstrap(scores[given], scores[best], documents, np.random.default_rng(17), SAMPLES)
    return Tuned(
        questions=len(asked),
        given=given,
        given_ndcg=round(means[given], 4),
        best=best,
        best_ndcg=round(means[best], 4),
        gain=(round(gain.low, 4), round(gain.high, 4)),
        chosen=best if gain.low > 0 else given,
    )


def _weights() -> list[float]:
    return [round(step / STEPS, 4) for step in range(STEPS + 1)]


def sampled(questions: Sequence[Question], seed: int) -> list[Question]:
    """At most `MOST_QUESTIONS` that have an answer in the documents, one wording of a fact, in the order of the set."""
    once: dict[str, Question] = {}
    for question in questions:
        if question.form == "short" and question.kind != UNANSWERABLE:
            once.setdefault(question.fact, question)
    found = list(once.values())
    drawn = np.random.default_rng(seed).permutation(len(found))[:MOST_QUESTIONS]
    return [found[number] for number in sorted(drawn.tolist())]


def _asked(questions: Sequence[Question], chunks: Sequence[Chunk], find: Find) -> list[_Asked]:
    of_document: dict[str, list[tuple[int, Chunk]]] = {}
    for position, chunk in enumerate(chunks):
        of_document.setdefault(chunk.document, []).append((position, chunk))
    asked = []
    for question in questions:
        own = of_document.get(question.document, [])
        source = next((chunk for _, chunk in own if chunk.id == question.chunk), None)
        wanted = frozenset(position for position, chunk in own if source and _is_right(chunk, source, question.quote))
        if wanted:
            asked.append(_Asked(question.document, find(question.question), wanted))
    return asked


def _is_right(chunk: Chunk, source: Chunk, quote: str) -> bool:
    overlaps = chunk.start < source.end and source.start < chunk.end
    return chunk.id == source.id or (overlaps and quote in chunk.text)


def _ndcg(asked: _Asked, fusion: Fusion, weight: float) -> float:
    ranked = asked.found.ranked(fusion, weight)[:FIRST]
    gain = sum(1 / math.log2(rank + 1) for rank, (position, _) in enumerate(ranked, 1) if position in asked.wanted)
    return gain / sum(1 / math.log2(rank + 1) for rank in range(1, min(FIRST, len(asked.wanted)) + 1))
