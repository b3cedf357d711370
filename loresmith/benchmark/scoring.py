"""Scores out of marks: intervals, subjects together, arms against each other.

Several subjects make one figure as in lm-evaluation-harness, each with the weight of all its questions; where a limit
took fewer of some, their mean counts for the rest. The interval is Wilson's for as many questions as the weighted mean
is worth (Kish 1965, section 11.7: (sum of weights)² / sum of squares), which is all of them under equal shares.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from loresmith import statistics
from loresmith.benchmark.items import Item
from loresmith.benchmark.results import Compared, Mark, Score
from loresmith.benchmark.subjects import GROUPS, SUBJECTS
from loresmith.benchmark.table import Task
from loresmith.records import Estimate


@dataclass(frozen=True)
class Tally:
    """The marks of all arms with what weighs them."""

    task: Task
    marks: dict[str, list[Mark]]
    """By arm, over the same questions in the same order."""
    items: list[Item]
    """The questions asked, in that order."""
    available: dict[str, int]
    """Questions of each subject, asked or not."""
    samples: int
    seed: int

    def weights(self, places: Sequence[int]) -> list[float]:
        """What each question counts for among `places`, 1 on average."""
        subjects = [self.items[place].subject for place in places]
        asked = {subject: subjects.count(subject) for subject in set(subjects)}
        whole = sum(self.available[subject] for subject in asked)
        return [self.available[subject] / whole * len(places) / asked[subject] for subject in subjects]


def scores(tally: Tally) -> Iterator[Score]:
    """Each metric in each arm: of all questions, then of groups and subjects where there are several."""
    for arm, marks in tally.marks.items():
        for metric in tally.task.metrics:
            for scope, places in _scopes(tally.items):
                unread = sum(bool(mark.read) and not mark.read[metric] for mark in (marks[place] for place in places))
                yield Score(
                    arm=arm, metric=metric, subject=scope, value=_mean(tally, marks, metric, places), unread=unread
                )


def comparisons(tally: Tally, better: str, than: str) -> Iterator[Compared]:
    """`better` minus `than` on the same questions, by metric, with their weights."""
    after, before = tally.marks[better], tally.marks[than]
    weights = tally.weights(range(len(tally.items)))
    for metric in tally.task.metrics:
        new, old = [mark.scores[metric] for mark in after], [mark.scores[metric] for mark in before]
        difference = statistics.paired_bootstrap(
            [weight * score for weight, score in zip(weights, old, strict=True)],
            [weight * score for weight, score in zip(weights, new, strict=True)],
            _clusters(tally.items),
            _rng(tally, metric),
            tally.samples,
        )
        is_share = _is_share(tally.task, metric)
        lost, won = statistics.discordant([s == 1 for s in old], [s == 1 for s in new]) if is_share else (0, 0)
        visible = statistics.smallest_visible_difference(len(new), (won + lost) / len(new)) if is_share else None
        yield Compared(
            better=better,
            than=than,
            metric=metric,
            difference=_named(difference, tally.items),
            won=won,
            lost=lost,
            p=round(statistics.mcnemar(won, lost), 6) if is_share else None,
            visible=visible,
        )


def _mean(tally: Tally, marks: Sequence[Mark], metric: str, places: Sequence[int]) -> Estimate:
    found, weights = [marks[place].scores[metric] for place in places], tally.weights(places)
    subjects = {tally.items[place].subject for place in places}
    if not _is_share(tally.task, metric):
        chosen = [tally.items[place] for place in places]
        drawn = statistics.bootstrap(found, _clusters(chosen), _rng(tally, metric), tally.samples)
        return _named(drawn, chosen)
    if len(subjects) == 1:
        return statistics.wilson(int(sum(found)), len(found))
    share = min(1.0, sum(weight * score for weight, score in zip(weights, found, strict=True)) / len(found))
    low, high = statistics.wilson_bounds(share, len(found) ** 2 / sum(weight**2 for weight in weights))
    return Estimate(
        value=round(share, 6),
        low=round(low, 6),
        high=round(high, 6),
        n=len(found),
        method=f"Wilson 95%, {len(subjects)} subjects pooled",
    )


def _scopes(items: Sequence[Item]) -> Iterator[tuple[str, list[int]]]:
    """All, then the groups and subjects with their questions' places; alone where there is one subject."""
    everything = list(range(len(items)))
    yield "", everything
    subjects = dict.fromkeys(item.subject for item in items)
    if len(subjects) < 2:
        return
    for group in GROUPS:
        if inside := [place for place in everything if SUBJECTS[items[place].subject][0] == group]:
            yield group, inside
    for subject in subjects:
        yield subject, [place for place in everything if items[place].subject == subject]


def _is_share(task: Task, metric: str) -> bool:
    """Whether every question is right or wrong by this metric."""
    return task.form != "mass" and metric != "f1"


def _clusters(items: Sequence[Item]) -> list[str]:
    """Questions about one passage belong together; others stand alone."""
    return [item.title or item.id for item in items]


def _named(estimate: Estimate, items: Sequence[Item]) -> Estimate:
    """`estimate` with its clusters called what they are."""
    if any(item.title for item in items):
        return estimate
    return estimate.model_copy(update={"method": estimate.method.replace("documents", "questions")})


def _rng(tally: Tally, metric: str) -> np.random.Generator:
    return np.random.default_rng([tally.seed, *metric.encode()])
