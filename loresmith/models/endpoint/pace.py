"""When the next call may begin: limits on requests and tokens per minute, and pauses that a server asks for."""

import random
import threading
import time

FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.5, 30.0


class Stopped(Exception):
    """The round has ended; the waiting call is not made."""


class Pace:
    """Calls are spread evenly over the minute, so that no window of a minute holds more than the limit and one."""

    def __init__(self, requests_per_minute: int | None, tokens_per_minute: int | None, stop: threading.Event) -> None:
        self._requests, self._tokens, self._stop = requests_per_minute, tokens_per_minute, stop
        self._lock = threading.Lock()
        self._next = 0.0

    def enter(self, tokens: int) -> None:
        """Return when a call of `tokens` may begin.

        Raises:
            Stopped: the round has ended.
        """
        gap = max(60 / self._requests if self._requests else 0.0, tokens * 60 / self._tokens if self._tokens else 0.0)
        with self._lock:
            begin = max(time.monotonic(), self._next)
            self._next = begin + gap
        self.rest(begin - time.monotonic())

    def hold(self, seconds: float) -> None:
        """Let no call begin for `seconds`."""
        with self._lock:
            self._next = max(self._next, time.monotonic() + seconds)

    def rest(self, seconds: float) -> None:
        """Wait, but not beyond the end of the round.

        Raises:
            Stopped: the round has ended.
        """
        if self._stop.wait(max(0.0, seconds)):
            raise Stopped


def backoff_seconds(failures: int, rng: random.Random) -> float:
    """How long to wait after the `failures`-th failure in a row, from 1: doubling, up to half of it left to chance.

    Calls that failed together must not come back together.
    """
    longest = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2.0 ** (failures - 1))
    return longest * rng.uniform(0.5, 1.0)
