"""The outcome of reading an answer: a value, or the reason why there is none. A reason always counts as wrong."""

from dataclasses import dataclass
from typing import Generic, TypeVar

Value = TypeVar("Value")

EMPTY = "empty answer"
DECLINED = "declined to answer"
THINKING = "ended while still thinking"
NO_NUMBER = "no number in the answer"
NO_DATE = "no date in the answer"
NO_OPTION = "no option named"
NONE_OF_THEM = "says that no option is right"
SEVERAL = "several answers at once"
DAY_OR_MONTH = "day and month could be swapped"


@dataclass(frozen=True)
class Reading(Generic[Value]):
    """What was read; exactly one of the two is `None`."""

    value: Value | None = None
    reason: str | None = None
