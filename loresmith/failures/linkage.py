"""Average linkage of unit vectors by cosine distance: which of them lie together.

Murtagh 1983, Comput. J. 26(4): a chain of nearest neighbours finds every merge in quadratic time. Ties take the first
in order, so that the same vectors give the same groups.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def linked(vectors: NDArray[np.float32], farthest: float) -> list[list[int]]:
    """Positions of the rows of `vectors` in groups, largest first, each in order.

    Args:
        vectors: Rows of length 1.
        farthest: Mean cosine distance (0 to 2) between two groups up to which they are one.
    """
    parents = list(range(len(vectors)))
    for one, other, distance in _merges(vectors):
        if distance <= farthest:
            parents[_root(parents, other)] = _root(parents, one)
    found: dict[int, list[int]] = {}
    for place in range(len(parents)):
        found.setdefault(_root(parents, place), []).append(place)
    return sorted(found.values(), key=lambda group: (-len(group), group[0]))


def _merges(vectors: NDArray[np.float32]) -> list[tuple[int, int, float]]:
    """Every merge as (a member of one group, a member of the other, their mean distance)."""
    count = len(vectors)
    exact = vectors.astype(np.float64)
    distances = 1.0 - exact @ exact.T  # (count, count)
    np.fill_diagonal(distances, np.inf)
    sizes, is_there = np.ones(count), np.ones(count, dtype=bool)
    chain: list[int] = []
    merges: list[tuple[int, int, float]] = []
    while len(merges) < count - 1:
        if not chain:
            chain.append(int(np.flatnonzero(is_there)[0]))
        here = chain[-1]
        nearest = int(np.argmin(distances[here]))
        # the one before wins a tie, or the chain could turn in a circle
        if len(chain) > 1 and distances[here, chain[-2]] <= distances[here, nearest]:
            nearest = chain[-2]
        if len(chain) < 2 or nearest != chain[-2]:
            chain.append(nearest)
            continue
        del chain[-2:]
        kept, gone = sorted((here, nearest))
        merges.append((kept, gone, float(distances[kept, gone])))
        mean = (sizes[kept] * distances[kept] + sizes[gone] * distances[gone]) / (sizes[kept] + sizes[gone])
        sizes[kept] += sizes[gone]
        is_there[gone] = False
        mean[~is_there] = mean[kept] = np.inf
        distances[kept], distances[:, kept] = mean, mean
        distances[gone], distances[:, gone] = np.inf, np.inf
    return merges


def _root(parents: Sequence[int], place: int) -> int:
    while parents[place] != place:
        place = parents[place]
    return place
