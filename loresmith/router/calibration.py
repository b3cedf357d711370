"""Probabilities that can be believed, and the bounds below which nobody is sent anywhere.

Both are fitted on questions that the regression never saw, and neither on those by which a router is measured.
Temperature: Guo et al. 2017, arXiv 1706.04599. Every class counts the same, however many questions it has.
"""

import math

import numpy as np
from numpy.typing import NDArray

from loresmith.router.linear import Floats, softmax

COLDEST, HOTTEST = 0.02, 50.0
GOLDEN = (math.sqrt(5) - 1) / 2
ROUNDS = 60
"""Of the search, each of which leaves 62% of the interval: far below what a float can tell."""


def balanced(labels: NDArray[np.int64], classes: int) -> Floats:
    """A weight for each row, with sum 1, by which every class that has rows counts the same."""
    counts = np.bincount(labels, minlength=classes)
    weights: Floats = 1.0 / (np.count_nonzero(counts) * counts[labels])
    return weights


def temperature(scores: Floats, labels: NDArray[np.int64]) -> float:
    """What the logits `scores` have to be divided by so that `softmax` gives the least log loss on `labels`.

    The loss is convex in one over the temperature, and so has one valley in its logarithm.
    """
    weights = balanced(labels, scores.shape[1])
    rows = np.arange(len(labels))

    def loss(log_heat: float) -> float:
        shares = softmax(scores / math.exp(log_heat))[rows, labels]
        return -float((weights * np.log(np.maximum(shares, 1e-300))).sum())

    low, high = math.log(COLDEST), math.log(HOTTEST)
    for _ in range(ROUNDS):
        left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        low, high = (low, right) if loss(left) <= loss(right) else (left, high)
    return math.exp((low + high) / 2)


def bound_for_share(values: Floats, weights: Floats, share: float) -> float:
    """The bound below which about `share` of the weight lies, and never more; minus infinity for none."""
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weights[order]) - weights[order]  # weight strictly before each, if none were equal
    sums = {float(value): float(before) for value, before in zip(values[order][::-1], below[::-1], strict=True)}
    allowed = [value for value, before in sums.items() if before <= share + 1e-12]
    return max(allowed) if allowed and share > 0 else -math.inf


def bound_for_error(values: Floats, is_right: NDArray[np.bool_], share: float) -> float:
    """The least bound with at most `share` of errors among the values that reach it; infinity where there is none.

    One more error than was seen is counted among one more question, so that a handful of questions proves nothing
    (as in conformal risk control, Angelopoulos et al., arXiv 2208.02814).
    """
    order = np.argsort(-values, kind="stable")
    wrong, answered = np.cumsum(~is_right[order]) + 1, np.arange(1, len(values) + 1) + 1
    is_last = np.append(values[order][1:] < values[order][:-1], True)  # equal values are answered together
    fits = np.flatnonzero((wrong / answered <= share) & is_last)
    return float(values[order][fits[-1]]) if len(fits) else math.inf
