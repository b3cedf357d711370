"""Weighted reciprocal rank fusion (Cormack, Clarke, Büttcher, SIGIR 2009): ranks compare where scores do not."""

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

RANK_OFFSET = 60
"""The paper's k: how much less the first rank counts than it could."""

Item = TypeVar("Item", bound=Hashable)


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
