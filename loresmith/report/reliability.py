"""How sure a model is of its choices, against how often they are right.

The certainty of a choice is the probability that the model gives to the option it chose, against the other options: the
softmax over their log-probabilities. Where options are chosen by their words, per character, so is certainty: each
log-probability is brought to the mean length of the options first, or a long option could be chosen with a certainty
near zero. Literature has no standard for this; for letters, and options of one length, it is the plain softmax.

Choices are gathered into ten bins of equal width. The expected calibration error is the mean distance of certainty and
accuracy over the bins, weighted by their choices: Naeini, Cooper and Hauskrecht 2015, "Obtaining well calibrated
probabilities using Bayesian binning", AAAI; Guo et al. 2017, "On calibration of modern neural networks" (arXiv
1706.04599), eq. 3.

That error is never zero, even for a model that is perfectly calibrated: chance alone moves every bin. So it stands
beside the error that chance would give (`by_chance`), found as Bröcker and Smith 2007 (Weather and Forecasting 22) do:
answers drawn anew as if each certainty were true.

Not covered: other bins, other scores (Brier), and certainty of written answers, of which nothing is recorded.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from loresmith import statistics
from loresmith.records import Estimate, Grade, Question

BINS = 10
DRAWN_ANEW = 1000
"""Sets of answers behind `by_chance`."""
_BLOCK = 100  # of them at once: 100 x 14,042 choices of MMLU are 11 MB


@dataclass(frozen=True)
class Choice:
    """One multiple-choice answer."""

    certainty: float
    is_right: bool
    document: str
    fact: str


@dataclass(frozen=True)
class Bin:
    """Choices of about the same certainty; bins without any are left out."""

    low: float
    high: float
    certainty: float
    """Their mean."""
    right: Estimate


@dataclass(frozen=True)
class Calibration:
    """How far certainty and accuracy lie apart."""

    n: int
    right: float
    certainty: float
    error: Estimate
    """The expected calibration error."""
    by_chance: float
    """The error that 95 of 100 perfectly calibrated models stay below with so many choices."""
    bins: tuple[Bin, ...]

    @property
    def is_seen(self) -> bool:
        """Whether the error is more than chance explains."""
        return self.error.value > self.by_chance


def certainty(grade: Grade, question: Question, *, by_letter: bool) -> float | None:
    """The probability of the option that was chosen among all; `None` where no likelihoods were recorded."""
    options = question.options
    if not grade.likelihoods or len(grade.likelihoods) != len(options) or grade.given not in options:
        return None
    lengths = [1 if by_letter else max(1, len(option)) for option in options]
    mean = sum(lengths) / len(lengths)
    brought = [log_p / length * mean for log_p, length in zip(grade.likelihoods, lengths, strict=True)]
    highest = max(brought)
    shares = [math.exp(log_p - highest) for log_p in brought]
    return shares[options.index(grade.given)] / sum(shares)


def calibration(choices: Sequence[Choice], rng: np.random.Generator, samples: int) -> Calibration | None:
    """The calibration of `choices`; `None` where they are about fewer than two documents or facts.

    The 95% interval comes from resampling documents (facts, where there are fewer than four documents). Resampling
    adds noise of its own, so the bounds are moved down by the bias that it shows; and the lower one is zero where the
    error is no more than chance gives. In simulation (`benchmarks/calibration.py`) it covers the truth in 86 to 96 of
    100 exams of 40 to 600 choices, where the plain percentiles covered a calibrated model's zero in none.

    Args:
        choices: Answers of one arm.
        rng: Drawn from; the same state gives the same figures.
        samples: Resamples.
    """
    groups, over = _groups(choices)
    if len(set(groups)) < 2:
        return None
    sure = np.array([one.certainty for one in choices])
    right = np.array([one.is_right for one in choices], dtype=np.float64)
    places = np.clip(np.ceil(sure * BINS).astype(np.int64) - 1, 0, BINS - 1)  # as Guo et al.: open below, closed above
    seen = float(_errors((right - sure)[None, :], places)[0])
    by_chance = _by_chance(sure, places, rng)
    drawn = _resampled(right - sure, places, np.array(groups), rng, samples)
    bias = max(0.0, float(drawn.mean()) - seen)
    low, high = np.quantile(drawn, [0.025, 0.975])
    error = Estimate(
        value=round(seen, 6),
        low=0.0 if seen <= by_chance else round(min(seen, max(0.0, float(low) - 2 * bias)), 6),
        high=round(max(seen, float(high) - bias), 6),
        n=len(choices),
        method=f"bootstrap over {over}, bias taken off, 95%",
    )
    return Calibration(
        n=len(choices),
        right=round(float(right.mean()), 6),
        certainty=round(float(sure.mean()), 6),
        error=error,
        by_chance=round(by_chance, 6),
        bins=tuple(_bins(sure, right, places)),
    )


def _bins(sure: NDArray[np.float64], right: NDArray[np.float64], places: NDArray[np.int64]) -> list[Bin]:
    made = []
    for place in range(BINS):
        inside = places == place
        if n := int(inside.sum()):
            mean = round(float(sure[inside].mean()), 6)
            share = statistics.wilson(int(right[inside].sum()), n)
            made.append(Bin(low=place / BINS, high=(place + 1) / BINS, certainty=mean, right=share))
    return made


def _errors(gaps: NDArray[np.float64], places: NDArray[np.int64]) -> NDArray[np.float64]:
    """The error of each row of `gaps` (accuracy minus certainty, one column per choice)."""
    whole: NDArray[np.float64] = np.zeros(len(gaps))
    for place in set(places.tolist()):
        whole += np.abs(gaps[:, places == place].sum(axis=1))
    return np.divide(whole, gaps.shape[1])


def _by_chance(sure: NDArray[np.float64], places: NDArray[np.int64], rng: np.random.Generator) -> float:
    drawn = []
    for _ in range(DRAWN_ANEW // _BLOCK):
        right = rng.random((_BLOCK, len(sure))) < sure
        drawn.append(_errors(right - sure, places))
    return float(np.quantile(np.concatenate(drawn), 0.95))


def _resampled(
    gaps: NDArray[np.float64],
    places: NDArray[np.int64],
    groups: NDArray[np.int64],
    rng: np.random.Generator,
    samples: int,
) -> NDArray[np.float64]:
    """The errors of `samples` exams of as many groups, drawn with replacement."""
    count = int(groups.max()) + 1
    sums = np.zeros((count, BINS))
    np.add.at(sums, (groups, places), gaps)
    drawn = rng.multinomial(count, np.full(count, 1 / count), samples)  # (samples, groups)
    sizes = drawn @ np.bincount(groups, minlength=count)
    return np.asarray(np.abs(drawn @ sums).sum(axis=1) / sizes)


def _groups(choices: Sequence[Choice]) -> tuple[list[int], str]:
    """The number of each choice's document, or of its fact where there are few documents; and what they are."""
    for name, what in (("document", "documents"), ("fact", "facts")):
        numbers: dict[str, int] = {}
        groups = [numbers.setdefault(getattr(one, name), len(numbers)) for one in choices]
        if len(numbers) >= statistics.FEWEST_CLUSTERS or name == "fact":
            return groups, f"{len(numbers)} {what}"
    return [], ""
