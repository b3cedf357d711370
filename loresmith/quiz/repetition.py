"""When a fact is to be asked again: Leitner's boxes, from the replies alone.

A right answer moves a fact one box on, a wrong one back to the first; each box waits longer than the one before. Not
covered: intervals fitted to a person, and answers that were right by luck (one in four).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from loresmith.quiz.book import Entry

WAITS = (timedelta(0), timedelta(days=1), timedelta(days=3), timedelta(days=7), timedelta(days=21), timedelta(days=60))
"""How long a fact rests in each box."""


@dataclass(frozen=True)
class Standing:
    """Where a fact stands."""

    box: int
    """From 0, right after a wrong answer, to the last of `WAITS`."""
    due: datetime


def standings(entries: Iterable[Entry]) -> dict[str, Standing]:
    """Each fact that was asked, by its replies in order.

    A right answer before the day counts as practice and leaves the fact where it was.
    """
    found: dict[str, Standing] = {}
    for entry in entries:
        at = datetime.fromisoformat(entry.at)
        before = found.get(entry.fact)
        if entry.correct and before is not None and at < before.due:
            continue
        box = min((before.box if before else 0) + 1, len(WAITS) - 1) if entry.correct else 0
        found[entry.fact] = Standing(box, at + WAITS[box])
    return found


def due(entries: Iterable[Entry], now: datetime) -> list[str]:
    """The facts to ask again at `now`, those that wait longest first."""
    waiting = [(one.due, fact) for fact, one in standings(entries).items() if one.due <= now]
    return [fact for _, fact in sorted(waiting)]
