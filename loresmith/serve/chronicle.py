"""What the server did in each stretch of time since it began, in a room that does not grow.

When there are too many stretches, two and two are put together; seconds are counted in steps of a tenth, so that a
percentile is right to 10%. Not covered: what happened before the start; `/metrics` is for those who keep that.
"""

import math
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

FIRST_WIDTH_SECONDS = 10.0
MOST_STRETCHES = 240
STEP = 1.1


@dataclass
class Stretch:
    """The counts of one stretch of time."""

    requests: int = 0
    faults: int = 0
    """Requests that ended with a status of 500 and above."""
    answers: Counter[str] = field(default_factory=Counter)
    """By kind: cited, uncited, refused."""
    turned_away: int = 0
    most_inside: int = 0
    """Questions that were answered or waited at once."""
    first: Counter[int] = field(default_factory=Counter)
    """Steps of the seconds to an answer's first piece."""
    requested: Counter[int] = field(default_factory=Counter)
    """Steps of the seconds that requests took."""

    def join(self, other: "Stretch") -> None:
        """Take in what `other` counted."""
        self.requests += other.requests
        self.faults += other.faults
        self.turned_away += other.turned_away
        self.most_inside = max(self.most_inside, other.most_inside)
        self.answers += other.answers
        self.first += other.first
        self.requested += other.requested


class Chronicle:
    """Counts by stretches; safe from several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._began = clock, clock()
        self._lock = Lock()
        self._width = FIRST_WIDTH_SECONDS
        self._stretches: dict[int, Stretch] = {}

    def note(self, take: Callable[[Stretch], None]) -> None:
        """Let `take` count something that happens now."""
        with self._lock:
            number = self._now()  # which may put stretches together
            take(self._stretches.setdefault(number, Stretch()))

    def told(self) -> list[tuple[float, Stretch]]:
        """Every stretch up to now, the quiet ones too, with the seconds since the start at its end."""
        with self._lock:
            joined = [(number, Stretch()) for number in range(self._now() + 1)]
            for number, one in joined:
                if number in self._stretches:
                    one.join(self._stretches[number])
            return [((number + 1) * self._width, one) for number, one in joined]

    @property
    def width_seconds(self) -> float:
        """How long a stretch is now."""
        return self._width

    def _now(self) -> int:
        """The number of the stretch that it is, once there is room for it."""
        number = int((self._clock() - self._began) / self._width)
        while number >= MOST_STRETCHES:
            self._halve()
            number //= 2
        return number

    def _halve(self) -> None:
        before, self._stretches = self._stretches, {}
        self._width *= 2
        for number, one in before.items():
            self._stretches.setdefault(number // 2, Stretch()).join(one)


def step_of(seconds: float) -> int:
    """The step in which `seconds` are counted."""
    return math.floor(math.log(max(seconds, 1e-4)) / math.log(STEP))


def percentile(steps: Counter[int], share: float) -> float | None:
    """The seconds below which `share` of what was counted lies, to 10%; `None` where nothing was."""
    total = sum(steps.values())
    seen = 0
    for step in sorted(steps):
        seen += steps[step]
        if seen >= share * total:
            return float(STEP ** (step + 0.5))
    return None
