"""Intervals and tests for examinations, where the same questions are asked in several arms. numpy only.

Sources, by name where a function uses them:
    Wilson 1927, "Probable inference", JASA 22, for one share; arXiv 2503.01747 shows why nothing simpler serves below
    a few hundred questions.
    Miller 2024, arXiv 2411.00640: pair the arms, resample whole documents, say what difference could have been seen.
    Hesterberg 2014, arXiv 1411.5279, section 4.4: percentile intervals widened for small samples.
    Bonett and Price 2012, J. Educ. Behav. Stat. 37: paired shares with pseudo-counts, where few questions differ.
    Franco et al. 2019, J. Surv. Stat. Methodol. 7: Wilson's interval at the effective number of clustered answers.
    Zou and Donner 2008, Stat. Med. 27, eq. 4: the difference of two separate estimates from their intervals.
    McNemar 1947, Psychometrika 12, in its exact form; Connor 1987, Biometrics 43, for its sample size; Holm 1979.
    Altman and Bland 2011, BMJ 343: a p-value from an interval.

`benchmarks/intervals.py` measures how often the intervals cover the truth. Not covered: benchmarks scored by graders
that disagree with themselves.
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
# 20: of 3,000 simulated exams whose documents differ by 0.2 in accuracy, resampling documents covered the truth in 87%
# with 4 documents, 92.8% with 6, 93.6% with 8, 94.6% with 20. Below, Student's t over documents covers 94 to 95%.
FEWEST_RESAMPLED = 20
# 4: with 3 documents Student's t covers 94% too, but of an interval twice as wide, which says nothing. Resampling the
# questions instead covers 83% with any number: such an interval speaks of these documents and of no others.
FEWEST_CLUSTERS = 4
# 10: from there on resampling covers 93 to 97 of 100 by itself; widening it further would cover 98 and more.
FEWEST_DIFFERENT = 10
SMALL = 20
"""Questions below which a share says next to nothing: at 10 of 20 the interval is 40 points wide."""
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


def wilson_bounds(part: float, n: float) -> tuple[float, float]:
    """Bounds for a share `part` of `n` questions, which need not be a whole number."""
    spread = _Z * _Z / n
    middle = (part + spread / 2) / (1 + spread)
    half = _Z * math.sqrt(part * (1 - part) / n + spread / (4 * n)) / (1 + spread)
    # rounding leaves 1e-17 where the formula says 0
    return (0.0 if part == 0 else middle - half), (1.0 if part == 1 else middle + half)


def share(marks: Sequence[bool], clusters: Sequence[str], facts: Sequence[str] | None = None) -> Estimate:
    """The share of true `marks` with its 95% Wilson interval at the effective number of questions.

    Answers about one document go the same way more often than not. Where that is seen, the interval is that of fewer,
    independent questions, with Student's quantile for the number of documents; it is never narrower than `wilson`'s.
    In simulation `wilson` covers the truth of clustered answers in 51 to 91 of 100 exams, this in 92 to 97.

    Args:
        marks: One per question.
        clusters: The source document of each; with fewer than `FEWEST_CLUSTERS`, as in `paired_bootstrap`.
        facts: The fact of each question.

    Raises:
        ValueError: no marks, or not one cluster for each.
    """
    scores = np.asarray(marks, dtype=np.float64)
    groups, over = groups_of(clusters, facts)
    if len(scores) == 0 or len(scores) != len(groups):
        raise ValueError(f"{len(scores)} marks with {len(groups)} clusters give no share")
    n, part = len(scores), float(scores.mean())
    effect = _design_effect(scores, groups)
    if effect <= 1.0:
        return wilson(int(scores.sum()), n)
    low, high = wilson_bounds(part, n / effect)
    return _estimate(part, low, high, n, f"Wilson over {over}, 95%")


def paired_bootstrap(
    a: Sequence[float] | Floats,
    b: Sequence[float] | Floats,
    clusters: Sequence[str],
    rng: np.random.Generator,
    samples: int,
    facts: Sequence[str] | None = None,
) -> Estimate:
    """The mean of `b - a` over the same questions, with a 95% interval from resampling whole clusters.

    Resampling is blind where few questions differ: with none it gives an interval of no width, with a handful it
    covered the truth in 48 to 93 of 100 simulated exams. So where fewer than `FEWEST_DIFFERENT` questions came out
    right in one and wrong in the other, the interval is no narrower than Bonett and Price's for independent questions,
    and `method` says so.

    Args:
        a: One score per question, in the order of `b` and `clusters`; booleans count as 0 and 1.
        b: The scores compared with them.
        clusters: The source document of each question. With fewer than `FEWEST_RESAMPLED` documents the interval is
            Student's t over documents; with fewer than `FEWEST_CLUSTERS` the facts or else the questions themselves
            are taken as independent. `method` says so.
        rng: Drawn from; the same state gives the same interval.
        samples: Resamples.
        facts: The fact of each question, where several questions may ask about one.

    Raises:
        ValueError: nothing to compare, or the three differ in length.
    """
    first, second = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if first.shape != second.shape:
        raise ValueError(f"{len(first)} scores cannot be paired with {len(second)}")
    groups, over = groups_of(clusters, facts)
    low, high, name = _spread(second - first, groups, rng, samples)
    if np.abs(second - first).max() <= 1:
        low, high = max(-1.0, low), min(1.0, high)
    method = f"paired {name} over {over}, 95%"
    found = _estimate(float((second - first).mean()), low, high, len(first), method)
    return _widened(found, second - first)


def bootstrap(
    scores: Sequence[float] | Floats,
    clusters: Sequence[str],
    rng: np.random.Generator,
    samples: int,
    facts: Sequence[str] | None = None,
    *,
    are_shares: bool = True,
) -> Estimate:
    """The mean of `scores` with a 95% interval; resamples as `paired_bootstrap` does.

    The bounds of scores between 0 and 1 are there too, unless these only happen to be (`are_shares` false).

    Raises:
        ValueError: no scores, or not one cluster for each.
    """
    groups, over = groups_of(clusters, facts)
    seen = np.asarray(scores, dtype=np.float64)
    low, high, name = _spread(seen, groups, rng, samples)
    if are_shares and seen.min() >= 0 and seen.max() <= 1:
        low, high = max(0.0, low), min(1.0, high)
    return _estimate(float(seen.mean()), low, high, len(seen), f"{name} over {over}, 95%")


def unpaired(a: Estimate, b: Estimate) -> Estimate:
    """`b - a` for two estimates on separate questions, with a 95% interval made of theirs (Zou and Donner 2008, eq. 4).

    For two Wilson intervals this is Newcombe's (1998, Stat. Med. 17, method 10). `n` is the smaller of the two.
    """
    difference = b.value - a.value
    low = difference - math.hypot(b.value - b.low, a.high - a.value)
    high = difference + math.hypot(b.high - b.value, a.value - a.low)
    return _estimate(difference, low, high, min(a.n, b.n), "difference of separate estimates, 95%")


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


def p_of(difference: Estimate) -> float:
    """Two-sided p that there is no difference, read off its 95% interval as if it were normal (Altman and Bland 2011).

    Serves where McNemar's test cannot: clustered questions, scores between 0 and 1, separate questions.
    """
    if difference.value == 0:
        return 1.0
    side = difference.value - difference.low if difference.value > 0 else difference.high - difference.value
    if side <= 0:
        return 0.0
    return 2 * NormalDist().cdf(-abs(difference.value) * _Z / side)


def questions_for(seen: Estimate, distance: float) -> int:
    """Questions with which an interval like that of `seen` keeps clear of a bound with 80% power.

    Clustering counts, since the width of `seen` holds it.

    Args:
        seen: A difference with its interval.
        distance: From the true difference to the bound, above 0.
    """
    half = (seen.high - seen.low) / 2
    return math.ceil(seen.n * (half * (_Z + _Z_POWER) / (_Z * distance)) ** 2)


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


def _spread(
    scores: Floats, groups: NDArray[np.int64], rng: np.random.Generator, samples: int
) -> tuple[float, float, str]:
    """The bounds of the mean of `scores`, and the name of the method."""
    if len(scores) == 0 or len(scores) != len(groups):
        raise ValueError(f"{len(scores)} scores with {len(groups)} clusters give no interval")
    sums, sizes = np.bincount(groups, weights=scores).astype(np.float64), np.bincount(groups).astype(np.float64)
    count = len(sizes)
    if 1 < count < FEWEST_RESAMPLED:
        half = student_quantile(0.5 + CONFIDENCE / 2, count - 1) * math.sqrt(_variance(sums, sizes))
        return float(scores.mean()) - half, float(scores.mean()) + half, "Student's t"
    means = _means(sums, sizes, rng, samples)
    tail = tail_of(count)
    low, high = np.quantile(means, [tail, 1 - tail])
    return float(low), float(high), "bootstrap"


def _variance(sums: Floats, sizes: Floats) -> float:
    """Of the mean over all questions, from how far each cluster's sum lies from what its size would give."""
    count, n = len(sizes), float(sizes.sum())
    return count / (count - 1) * float(((sums - sums.sum() / n * sizes) ** 2).sum()) / n**2


def _widened(found: Estimate, differences: Floats) -> Estimate:
    """`found`, no narrower than Bonett and Price's interval where few right-or-wrong scores differ."""
    won, lost = int((differences == 1).sum()), int((differences == -1).sum())
    is_marks = won + lost == np.count_nonzero(differences)
    if won + lost >= FEWEST_DIFFERENT or not is_marks:
        return found
    n = len(differences) + 2  # one more question won, one more lost
    gained, fallen = (won + 1) / n, (lost + 1) / n
    middle, half = gained - fallen, _Z * math.sqrt((gained + fallen - (gained - fallen) ** 2) / n)
    low, high = max(-1.0, min(found.low, middle - half)), min(1.0, max(found.high, middle + half))
    method = found.method.replace(", 95%", ", widened for few differences, 95%")
    return _estimate(found.value, low, high, found.n, method)


def _design_effect(scores: Floats, groups: NDArray[np.int64]) -> float:
    """By how much clustering divides the number of questions; 0 where nothing can be seen of it."""
    n, part = len(scores), float(scores.mean())
    sums, sizes = np.bincount(groups, weights=scores).astype(np.float64), np.bincount(groups).astype(np.float64)
    if part in (0.0, 1.0) or len(sizes) in (1, n):
        return 0.0
    student = student_quantile(0.5 + CONFIDENCE / 2, len(sizes) - 1)
    return _variance(sums, sizes) / (part * (1 - part) / n) * (student / _Z) ** 2


def groups_of(documents: Sequence[str], facts: Sequence[str] | None) -> tuple[NDArray[np.int64], str]:
    """The cluster number of each question from 0, and what the clusters are, as `method` names them."""
    numbers = {name: number for number, name in enumerate(dict.fromkeys(documents))}
    if len(numbers) >= FEWEST_CLUSTERS:
        return np.array([numbers[name] for name in documents], dtype=np.int64), f"{len(numbers)} documents"
    few = "1 document is" if len(numbers) == 1 else f"{len(numbers)} documents are"
    asked = {name: number for number, name in enumerate(dict.fromkeys(facts or ()))}
    if facts is None or len(asked) == len(facts):
        return np.arange(len(documents), dtype=np.int64), f"{len(documents)} questions ({few} too few)"
    return np.array([asked[name] for name in facts], dtype=np.int64), f"{len(asked)} facts ({few} too few)"


def _means(sums: Floats, sizes: Floats, rng: np.random.Generator, samples: int) -> Floats:
    """The mean score in each of `samples` resamples.

    Drawing counts equals drawing clusters one by one, and clusters of the same sum and size need not be told apart:
    1,000 single questions, won, lost or the same, are three kinds, which is 50 times faster to draw.
    """
    kinds, alike = np.unique(np.column_stack([sums, sizes]), axis=0, return_counts=True)  # (kinds, 2)
    means = []
    for size in _blocks(samples):
        drawn = rng.multinomial(len(sums), alike / len(sums), size=size).astype(np.float64)  # (size, kinds)
        means.append((drawn @ kinds[:, 0]) / (drawn @ kinds[:, 1]))
    return np.concatenate(means)


def _blocks(samples: int) -> list[int]:
    return [min(_BLOCK, samples - start) for start in range(0, samples, _BLOCK)]


def tail_of(clusters: int) -> float:
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
