"""Vectors and labels in, a calibrated router out: the regression, its temperature, and the two bounds."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from loresmith.recipe.experts import RouterConfig
from loresmith.router.calibration import balanced, bound_for_error, bound_for_share, temperature
from loresmith.router.decision import Router, RouterFacts
from loresmith.router.linear import Linear, fitted, softmax
from loresmith.router.nearness import nearness

NEVER = 2.0
"""A least probability that nothing reaches: no bound kept the errors as few as was wished."""


@dataclass(frozen=True)
class Labelled:
    """Vectors of questions with the number of the expert that each is for."""

    vectors: NDArray[np.floating]
    """Rows of length 1, shape (questions, dimensions)."""
    labels: NDArray[np.int64]


@dataclass(frozen=True)
class Fit:
    """A router's numbers, as they are stored."""

    facts: RouterFacts
    linear: Linear
    known: NDArray[np.float16]
    """Vectors of the questions it learned from, by which it tells what is far."""

    def router(self) -> Router:
        """The router that these numbers make, without an embedder or keywords."""
        return Router(self.facts, self.linear, self.known)


def fit(learned: Labelled, held_out: Labelled, experts: tuple[str, ...], config: RouterConfig) -> Fit:
    """The router that learns from the first and is calibrated on the second.

    Weights are rounded to float32 and known vectors to float16 before anything is calibrated, so that the stored router
    decides as this one does.
    """
    raw = fitted(learned.vectors, learned.labels, len(experts))
    linear = Linear(_as_stored(raw.weights), _as_stored(raw.bias))
    known = np.asarray(learned.vectors, dtype=np.float16)
    scores = linear.scores(held_out.vectors)
    heat = temperature(scores, held_out.labels)
    shares = softmax(scores / heat)
    near = nearness(held_out.vectors, known)
    weights = balanced(held_out.labels, len(experts))
    least_near = bound_for_share(near, weights, config.far)
    is_near = near >= least_near
    best = shares.max(axis=1)
    if config.error is None:
        left = config.abstention - float(weights[~is_near].sum())
        least = bound_for_share(np.where(is_near, best, math.inf), weights, left)
    else:
        is_right = shares.argmax(axis=1) == held_out.labels
        least = bound_for_error(best[is_near], is_right[is_near], config.error)
    facts = RouterFacts(
        experts=experts,
        embedder=config.embedder,
        dimensions=int(linear.weights.shape[1]),
        temperature=round(heat, 6),
        least_probability=NEVER if least == math.inf else _down(max(least, 0.0)),
        least_nearness=_down(max(least_near, -1.0)),
    )
    return Fit(facts, linear, known)


def _as_stored(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return values.astype(np.float32).astype(np.float64)


def _down(bound: float) -> float:
    """`bound` to six digits, never above it: the question that set it is still let through."""
    return math.floor(bound * 1e6) / 1e6
