"""Work that reports by calling back, as work that yields: for engines with a loop of their own."""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from loresmith.progress import Work
from loresmith.records import Progress

Result = TypeVar("Result")
Report = Callable[[Progress], None]


def yielded(work: Callable[[Report, threading.Event], Result]) -> Work[Result]:
    """What `work` reports, and its result; it runs in a thread and is to end soon once its event is set.

    The event is set when the generator is closed early, which then waits for the end of the thread.
    """
    told: queue.SimpleQueue[Progress | None] = queue.SimpleQueue()
    is_over = threading.Event()
    with ThreadPoolExecutor(1, "engine") as pool:
        future = pool.submit(work, told.put, is_over)
        future.add_done_callback(lambda _: told.put(None))
        try:
            while (progress := told.get()) is not None:
                yield progress
        finally:
            is_over.set()
        return future.result()
