"""Which rows are held out: those of an exam, of splits with an exam's name, and what was converted from such rows.

A folder says so in its report, so that a conversion of it does too. A single file has no report: only its split's name
tells.
"""

import json
from collections.abc import Iterable
from pathlib import Path

from loresmith.exchange.files import REPORT
from loresmith.records import UNANSWERABLE

HELD_OUT = ("recall", "transfer", UNANSWERABLE, "test")
"""Splits that a model is examined with."""
KEY = "exams"
"""Under which a report lists its splits of held-out rows."""


def held_out(splits: Iterable[str], *, is_exam: bool) -> list[str]:
    """The splits that hold held-out rows; all of them in an exam."""
    return [split for split in splits if is_exam or split in HELD_OUT]


def comes_from_exam(source: Path) -> bool:
    """Whether a report in `source`, or in one of the two folders above it, lists held-out rows."""
    whole = source.resolve()
    above = [folder / REPORT for folder in (whole, *whole.parents[:2])]
    reports = [*above, *(whole.rglob(REPORT) if whole.is_dir() else ())]
    return any(_lists_exams(report) for report in reports)


def _lists_exams(report: Path) -> bool:
    try:
        told = json.loads(report.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(told, dict) and bool(told.get(KEY))
