"""The order of a few candidates by all that is known of them: cosine, BM25 and late interaction, added up.

Ranks lose how much better the first is than the second; scores keep it, once they are on one scale (Bruch, Gai and
Ingber, arXiv 2210.11934). Cosines and late scores have theirs; BM25 is divided by the best of the question.
"""

from collections.abc import Mapping
from dataclasses import dataclass

CANDIDATES = 40
"""Fused candidates that are looked at."""
WEIGHTS = (0.2, 0.3, 0.5)
"""Of cosine, BM25 and late interaction."""


@dataclass(frozen=True)
class Evidence:
    """What speaks for one candidate."""

    cosine: float
    bm25: float
    """0 where no word of the question occurs."""
    late: float


def blended(
    evidence: Mapping[int, Evidence], best_bm25: float, weights: tuple[float, float, float]
) -> list[tuple[int, float]]:
    """The candidates with their weighted sums, best first, equal ones by their number."""
    for_cosine, for_bm25, for_late = weights
    scale = best_bm25 or 1.0
    sums = {
        item: for_cosine * seen.cosine + for_bm25 * seen.bm25 / scale + for_late * seen.late
        for item, seen in evidence.items()
    }
    return sorted(sums.items(), key=lambda pair: (-pair[1], pair[0]))
