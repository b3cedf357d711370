"""Dates as people write them, equal to each other: 2021-03-05, 5 March 2021, March 5th, 2021, 05.03.2021.

Dots mean day first; with slashes the order is unknown where both could be a month, and then there is no date but a
reason. Not covered: month names of other languages, years of two digits, other calendars.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date as calendar_day

from loresmith.scoring import cleaning, conclusion
from loresmith.scoring.extraction import nothing_said
from loresmith.scoring.reading import DAY_OR_MONTH, NO_DATE, SEVERAL, Reading

_MONTHS = """
    january february march april may june july august september october november december
"""
_NAMES = tuple(_MONTHS.split())
_MONTH = (
    r"(?P<name>" + "|".join(f"{name[:3]}(?:{name[3:]})?" if name != "may" else name for name in _NAMES) + r"|sept)\.?"
)
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>[12]\d{3})"
_FORMS = tuple(
    re.compile(rf"(?<![\w./-]){form}(?![\w]|[./-]\d)", re.IGNORECASE)
    for form in (
        rf"{_YEAR}(?P<sep>[-/.])(?P<month>\d{{1,2}})(?P=sep)(?P<day>\d{{1,2}})(?:[T ]\d{{2}}:\d{{2}}\S*)?",
        r"(?P<year>[12]\d{3})(?P<month>0[1-9]|1[0-2])(?P<day>[0-3]\d)",
        rf"(?P<first>\d{{1,2}})(?P<sep>[-/.])(?P<second>\d{{1,2}})(?P=sep)\s?{_YEAR}",
        rf"(?:the )?{_DAY}(?:\s+|\s*[-/]\s*)(?:day of |of )?{_MONTH}(?:\s*[-,/]?\s*(?:in )?{_YEAR})?",
        rf"{_MONTH}\s*[-/]?\s*(?:the )?{_DAY}(?:\s*[-,/]\s*|\s+)(?:in |of )?{_YEAR}",
        rf"{_MONTH}\s*[-,/]?\s*(?:of )?{_YEAR}",
        rf"{_MONTH}\s+(?:the )?{_DAY}(?!\d)",
        _YEAR,
    )
)


@dataclass(frozen=True)
class Date:
    """A day, a month or a year; what is not said is `None`."""

    year: int | None
    month: int | None = None
    day: int | None = None

    def says(self, wanted: "Date") -> bool:
        """Whether this says all that `wanted` says, and the same."""
        pairs = ((self.year, wanted.year), (self.month, wanted.month), (self.day, wanted.day))
        return all(asked is None or given == asked for given, asked in pairs)


def date(text: str) -> Reading[Date]:
    """The date that `text` gives as its answer, or why there is none."""
    if reason := nothing_said(text):
        return Reading(reason=reason)
    said = cleaning.unmarked(cleaning.plain(text))
    return _read(said) or Reading(reason=NO_DATE)


def whole(text: str) -> Date | None:
    """The date that `text` is, with nothing beside it but a weekday or a preposition."""
    bare = re.sub(
        r"^(?:(?:on|in)\s+)?(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,?\s+)?", "", text.strip(), flags=re.I
    )
    found = list(_dates(bare.rstrip(".")))
    is_all = len(found) == 1 and found[0][0] == 0 and found[0][1] >= len(bare.rstrip("."))
    return found[0][2].value if is_all else None


def _read(said: str) -> Reading[Date] | None:
    if (halves := conclusion.taken_back(said)) and (later := _read(halves[1])):
        return later
    for found in reversed(conclusion.conclusions(said)):
        sentence = found.text if found.is_boxed else conclusion.first_sentence(found.text)
        if told := [read for _, _, read in _dates(sentence)]:
            return told[0]
    told = list(dict.fromkeys(read for _, _, read in _dates(said)))
    if len(told) > 1:
        full = [read for read in told if read.value is None or read.value.month is not None]
        told = full if len(full) == 1 else told  # "in 2021, on 5 March 2021"
    return None if not told else told[0] if len(told) == 1 else Reading(reason=SEVERAL)


def _dates(text: str) -> Iterator[tuple[int, int, Reading[Date]]]:
    """The dates in `text` in order, as (start, end, reading); a longer form takes the place from a shorter one."""
    taken: dict[int, tuple[int, Reading[Date]]] = {}
    free = text
    for form in _FORMS:
        for match in form.finditer(free):
            if read := _reading(match):
                taken[match.start()] = (match.end(), read)
            if read or match["year"]:  # "31 February 2021" does not become February 2021
                free = free[: match.start()] + "\0" * (match.end() - match.start()) + free[match.end() :]
    return ((start, end, read) for start, (end, read) in sorted(taken.items()))


def _reading(match: re.Match[str]) -> Reading[Date] | None:
    parts = match.groupdict()
    year = int(parts["year"]) if parts.get("year") else None
    if parts.get("first"):
        first, second = int(parts["first"]), int(parts["second"])
        if parts["sep"] != "." and first != second and max(first, second) <= 12:
            return Reading(reason=DAY_OR_MONTH)
        is_month_first = parts["sep"] != "." and second > 12
        return _existing(year, first, second) if is_month_first else _existing(year, second, first)
    named = parts.get("name")
    month = _NAMES.index(next(n for n in _NAMES if n.startswith(named[:3].lower()))) + 1 if named else None
    month = int(parts["month"]) if parts.get("month") else month
    return _existing(year, month, int(parts["day"]) if parts.get("day") else None)


def _existing(year: int | None, month: int | None, day: int | None) -> Reading[Date] | None:
    try:
        calendar_day(year or 2000, month or 1, day or 1)  # 2000 has a 29 February
    except ValueError:
        return None
    return Reading(Date(year, month, day))
