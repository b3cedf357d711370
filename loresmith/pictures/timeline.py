"""Shares over days, with their intervals, and marks for what happened on the way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

from loresmith.pictures.axis import Axis

WIDTH, HEIGHT = 860, 360
LEFT, RIGHT, TOP, BOTTOM = 56, 20, 64, 92
STYLE = (
    "<style>.timeline{font:12px system-ui,sans-serif}.timeline text{fill:#333}.timeline .grid{stroke:#ddd}"
    ".timeline .whisker{stroke-width:2}.timeline .event{stroke:#999;stroke-dasharray:3 3}"
    ".timeline .a{stroke:#2563a8;fill:#2563a8}.timeline .b{stroke:#b45309;fill:#b45309}"
    ".timeline .c{stroke:#999;fill:#999}.timeline text.a,.timeline text.b,.timeline text.c{stroke:none}"
    ".timeline .bad{stroke:#b91c1c;fill:#b91c1c}.timeline text.bad{stroke:none}"
    ".timeline polyline[class]{fill:none;stroke-width:1.5}</style>"
)
LEVELS, LETTER = 3, 7.0  # rows of words below the picture; room for a letter at 12 px


@dataclass(frozen=True)
class Point:
    """A share at a time, from 0 to 1, with its interval."""

    at: datetime
    value: float
    low: float
    high: float
    shade: str
    """`a`, `b`, `c` or `bad`."""
    is_hollow: bool = False


@dataclass(frozen=True)
class Event:
    """Something that happened, in a word or two."""

    at: datetime
    words: str
    is_bad: bool = False


@dataclass(frozen=True)
class Key:
    """What a shade means."""

    shade: str
    words: str
    is_hollow: bool = False


def drawn(points: Sequence[Point], events: Sequence[Event], keys: Sequence[Key], title: str) -> str:
    """An SVG of the points over the time from the first to the last of all; hollow ones are in no line.

    Full points of one shade are joined. There must be at least one point.
    """
    times = [one.at.timestamp() for one in points] + [one.at.timestamp() for one in events]
    first, last = min(times), max(max(times), min(times) + 1)
    margin = (last - first) * 0.04
    xs = Axis(first - margin, last + margin, LEFT, WIDTH - RIGHT)
    ys = Axis(0.0, 1.0, HEIGHT - BOTTOM, TOP)
    parts = [f'<text x="{LEFT}" y="20" font-weight="600">{escape(title)}</text>', *_legend(keys), *_grid(ys)]
    parts += _events(sorted(events, key=lambda one: one.at), xs)
    for shade in dict.fromkeys(point.shade for point in points):
        line = sorted((one for one in points if one.shade == shade and not one.is_hollow), key=lambda one: one.at)
        places = " ".join(f"{xs.at(one.at.timestamp())},{ys.at(one.value)}" for one in line)
        parts.append(f'<polyline class="{shade}" points="{places}"/>')
    parts += [_point(point, xs, ys) for point in points]
    spoken = "; ".join(f"{one.at:%d %b}: {100 * one.value:.0f}%" for one in sorted(points, key=lambda one: one.at))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="timeline" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(title)}: {escape(spoken)}">{STYLE}{"".join(parts)}</svg>'
    )


def _grid(ys: Axis) -> list[str]:
    parts = []
    for percent in (0, 25, 50, 75, 100):
        y = ys.at(percent / 100)
        parts.append(f'<line class="grid" x1="{LEFT}" y1="{y}" x2="{WIDTH - RIGHT}" y2="{y}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{percent}%</text>')
    return parts


def _legend(keys: Sequence[Key]) -> list[str]:
    parts, x = [], LEFT
    for key in keys:
        parts.append(f'<circle class="{key.shade}" cx="{x + 5}" cy="38" r="4"{_fill(key.is_hollow)}/>')
        parts.append(f'<text x="{x + 14}" y="42">{escape(key.words)}</text>')
        x += 26 + 7 * len(key.words)
    return parts


def _events(events: Sequence[Event], xs: Axis) -> list[str]:
    """Dashed lines with days and words below, each on the first level that is free there, or else the emptiest."""
    parts, taken = [], [0.0] * LEVELS
    for event in events:
        x, words = xs.at(event.at.timestamp()), f"{event.at:%d %b}: {event.words}"
        is_late = x > WIDTH - 150
        begin = x - LETTER * len(words) if is_late else x
        level = next((one for one, end in enumerate(taken) if end < begin), taken.index(min(taken)))
        taken[level] = begin + LETTER * len(words)
        y = HEIGHT - BOTTOM + 18 + 24 * level
        shade = ' class="bad"' if event.is_bad else ""
        parts.append(
            f'<line class="event" x1="{x}" y1="{TOP}" x2="{x}" y2="{y - 10}"/>'
            f'<text{shade} x="{x}" y="{y}" text-anchor="{"end" if is_late else "start"}">{escape(words)}</text>'
        )
    return parts


def _point(point: Point, xs: Axis, ys: Axis) -> str:
    x, y = xs.at(point.at.timestamp()), ys.at(point.value)
    told = f"{point.at:%d %b}: {100 * point.value:.1f}% [{100 * point.low:.1f}, {100 * point.high:.1f}]"
    return (
        f'<g class="{point.shade}"><title>{told}</title>'
        f'<line class="whisker" x1="{x}" y1="{ys.at(point.low)}" x2="{x}" y2="{ys.at(point.high)}"/>'
        f'<circle cx="{x}" cy="{y}" r="4.5"{_fill(point.is_hollow)}/></g>'
    )


def _fill(is_hollow: bool) -> str:
    return ' style="fill:#fff"' if is_hollow else ""
