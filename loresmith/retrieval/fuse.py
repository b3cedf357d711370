"""The two halves of a search made into one order, by their ranks or by their scores.

Ranks compare where scores do not: weighted reciprocal rank fusion (Cormack, Clarke, Büttcher, SIGIR 2009). But they
lose how much better the first is than the second; scores keep it, once they are on one scale (Bruch, Gai and Ingber,
arXiv 2210.11934). Cosines and late scores have theirs; BM25 is divided by the best of the question.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeVar

RANK_OFFSET = 60
"""The paper's k: how much less the first rank counts than it could."""

Fusion = Literal["ranks", "scores"]
Item = TypeVar("Item", bound=Hashable)


@dataclass(frozen=True)
class Candidates:
    """What the halves found for one question: positions of chunks, best first."""

    dense: Mapping[int, float]
    """Cosines."""
    lexical: Mapping[int, float]
    """BM25."""
    others: Mapping[int, float] = field(default_factory=dict)
    """Cosines of those that only words found."""

    def ranked(self, fusion: Fusion, weight: float) -> list[tuple[int, float]]:
        """Every candidate with its score, best first, equal ones by position; `weight` is that of the vectors."""
        if fusion == "scores":
            sums = self.sums(weight)
            return sorted(sums.items(), key=lambda pair: (-pair[1], pair[0]))
        order = {position: position for position in (*self.dense, *self.lexical)}
        return fused([(weight, list(self.dense)), (1 - weight, list(self.lexical))], order)

    def sums(self, weight: float) -> dict[int, float]:
        """`weight` times the cosine plus the rest times BM25 over the best BM25, for every candidate."""
        best = max(self.lexical.values(), default=0.0) or 1.0
        cosines = {**self.others, **self.dense}
        return {
            position: weight * cosine + (1 - weight) * self.lexical.get(position, 0.0) / best
            for position, cosine in cosines.items()
        }


def fused(rankings: Sequence[tuple[float, Sequence[Item]]], order: Mapping[Item, int]) -> list[tuple[Item, float]]:
    """Every item with its score, best first; equal scores by `order`.

    Each ranking is (weight, items from the best to the worst). An item scores the sum of weight / (60 + rank) over the
    rankings that hold it, ranks from 1. A ranking of weight 0 still lends its items, with score 0.
    """
    scores: dict[Item, float] = {}
    for weight, items in rankings:
        for rank, item in enumerate(items, 1):
            scores[item] = scores.get(item, 0.0) + weight / (RANK_OFFSET + rank)
    return sorted(scores.items(), key=lambda pair: (-pair[1], order[pair[0]]))


def reordered(
    ranked: Sequence[tuple[int, float]], sums: Mapping[int, float], late: Mapping[int, float], weight: float
) -> list[tuple[int, float]]:
    """`ranked` with those that have a `late` score first, by `weight` times it and the rest times their sum.

    The others follow in their order, with scores below.
    """
    blend = {position: (1 - weight) * sums[position] + weight * score for position, score in late.items()}
    first = sorted(blend.items(), key=lambda pair: (-pair[1], pair[0]))
    rest = [position for position, _ in ranked if position not in blend]
    lowest = first[-1][1] if first else 0.0
    return first + [(position, lowest - number) for number, position in enumerate(rest, 1)]
