"""What the votes of a contest come to.

Sources: Krippendorff 2011, "Computing Krippendorff's alpha-reliability", for nominal outcomes and missing votes; the
exact sign test is `statistics.mcnemar` on the questions that one side won.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Literal

import numpy as np

from loresmith import statistics
from loresmith.blind.contest import Contest
from loresmith.blind.session import Vote
from loresmith.records import Estimate, Record

WORTH = {"a": 0.0, "b": 1.0, "tie": 0.5, "bad": 0.5}
SAMPLES = 2000


class Agreement(Record):
    """How far raters who saw the same pairs agree."""

    raters: int
    pairs: int
    """Judged by two at least."""
    unanimous: Estimate
    """Share of these on which all gave the same outcome."""
    alpha: Estimate | None
    """Krippendorff's, 1 for agreement and 0 for chance; `None` where all outcomes are one, and chance agrees too."""


class Outcome(Record):
    """A contest that was counted."""

    name: str
    a: str
    b: str
    pairs: int
    judged: int
    """Pairs with a vote."""
    asked: int
    same: int
    votes: int
    raters: tuple[str, ...]
    wins_a: int
    wins_b: int
    ties: int
    bad: int
    win_rate: Estimate
    """Of `b` over `a`, a tie and two bad answers counting one half, the mean of raters on each pair."""
    won_a: int
    """Pairs on which `a` has more votes."""
    won_b: int
    p: float
    """Exact sign test on these."""
    preferred: Literal["a", "b", "neither"]
    """The side whose win rate is clear of one half, its interval and the sign test agreeing."""
    left: Estimate | None
    """Share of the decided votes for the answer on the left; `None` where there is none."""
    left_p: float | None
    agreement: Agreement | None
    """`None` where no pair has two raters."""


def counted(contest: Contest, votes: Sequence[Vote]) -> Outcome:
    """The outcome of `votes`, of which there is one at least."""
    by_pair = {pair.key: [vote for vote in votes if vote.key == pair.key] for pair in contest.pairs}
    judged = [(pair, by_pair[pair.key]) for pair in contest.pairs if by_pair[pair.key]]
    scores = [float(np.mean([WORTH[vote.outcome] for vote in own])) for _, own in judged]
    documents, facts = [pair.document for pair, _ in judged], [pair.fact for pair, _ in judged]
    rate = win_rate(scores, documents, facts, np.random.default_rng(contest.seed))
    won_a, won_b = sum(score < 0.5 for score in scores), sum(score > 0.5 for score in scores)
    p = statistics.mcnemar(won_a, won_b)
    outcomes = Counter(vote.outcome for vote in votes)
    left, right = (sum(vote.vote == side for vote in votes) for side in ("left", "right"))
    return Outcome(
        name=contest.name,
        a=contest.a,
        b=contest.b,
        pairs=len(contest.pairs),
        judged=len(judged),
        asked=contest.asked,
        same=contest.same,
        votes=len(votes),
        raters=tuple(sorted({vote.rater for vote in votes})),
        wins_a=outcomes["a"],
        wins_b=outcomes["b"],
        ties=outcomes["tie"],
        bad=outcomes["bad"],
        win_rate=rate,
        won_a=won_a,
        won_b=won_b,
        p=round(p, 6),
        preferred=_preferred(rate, p),
        left=statistics.wilson(left, left + right) if left + right else None,
        left_p=round(statistics.mcnemar(left, right), 6) if left + right else None,
        agreement=_agreement([[vote.outcome for vote in own] for _, own in judged], contest.seed),
    )


def win_rate(
    scores: Sequence[float], documents: Sequence[str], facts: Sequence[str], rng: np.random.Generator
) -> Estimate:
    """The mean of `scores` (0 to 1) with the wider of two 95% intervals.

    Wilson's for so many questions is too wide where there are ties, and has a width where all votes are the same;
    resampling documents has none there, and allows for answers about one document going together.
    """
    resampled = statistics.bootstrap(scores, documents, rng, SAMPLES, facts)
    low, high = statistics.wilson_bounds(resampled.value, resampled.n)
    bounds = {"low": round(min(low, resampled.low), 6), "high": round(max(high, resampled.high), 6)}
    return resampled.model_copy(update={**bounds, "method": f"Wilson or {resampled.method}, the wider"})


def alpha(units: Sequence[Sequence[str]]) -> float | None:
    """Krippendorff's alpha of nominal outcomes, one list for each pair; lists of fewer than two say nothing."""
    together: Counter[tuple[str, str]] = Counter()
    weights: dict[tuple[str, str], float] = {}
    for unit in units:
        together.clear()
        for one, place in zip(unit, range(len(unit)), strict=True):
            together.update((one, other) for index, other in enumerate(unit) if index != place)
        for both, number in together.items():
            weights[both] = weights.get(both, 0.0) + number / (len(unit) - 1)
    total = sum(weights.values())
    held: Counter[str] = Counter()
    for (one, _), weight in weights.items():
        held[one] += weight  # type: ignore[assignment]
    expected = total * total - sum(number * number for number in held.values())
    if not expected:
        return None
    observed = sum(weight for (one, other), weight in weights.items() if one != other)
    return 1.0 - (total - 1) * observed / expected


def _agreement(units: Sequence[Sequence[str]], seed: int) -> Agreement | None:
    shared = [unit for unit in units if len(unit) > 1]
    if not shared:
        return None
    value = alpha(shared)
    return Agreement(
        raters=max(map(len, shared)),
        pairs=len(shared),
        unanimous=statistics.wilson(sum(len(set(unit)) == 1 for unit in shared), len(shared)),
        alpha=None if value is None else _estimated(value, shared, seed),
    )


def _estimated(value: float, shared: Sequence[Sequence[str]], seed: int) -> Estimate:
    """`value` with a percentile interval from resampling pairs; samples of a single outcome count as agreement."""
    rng = np.random.default_rng(seed)
    drawn = rng.integers(len(shared), size=(SAMPLES, len(shared)))
    found = [alpha([shared[place] for place in row]) for row in drawn.tolist()]
    low, high = np.quantile([1.0 if one is None else one for one in found], [0.025, 0.975])
    method = f"bootstrap over {len(shared)} pairs, 95%"
    bounds = {"low": round(float(min(low, value)), 6), "high": round(float(max(high, value)), 6)}
    return Estimate(value=round(value, 6), **bounds, n=len(shared), method=method)


def _preferred(rate: Estimate, p: float) -> Literal["a", "b", "neither"]:
    if p < 0.05 and rate.low > 0.5:
        return "b"
    return "a" if p < 0.05 and rate.high < 0.5 else "neither"
