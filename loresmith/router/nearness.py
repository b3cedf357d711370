"""How near a question is to anything that the router learned: what lies far from all of it is for no expert.

A regression is as sure of what it has never seen as of what it knows. The distance to the nearest known questions tells
the two apart (Sun et al. 2022, "Out-of-distribution detection with deep nearest neighbors", arXiv 2204.06507).
"""

import numpy as np
from numpy.typing import NDArray

from loresmith.router.linear import Floats

NEIGHBOURS = 5
"""Known questions whose mean cosine counts."""
_BLOCK = 512


def nearness(vectors: NDArray[np.floating], known: NDArray[np.floating], neighbours: int = NEIGHBOURS) -> Floats:
    """The mean cosine of each row with its nearest rows of `known`; both have length 1, `known` has one row at least.

    Where `known` has fewer rows than `neighbours`, all of them count.
    """
    count = min(neighbours, len(known))
    found = np.empty(len(vectors))
    base = np.asarray(known, dtype=np.float32).T  # (dimensions, known)
    for start in range(0, len(vectors), _BLOCK):
        cosines = np.asarray(vectors[start : start + _BLOCK], dtype=np.float32) @ base
        best = np.partition(cosines, cosines.shape[1] - count, axis=1)[:, cosines.shape[1] - count :]
        found[start : start + _BLOCK] = best.astype(np.float64).mean(axis=1)
    return found
