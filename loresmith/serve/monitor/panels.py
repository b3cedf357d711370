"""What the monitor shows: a title, a picture, and the figures in words."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from loresmith.pictures.curve import Series
from loresmith.pictures.strip import drawn
from loresmith.serve.chronicle import Stretch, percentile
from loresmith.serve.feedback import Remark

Told = Sequence[tuple[float, Stretch]]
MINUTE, HOUR = 60.0, 3600.0
LONGEST_MINUTES = 180.0
"""Beyond these the axis counts hours."""


@dataclass(frozen=True)
class Panel:
    """One part of the monitor."""

    title: str
    picture: Markup
    """An SVG of our own; empty where there is none."""
    figures: tuple[tuple[str, str, str], ...]
    """(shade, name, value) of each series, as the legend."""


def panels_of(told: Told) -> list[Panel]:
    """The server's own panels."""
    kinds = ("cited", "uncited", "refused")
    return [
        _counted(told, "Requests", {"all": lambda one: one.requests, "failed (5xx)": lambda one: one.faults}),
        _counted(told, "Answers", {kind: _answers(kind) for kind in kinds}),
        _refusals(told),
        _seconds(told, "Seconds to the first word", lambda one: one.first),
        _seconds(told, "Seconds of a request", lambda one: one.requested),
        _queue(told),
    ]


def thumbs(remarks: Mapping[str, Remark]) -> Panel:
    """The stored thumbs by day."""
    days = sorted({remark.at[:10] for remark in remarks.values()})
    series = []
    for shade, value in (("one", "up"), ("two", "down")):
        count = Counter(remark.at[:10] for remark in remarks.values() if remark.value == value)
        series.append(Series(value, shade, tuple((float(n), float(count[day])) for n, day in enumerate(days, 1)), "g"))
    across = f"days with feedback, {days[0]} to {days[-1]}" if days else "days with feedback"
    picture = drawn(series, across, "thumbs", max(len(days), 1))
    total = Counter(remark.value for remark in remarks.values())
    return Panel("Thumbs", Markup(picture), (("one", "up", str(total["up"])), ("two", "down", str(total["down"]))))


def _answers(kind: str) -> Callable[[Stretch], int]:
    return lambda one: one.answers[kind]


def _counted(told: Told, title: str, counts: Mapping[str, Callable[[Stretch], int]]) -> Panel:
    unit, across = _axis(told)
    shades = ("one", "two", "three")
    series = [
        Series(name, shade, tuple((end / unit, float(count(one))) for end, one in told), "g")
        for shade, (name, count) in zip(shades, counts.items(), strict=False)
    ]
    totals = tuple(
        (shade, name, f"{sum(count(one) for _, one in told):,}")
        for shade, (name, count) in zip(shades, counts.items(), strict=False)
    )
    return Panel(title, Markup(drawn(series, across, "in a stretch", told[-1][0] / unit)), totals)


def _refusals(told: Told) -> Panel:
    unit, across = _axis(told)
    points = tuple(
        (end / unit, 100 * one.answers["refused"] / sum(one.answers.values())) for end, one in told if one.answers
    )
    refused, total = (sum(count(one) for _, one in told) for count in (_answers("refused"), _all_answers))
    share = f"{100 * refused / total:.0f}% of {total:,}" if total else "no answer yet"
    picture = drawn([Series("refused", "two", points, ".0f")], across, "percent", told[-1][0] / unit)
    return Panel("Refusals, percent of answers", Markup(picture), (("two", "refused", share),))


def _all_answers(one: Stretch) -> int:
    return sum(one.answers.values())


def _seconds(told: Told, title: str, steps: Callable[[Stretch], Counter[int]]) -> Panel:
    unit, across = _axis(told)
    whole: Counter[int] = Counter()
    for _, one in told:
        whole += steps(one)
    series, figures = [], []
    for shade, name, share in (("one", "median", 0.5), ("two", "99th percentile", 0.99)):
        found = [(end / unit, percentile(steps(one), share)) for end, one in told]
        points = tuple((x, y) for x, y in found if y is not None)
        series.append(Series(name, shade, points, ".2g"))
        value = percentile(whole, share)
        figures.append((shade, name, "–" if value is None else f"{value:.2g} s"))
    figures.append(("", "counted", f"{sum(whole.values()):,}"))
    return Panel(title, Markup(drawn(series, across, "s", told[-1][0] / unit)), tuple(figures))


def _queue(told: Told) -> Panel:
    unit, across = _axis(told)
    inside = Series("inside", "one", tuple((end / unit, float(one.most_inside)) for end, one in told), "g")
    away = Series("turned away", "two", tuple((end / unit, float(one.turned_away)) for end, one in told), "g")
    most = max(one.most_inside for _, one in told)
    figures = (("one", "most at once", str(most)), ("two", "turned away", f"{sum(o.turned_away for _, o in told):,}"))
    return Panel("Questions at once", Markup(drawn([inside, away], across, "questions", told[-1][0] / unit)), figures)


def _axis(told: Told) -> tuple[float, str]:
    """The unit of time in seconds, and its name."""
    is_long = told[-1][0] > LONGEST_MINUTES * MINUTE
    return (HOUR, "hours since the start") if is_long else (MINUTE, "minutes since the start")
