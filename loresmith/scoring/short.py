"""A short answer against its reference: equal words, the same date, or the same quantity.

Words are compared as SQuAD does (`models.squad`). Where the reference is a date or a quantity, an answer that says it
in other words or another unit ("It opens at 400 kPa." for "4 bar") is right too: otherwise an exam would measure who
was taught to be brief. Not covered: synonyms and paraphrases, which only a judge could weigh.
"""

from dataclasses import dataclass

from loresmith.models import squad
from loresmith.scoring import dates, quantities
from loresmith.scoring.extraction import nothing_said
from loresmith.scoring.reading import DECLINED


@dataclass(frozen=True)
class Mark:
    """What an answer is worth."""

    correct: bool
    exact: bool | None
    """Its words equal the reference's; `None` where words were not compared."""
    token_f1: float
    reason: str | None = None
    """Why no answer could be read from it; such an answer is wrong."""


def mark(said: str, answer: str, question: str = "", tolerance: float = 0.0) -> Mark:
    """The mark of `said` where `answer` is right.

    Args:
        said: What the model wrote, without citation marks.
        answer: The reference.
        question: What was asked: it may name the unit, and its numbers are no answer.
        tolerance: Largest relative difference of a number that is still right.
    """
    f1 = squad.token_f1(said, [answer])
    if squad.is_correct(said, answer):
        return Mark(True, True, f1)
    if (reason := nothing_said(said)) is not None:
        # an answer that is a refusal itself is compared by its words alone
        return Mark(False, False, f1, None if nothing_said(answer) == DECLINED else reason)
    if (day := dates.whole(answer)) is not None:
        given = dates.date(said)
        return Mark(given.value is not None and given.value.says(day), False, f1, given.reason)
    if (wanted := quantities.wanted_quantity(answer)) is not None:
        read = quantities.says(said, wanted, question, tolerance)
        return Mark(bool(read.value), False, f1, read.reason)
    return Mark(False, False, f1)
