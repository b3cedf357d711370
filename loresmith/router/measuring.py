"""How a router does on questions of which it is known for whom they are: right, wrong and left to the base.

Accuracy is among the questions that were sent to an expert, right or wrong; abstention is the share of the others.
Intervals are clustered by document (or by whatever the caller names), as everywhere.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from loresmith.records import Estimate, Record
from loresmith.router.decision import FAR, KEYWORD, UNSURE, Route
from loresmith.statistics import share

BINS = (0.0, 0.6, 0.8, 0.9, 0.95, 0.99, 1.0)
"""Bounds of the probabilities between which what was claimed is held against what came true."""


@dataclass(frozen=True)
class Asked:
    """A question of which it is known for whom it is."""

    question: str
    expert: str | None
    """`None`: for nobody, so that abstaining is right."""
    cluster: str
    """The document it is about."""


class Kept(Record):
    """Claimed and seen in one bin of probabilities."""

    low: float
    high: float
    questions: int
    claimed: float
    seen: Estimate


class Score(Record):
    """How a router did on some questions."""

    questions: int
    answered: int
    """Sent to an expert."""
    accuracy: Estimate | None
    """Share of these that went to the right one; `None` where none was sent."""
    abstention: Estimate
    far: int
    unsure: int
    keyword: int


class Measured(Record):
    """All figures of one examination."""

    whole: Score
    experts: dict[str, Score]
    confusion: dict[str, dict[str, int]]
    """Expert to where its questions went; `base` is an abstention."""
    calibration: tuple[Kept, ...]
    """Of all questions, abstained or not: the likeliest expert's probability, and how often it was the right one."""


def measured(asked: Sequence[Asked], routes: Sequence[Route]) -> Measured:
    """The figures of `routes`, which are the decisions on `asked` in its order; there is at least one.

    Raises:
        ValueError: no question.
    """
    pairs = list(zip(asked, routes, strict=True))
    names = list(dict.fromkeys(one.expert for one in asked if one.expert is not None))
    return Measured(
        whole=scored(pairs),
        experts={name: scored([pair for pair in pairs if pair[0].expert == name]) for name in names},
        confusion={
            name: _counted([route.expert or "base" for one, route in pairs if one.expert == name]) for name in names
        },
        calibration=tuple(_calibration([pair for pair in pairs if pair[0].expert is not None])),
    )


def scored(pairs: Sequence[tuple[Asked, Route]]) -> Score:
    """The score on some questions, each with its route.

    Raises:
        ValueError: no question.
    """
    sent = [(one, route) for one, route in pairs if route.expert is not None]
    reasons = _counted([route.why for _, route in pairs])
    accuracy = (
        share([route.expert == one.expert for one, route in sent], [one.cluster for one, _ in sent]) if sent else None
    )
    return Score(
        questions=len(pairs),
        answered=len(sent),
        accuracy=accuracy,
        abstention=share([route.expert is None for _, route in pairs], [one.cluster for one, _ in pairs]),
        far=reasons.get(FAR, 0),
        unsure=reasons.get(UNSURE, 0),
        keyword=reasons.get(KEYWORD, 0),
    )


def _calibration(pairs: Sequence[tuple[Asked, Route]]) -> list[Kept]:
    found = []
    for low, high in pairwise(BINS):
        inside = [(one, r) for one, r in pairs if low <= r.probability < high or (high == 1.0 and r.probability == 1.0)]
        if inside:
            seen = share([r.likeliest == one.expert for one, r in inside], [one.cluster for one, _ in inside])
            claimed = float(np.mean([r.probability for _, r in inside]))
            found.append(Kept(low=low, high=high, questions=len(inside), claimed=round(claimed, 4), seen=seen))
    return found


def _counted(words: Sequence[str]) -> dict[str, int]:
    return dict(Counter(words))  # in the order in which they come
