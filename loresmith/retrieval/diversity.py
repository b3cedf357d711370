"""Passages that differ: maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998)."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def spread(
    ranked: Sequence[tuple[int, float]], vectors: NDArray[np.float32], k: int, weight: float
) -> list[tuple[int, float]]:
    """`k` of `ranked`, each the best by (1 - weight) * its score - weight * its likeness to those taken before.

    Scores are stretched to 0 to 1 for that; they come back as they were. `vectors` are unit rows, one for each item.
    """
    if not ranked:
        return []
    scores = np.array([score for _, score in ranked])
    worth = (1 - weight) * (scores - scores.min()) / max(float(np.ptp(scores)), 1e-12)
    nearest = np.zeros(len(ranked))
    left = np.ones(len(ranked), dtype=np.bool_)
    taken: list[int] = []
    while len(taken) < min(k, len(ranked)):
        chosen = int(np.argmax(np.where(left, worth - weight * nearest, -np.inf)))  # equal: the earlier
        left[chosen] = False
        taken.append(chosen)
        nearest = np.maximum(nearest, vectors @ vectors[chosen])
    return [ranked[place] for place in taken]
