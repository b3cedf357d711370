"""A line with one server: work is done one after another in a thread of its own, and a bounded number waits."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from threading import Lock
from typing import TypeVar

from loresmith.errors import MachineError

SHORTEST_RETRY_SECONDS, LONGEST_RETRY_SECONDS = 1, 120
LATEST_WEIGHT = 0.3
"""How much the latest piece of work counts in the guess of how long one takes."""

Result = TypeVar("Result")


class Busy(MachineError):
    """The line is full; `retry_seconds` says when a place is likely."""

    def __init__(self, retry_seconds: int) -> None:
        super().__init__("Too many questions are waiting.", next_step=f"Ask again in {retry_seconds} seconds.")
        self.retry_seconds = retry_seconds


class Closing(MachineError):
    """The server is about to end and takes no more work."""

    def __init__(self) -> None:
        super().__init__("The server is closing.", next_step="Start it again, then ask again.")


class Line:
    """Does one piece of work at a time, while up to `waiting` others wait."""

    def __init__(self, name: str, waiting: int) -> None:
        self._places = waiting + 1
        self._inside = 0
        self._count = Lock()
        self._seconds = 1.0
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    @property
    def inside(self) -> int:
        """How many pieces of work run or wait."""
        return self._inside

    def join(self, work: Callable[[], Result], *, beyond: bool = False) -> "Future[Result]":
        """The future result of `work`; cancelling it before its turn frees the place.

        `beyond` the places that there are it joins a full line as well.

        Raises:
            Busy: no place is free.
            Closing: `close` was called.
        """
        with self._count:
            if self._inside >= self._places and not beyond:
                guess = round(self._seconds * self._inside)
                raise Busy(min(max(guess, SHORTEST_RETRY_SECONDS), LONGEST_RETRY_SECONDS))
            self._inside += 1
        try:
            joined = self._worker.submit(self._timed, work)
        except RuntimeError as ended:
            self._leave()
            raise Closing from ended
        joined.add_done_callback(lambda _: self._leave())
        return joined

    def behind(self, work: Callable[[], object]) -> None:
        """Have `work` done once all that is inside now has ended; never, where the line is closed first."""
        with suppress(RuntimeError):
            self._worker.submit(work)

    def close(self) -> None:
        """Turn away what waits and block until what runs has ended."""
        self._worker.shutdown(wait=True, cancel_futures=True)

    def _timed(self, work: Callable[[], Result]) -> Result:
        started = time.monotonic()
        try:
            return work()
        finally:
            self._seconds += LATEST_WEIGHT * (time.monotonic() - started - self._seconds)

    def _leave(self) -> None:
        with self._count:
            self._inside -= 1
