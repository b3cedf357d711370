"""Work that reports while it goes on: a generator of `Progress` that returns its result."""

from collections.abc import Callable, Generator
from typing import TypeVar

from loresmith.records import Progress

Result = TypeVar("Result")

Work = Generator[Progress, None, Result]
"""Yields progress, returns the result; closing it early stops the work at the next report."""


def finish(work: Work[Result], report: Callable[[Progress], None] | None = None) -> Result:
    """The result of `work`, with each report handed to `report` on the way."""
    while True:
        try:
            step = next(work)
        except StopIteration as end:
            result: Result = end.value
            return result
        if report is not None:
            report(step)
