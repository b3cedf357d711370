"""How far a judge agrees with the exact grading, beyond what chance would give: Cohen's kappa and raw agreement.

Cohen 1960, "A coefficient of agreement for nominal scales", Educ. Psychol. Meas. 20. The interval of kappa resamples
whole documents. Where resampling is blind, because few answers are graded differently, it is no narrower than that of
the raw agreement (Wilson) at the same chance agreement.

Not covered: who is right where the two differ. Exact grading calls right answers in other words wrong, so that a good
judge does not reach 1.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from loresmith import statistics
from loresmith.records import Estimate

Counts = NDArray[np.float64]
"""(..., 4): both right, only the first, only the second, both wrong."""


def kappa(
    first: Sequence[bool], second: Sequence[bool], clusters: Sequence[str], rng: np.random.Generator, samples: int
) -> Estimate | None:
    """Cohen's kappa of two gradings of the same answers with its 95% interval; `None` where chance explains all.

    Args:
        first: Right or not, one per answer.
        second: The same answers, graded by the other.
        clusters: The source document of each; of few, the answers themselves are resampled, and `method` says so.
        rng: Drawn from.
        samples: Resamples.

    Raises:
        ValueError: nothing to compare, or the three differ in length.
    """
    if not len(first) == len(second) == len(clusters) > 0:
        raise ValueError(f"{len(first)} and {len(second)} grades of {len(clusters)} answers")
    groups, over = statistics.groups_of(clusters, None)
    kinds = 2 * (1 - np.asarray(first, dtype=np.int64)) + (1 - np.asarray(second, dtype=np.int64))
    by_group = np.zeros((int(groups.max()) + 1, 4))
    np.add.at(by_group, (groups, np.array([0, 1, 2, 3])[kinds]), 1.0)
    whole = by_group.sum(axis=0)
    value = float(_kappa(whole))
    if math.isnan(value):
        return None
    drawn = _kappa(_resampled(by_group, rng, samples))
    tail = statistics.tail_of(len(by_group))
    low, high = np.nanquantile(drawn, [tail, 1 - tail])
    chance = float(_chance(whole))
    agreed = statistics.wilson(round(whole[0] + whole[3]), len(first))
    bounds = [(bound - chance) / (1 - chance) for bound in (agreed.low, agreed.high)]
    return Estimate(
        value=round(value, 6),
        low=round(max(-1.0, min(float(low), bounds[0])), 6),
        high=round(min(1.0, max(float(high), bounds[1])), 6),
        n=len(first),
        method=f"bootstrap over {over}, no narrower than Wilson, 95%",
    )


def _resampled(by_group: Counts, rng: np.random.Generator, samples: int) -> Counts:
    """The four counts in each resample of the groups: (samples, 4)."""
    alike, times = np.unique(by_group, axis=0, return_counts=True)
    drawn = rng.multinomial(len(by_group), times / len(by_group), size=samples)
    return np.asarray(drawn @ alike, dtype=np.float64)


def _chance(counts: Counts) -> Counts:
    """The agreement of two who grade at random, each with its own share of right ones."""
    n = counts.sum(axis=-1)
    first, second = (counts[..., 0] + counts[..., 1]) / n, (counts[..., 0] + counts[..., 2]) / n
    return np.asarray(first * second + (1 - first) * (1 - second))


def _kappa(counts: Counts) -> Counts:
    agreed, chance = (counts[..., 0] + counts[..., 3]) / counts.sum(axis=-1), _chance(counts)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(chance < 1, (agreed - chance) / (1 - chance), np.nan)
