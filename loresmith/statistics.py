"""Intervals and tests for examinations, where the same questions are asked in several arms. numpy only.

Sources, by name where a function uses them:
    Wilson 1927, "Probable inference", JASA 22, for one share; arXiv 2503.01747 shows why nothing simpler serves below
    a few hundred questions.
    Miller 2024, arXiv 2411.00640: pair the arms, resample whole documents, say what difference could have been seen.
    Hesterberg 2014, arXiv 1411.5279, section 4.4: percentile intervals widened for small samples.
    McNemar 1947, Psychometrika 12, in its exact form; Connor 1987, Biometrics 43, for its sample size; Holm 1979.

Not covered: unpaired comparisons, and benchmarks scored by graders that disagree with themselves.
"""

import math
from collections.abc import Mapping, Sequence
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from loresmith.records import Estimate

Floats = NDArray[np.float64]

CONFIDENCE = 0.95
POWER = 0.80
# 8: of 3,000 simulated exams whose documents differ by 0.2 in accuracy, resampling documents covered the truth in 87%
# with 4 documents, 92.8% with 6, 94.6% with 8, 94.5% with 20; resampling questions instead covers 84% with any number.
FEWEST_CLUSTERS = 8
_Z = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)  # 1.96
_Z_POWER = NormalDist().inv_cdf(POWER)  # 0.84
_BLOCK = 500  # resamples drawn at once; bounds memory at 500 x clusters x 8 bytes


def wilson(correct: int, n: int) -> Estimate:
    """The share `correct / n` with its 95% Wilson score interval.

    Raises:
        ValueError: `n` is not positive, or `correct` is no part of it; a share of nothing is unknown, not zero.
    """
    if not 0 <= correct <= n or n < 1:
        raise ValueError(f"{correct} of {n} is no share")
    low, high = wilson_bounds(correct / n, n)
    return _estimate(correct / n, low, high, n, "Wilson 95%")


def wilson_bounds(share: float, n: float) -> tuple[float, float]:
    """The 95% Wilson score interval of `share`, seen on `n` questions or on as many as a weighted mean is worth."""
    spread = _Z * _Z / n
    middle = (share + spread / 2) / (1 + spread)
    half = _Z * math.sqrt(share * (1 - share) / n + spread / (4 * n)) / (1 + spread)
    # rounding leaves 1e-17 where the formula says 0
    return (0.0 if share == 0 else middle - half), (1.0 if share == 1 else middle + half)


def paired_bootstrap(
    a: Sequence[float] | Floats,
    b: Sequence[float] | Floats,
    clusters: Sequence[str],
    rng: np.random.Generator,
    samples: int,
    facts: Sequence[str] | None = None,
) -> Estimate:
    """The mean of `b - a` over the same questions, with a 95% interval from resampling whole clusters.

    Args:
        a: One score per question, in the order of `b` and `clusters`; booleans count as 0 and 1.
        b: The scores compared with them.
        clusters: The source document of each question. Where there are fewer than `FEWEST_CLUSTERS` documents, the
            facts or else the questions themselves are resampled, and `method` says so.
        rng: Drawn from; the same state gives the same interval.
        samples: Resamples.
        facts: The fact of each question, where several questions may ask about one.

    Raises:
        ValueError: nothing to compare, or the three differ in length.
    """
    first, second = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if first.shape != second.shape:
        raise ValueError(f"{len(first)} scores cannot be paired with {len(second)}")
    groups, over = _groups(clusters, facts)
    return _resampled(second - first, groups, rng, samples, f"paired bootstrap over {over}, 95%")


def bootstrap(
    scores: Sequence[float] | Floats,
    clusters: Sequence[str],
    rng: np.random.Generator,
    samples: int,
    facts: Sequence[str] | None = None,
) -> Estimate:
    """The mean of `scores` with a 95% interval; resamples as `paired_bootstrap` does.

    Raises:
        ValueError: no scores, or not one cluster for each.
    """
    groups, over = _groups(clusters, facts)
    return _resampled(np.asarray(scores, dtype=np.float64), groups, rng, samples, f"bootstrap over {over}, 95%")


def mcnemar(only_first: int, only_second: int) -> float:
    """Exact two-sided p that two arms do equally well, from the questions that only one of them got right."""
    discordant, fewer = only_first + only_second, min(only_first, only_second)
    if fewer < 0:
        raise ValueError("a count of questions is not negative")
    if only_first == only_second:
        return 1.0
    ways, term = 0, 1
    for k in range(fewer + 1):
        ways += term
        term = term * (discordant - k) // (k + 1)  # exact: C(n, k + 1) from C(n, k)
    return min(1.0, _ratio(2 * ways, 1 << discordant))


def discordant(a: Sequence[bool], b: Sequence[bool]) -> tuple[int, int]:
    """How many questions only `a`, and how many only `b`, got right."""
    pairs = list(zip(a, b, strict=True))
    return sum(x and not y for x, y in pairs), sum(y and not x for x, y in pairs)


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Each p adjusted for having made all these comparisons (Holm's step-down); same keys, same order."""
    adjusted, highest = {}, 0.0
    for rank, name in enumerate(sorted(p_values, key=lambda name: (p_values[name], name))):
        highest = max(highest, min(1.0, p_values[name] * (len(p_values) - rank)))
        adjusted[name] = highest
    return {name: adjusted[name] for name in p_values}


def questions_needed(difference: float, discordant_share: float) -> int:
    """Questions for McNemar's test to see `difference` with 80% power at 5% (Connor 1987, eq. 3).

    Args:
        difference: Between two arms' accuracies, in (0, 1].
        discordant_share: Of questions that only one arm gets right; raised to `difference` where it is less.

    Raises:
        ValueError: `difference` is not in (0, 1].
    """
    if not 0 < difference <= 1:
        raise ValueError(f"no number of questions shows a difference of {difference}")
    share = max(discordant_share, difference)
    root = _Z * math.sqrt(share) + _Z_POWER * math.sqrt(max(0.0, share - difference**2))
    return math.ceil((root / difference) ** 2 - 1e-9)


def smallest_visible_difference(n: int, discordant_share: float) -> float:
    """The difference that `n` questions show with 80% power at 5%; 1.0 where they cannot show even that much."""
    if n < questions_needed(1.0, discordant_share):
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if questions_needed(middle, discordant_share) <= n else (middle, high)
    return round(high, 6)


def student_quantile(probability: float, freedom: int) -> float:
    """The quantile of Student's t, found by bisection on its exact distribution (Abramowitz and Stegun 26.7.3-4)."""
    if freedom > 300:  # the two agree to four digits from here on
        z = NormalDist().inv_cdf(probability)
        return z + (z**3 + z) / (4 * freedom)
    low, high = -1e4, 1e4
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if _student_below(middle, freedom) < probability else (low, middle)
    return (low + high) / 2


def _resampled(
    scores: Floats, groups: NDArray[np.int64], rng: np.random.Generator, samples: int, method: str
) -> Estimate:
    if len(scores) == 0 or len(scores) != len(groups):
        raise ValueError(f"{len(scores)} scores with {len(groups)} clusters give no interval")
    sums, sizes = np.bincount(groups, weights=scores).astype(np.float64), np.bincount(groups).astype(np.float64)
    means = np.concatenate([_means(sums, sizes, rng, size) for size in _blocks(samples)])
    tail = _tail(len(sizes))
    low, high = np.quantile(means, [tail, 1 - tail])
    return _estimate(float(scores.mean()), float(low), float(high), len(scores), method)


def _groups(documents: Sequence[str], facts: Sequence[str] | None) -> tuple[NDArray[np.int64], str]:
    """The cluster number of each question, and what the clusters are."""
    numbers = {name: number for number, name in enumerate(dict.fromkeys(documents))}
    if len(numbers) >= FEWEST_CLUSTERS:
        return np.array([numbers[name] for name in documents], dtype=np.int64), f"{len(numbers)} documents"
    few = "1 document is" if len(numbers) == 1 else f"{len(numbers)} documents are"
    asked = {name: number for number, name in enumerate(dict.fromkeys(facts or ()))}
    if facts is None or len(asked) == len(facts):
        return np.arange(len(documents), dtype=np.int64), f"{len(documents)} questions ({few} too few)"
    return np.array([asked[name] for name in facts], dtype=np.int64), f"{len(asked)} facts ({few} too few)"


def _means(sums: Floats, sizes: Floats, rng: np.random.Generator, samples: int) -> Floats:
    """The mean score in each of `samples` resamples; drawing counts equals drawing clusters one by one."""
    count = len(sums)
    drawn = rng.multinomial(count, np.full(count, 1 / count), size=samples).astype(np.float64)  # (samples, clusters)
    means: Floats = (drawn @ sums) / (drawn @ sizes)
    return means


def _blocks(samples: int) -> list[int]:
    return [min(_BLOCK, samples - start) for start in range(0, samples, _BLOCK)]


def _tail(clusters: int) -> float:
    """The percentile that gives 95% with so few clusters (Hesterberg 2014, section 4.4).

    Resampling k clusters makes variances (k - 1) / k times too small and takes no account of their being estimated.
    """
    if clusters < 2:
        return (1 - CONFIDENCE) / 2
    widened = math.sqrt(clusters / (clusters - 1)) * student_quantile((1 - CONFIDENCE) / 2, clusters - 1)
    return NormalDist().cdf(widened)


def _student_below(t: float, freedom: int) -> float:
    angle = math.atan2(t, math.sqrt(freedom))
    cosine = math.cos(angle)
    odd = freedom % 2
    term, total = (cosine if odd else 1.0), 0.0
    for k in range(freedom // 2):
        total += term
        term *= cosine * cosine * ((2 * k + 2) / (2 * k + 3) if odd else (2 * k + 1) / (2 * k + 2))
    inside = 2 / math.pi * (angle + math.sin(angle) * total) if odd else math.sin(angle) * total
    return 0.5 + inside / 2


def _ratio(part: int, whole: int) -> float:
    """`part / whole` for integers beyond the range of floats."""
    shift = max(0, whole.bit_length() - 1000)
    return (part >> shift) / (whole >> shift)


def _estimate(value: float, low: float, high: float, n: int, method: str) -> Estimate:
    return Estimate(value=round(value, 6), low=round(low, 6), high=round(high, 6), n=n, method=method)
