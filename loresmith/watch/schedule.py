"""When a scheduled round is due: cron lines on the wall clock of a time zone, as pure functions.

Nothing here asks for the time; the caller says what it is, and what was done last. The rules:

- A line fires at each wall-clock time that it names, once. A time that a change to summer time skips fires at the first
  moment after the gap, together with others that were skipped; one that comes twice in autumn fires the first time.
- Runs that were missed, because the machine slept or the clock jumped ahead, are made up by one run, not by many.
- A clock that is set back repeats nothing: what was done counts until the clock has passed it again. A last run that
  lies more than a day in the future was written by a wrong clock, and is forgotten.

Days of the month and of the week are joined as cron does it: where both are given, either is enough. Not covered:
seconds, `L`, `W` and `#`.
"""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from loresmith.errors import UserError

NAMED = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
}
MONTHS = tuple(name.lower() for name in calendar.month_abbr)
DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
SEARCHED_DAYS = 8 * 366 + 1
"""A 29 February may be eight years away."""
MOST_LISTED = 1000
BELIEVED_AHEAD = timedelta(days=1)
"""How far in the future a last run may lie before it counts as a mistake of the clock."""


@dataclass(frozen=True)
class Field:
    """One of the five parts of a cron line."""

    name: str
    least: int
    most: int
    names: tuple[str, ...] = ()
    """Words for its values, from 0."""


MINUTE, HOUR = Field("minute", 0, 59), Field("hour", 0, 23)
DAY, MONTH = Field("day of the month", 1, 31), Field("month", 1, 12, MONTHS)
WEEKDAY = Field("day of the week", 0, 7, DAYS)


@dataclass(frozen=True)
class Schedule:
    """A cron line in a time zone."""

    line: str
    zone: ZoneInfo
    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int] | None
    """`None`: every one."""
    months: frozenset[int]
    weekdays: frozenset[int] | None
    """0 is Sunday; `None`: every one."""


@dataclass(frozen=True)
class Due:
    """What is to be done now, and when to look again."""

    missed: tuple[datetime, ...]
    """Moments that have passed without a run, oldest first, UTC; one run makes up for all. At most 1,000 are listed."""
    next: datetime
    """The first moment after now, UTC."""
    clock_was_wrong: bool = False
    """The last run lay so far in the future that it was forgotten."""

    @property
    def is_due(self) -> bool:
        """Whether to run now."""
        return bool(self.missed)


def parse(line: str, zone: str) -> Schedule:
    """The schedule of a cron line on the clocks of `zone`, such as `Europe/Berlin`.

    Raises:
        UserError: the line or the zone is none; names the part.
    """
    try:
        clock = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as fault:
        raise UserError(
            f"There is no time zone {zone!r} on this machine.",
            next_step="Name one such as Europe/Berlin or UTC; where none is known, `pip install tzdata`.",
        ) from fault
    words = NAMED.get(line.strip().lower(), line).split()
    if len(words) != 5:
        raise UserError(
            f"{line!r} is no cron line: it has {len(words)} parts.",
            next_step=f"Give minute, hour, day, month and weekday, such as '0 3 * * 0', or one of {', '.join(NAMED)}.",
        )
    minutes, hours, days, months, weekdays = (
        _values(field, word, line) for field, word in zip((MINUTE, HOUR, DAY, MONTH, WEEKDAY), words, strict=True)
    )
    made = Schedule(
        line=line,
        zone=clock,
        minutes=minutes,
        hours=hours,
        days=None if words[2].startswith("*") and len(days) == 31 else days,
        months=months,
        weekdays=None if words[4].startswith("*") and len(weekdays) == 8 else frozenset(day % 7 for day in weekdays),
    )
    next_run(made, datetime(2000, 1, 1, tzinfo=UTC))  # the 30th of February never comes
    return made


def next_run(schedule: Schedule, after: datetime) -> datetime:
    """The first moment after `after` at which `schedule` fires, UTC.

    Raises:
        UserError: there is none within eight years.
    """
    for moment in _moments(schedule, after):
        return moment
    raise UserError(f"{schedule.line!r} never comes.", next_step="Check its day and month.")


def due(schedule: Schedule, last: datetime | None, now: datetime) -> Due:
    """What is to be done at `now`, when the last run was at `last`; without one nothing is missed yet.

    After a run, and at the very first look, `now` is the next `last`.
    """
    now = now.astimezone(UTC)  # Python compares two times of one zone by their walls, which repeat in autumn
    last = last.astimezone(UTC) if last is not None else None
    is_wrong = last is not None and last > now + BELIEVED_AHEAD
    start = now if last is None or is_wrong else last
    missed: list[datetime] = []
    for moment in _moments(schedule, start):
        if moment > now or len(missed) == MOST_LISTED:
            break
        missed.append(moment)
    return Due(tuple(missed), next_run(schedule, max(start, now)), is_wrong)


def _moments(schedule: Schedule, after: datetime) -> Iterator[datetime]:
    """All moments after `after`, in order, each once."""
    after = after.astimezone(UTC)
    latest = after
    first_day = after.astimezone(schedule.zone).date()
    for offset in range(SEARCHED_DAYS):
        day = first_day + timedelta(days=offset)
        if not _is_day(schedule, day):
            continue
        for hour in sorted(schedule.hours):
            for minute in sorted(schedule.minutes):
                moment = _instant(datetime.combine(day, time(hour, minute)), schedule.zone)
                if moment > latest:
                    latest = moment
                    yield moment


def _instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """When a clock in `zone` shows `wall` for the first time; of a time that is skipped, the end of the gap."""
    first = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == wall:
        return first
    # In a gap, fold=0 counts with the offset before it and fold=1 with the one after: the gap ends between the two.
    early, late = wall.replace(tzinfo=zone, fold=1).astimezone(UTC), first
    while late - early > timedelta(seconds=1):
        middle = early + (late - early) / 2
        if middle.astimezone(zone).replace(tzinfo=None) > wall:
            late = middle
        else:
            early = middle
    return late.replace(microsecond=0)


def _is_day(schedule: Schedule, day: date) -> bool:
    if day.month not in schedule.months:
        return False
    found = []
    if schedule.days is not None:
        found.append(day.day in schedule.days)
    if schedule.weekdays is not None:
        found.append(day.isoweekday() % 7 in schedule.weekdays)
    return any(found) or not found


def _values(field: Field, word: str, line: str) -> frozenset[int]:
    found: set[int] = set()
    for part in word.lower().split(","):
        span, _, step = part.partition("/")
        low, dash, high = span.partition("-")
        try:
            if span == "*":
                first, final = field.least, field.most
            else:
                first = _value(field, low)
                final = _value(field, high) if dash else (field.most if step else first)
            stride = int(step) if "/" in part else 1
        except ValueError as fault:
            raise _wrong(field, part, line) from fault
        if not field.least <= first <= final <= field.most or stride < 1:
            raise _wrong(field, part, line)
        found.update(range(first, final + 1, stride))
    return frozenset(found)


def _value(field: Field, word: str) -> int:
    if word in field.names and word:
        return field.names.index(word)
    if not word.isdecimal():
        raise ValueError(word)
    return int(word)


def _wrong(field: Field, part: str, line: str) -> UserError:
    return UserError(
        f"{line!r} is no cron line: {part!r} is no {field.name}.",
        next_step=f"Give {field.least} to {field.most}, a range (2-5), a list (1,15), a step (*/2) or *.",
    )
