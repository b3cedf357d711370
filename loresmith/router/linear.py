"""Softmax regression on unit vectors: small, convex, and the same on every run. numpy only.

Not covered: sparse or unscaled features; the step size below is right for rows of length 1 alone.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RIDGE = 1e-4
"""Weight of the squared weights beside the mean loss."""
MOST_STEPS = 4_000
"""Of 4 ms of a processor each, for 2,400 questions of three experts."""
STILL = 1e-6
"""Length of the gradient from which the fit counts as done; at 1e-3 the probability of one held-out question in
`benchmarks/router.py` was still 0.2 away from where it came to rest."""


@dataclass(frozen=True)
class Linear:
    """One score a class for a vector."""

    weights: Floats
    """Shape (classes, dimensions)."""
    bias: Floats
    """Shape (classes,)."""

    def scores(self, vectors: NDArray[np.floating]) -> Floats:
        """Logits, shape (rows, classes)."""
        found: Floats = np.asarray(vectors, dtype=np.float64) @ self.weights.T + self.bias
        return found


def fitted(vectors: NDArray[np.floating], labels: NDArray[np.int64], classes: int, ridge: float = RIDGE) -> Linear:
    """The regression with the least loss, every class counting the same however many rows it has.

    Nesterov's accelerated descent, begun anew where it turns uphill (O'Donoghue and Candès, arXiv 1204.3982); the
    step is one over the largest curvature that rows of length 1 with a constant can have.

    Args:
        vectors: Rows of length 1, shape (rows, dimensions).
        labels: The class of each row; each class has one at least.
        classes: How many classes there are.
        ridge: Weight of the squared weights; the bias is free.
    """
    rows = np.column_stack([np.asarray(vectors, dtype=np.float64), np.ones(len(vectors))])  # (rows, dimensions + 1)
    truth = np.eye(classes)[labels]  # (rows, classes)
    share = (truth / (classes * truth.sum(axis=0))).sum(axis=1, keepdims=True)
    shrink = np.full(rows.shape[1], ridge)
    shrink[-1] = 0.0
    step = 1.0 / (1.0 + ridge)
    here = ahead = np.zeros((classes, rows.shape[1]))
    speed = 1.0
    for _ in range(MOST_STEPS):
        slope = ((softmax(rows @ ahead.T) - truth) * share).T @ rows + ahead * shrink
        if float(np.sqrt((slope**2).sum())) < STILL:
            break
        there = ahead - step * slope
        if float((slope * (there - here)).sum()) > 0:
            speed = 1.0
        faster = (1 + np.sqrt(1 + 4 * speed**2)) / 2
        ahead = there + (speed - 1) / faster * (there - here)
        here, speed = there, faster
    return Linear(ahead[:, :-1], ahead[:, -1])


def softmax(scores: Floats) -> Floats:
    """Probabilities along the last axis."""
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    found: Floats = raised / raised.sum(axis=-1, keepdims=True)
    return found
