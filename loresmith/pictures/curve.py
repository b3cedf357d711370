"""Curves over optimizer steps: loss, rates, shares of right answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from loresmith.pictures.axis import Axis, ticks

WIDTH, HEIGHT = 720, 300
LEFT, RIGHT, TOP, BOTTOM = 56, 124, 16, 40


@dataclass(frozen=True)
class Series:
    """One curve."""

    name: str
    shade: str
    points: tuple[tuple[float, float], ...]
    form: str = ".2f"
    """How its values are written."""

    @property
    def last(self) -> str:
        """The value at its end."""
        return f"{self.points[-1][1]:{self.form}}"


def drawn(series: Sequence[Series], across: str, up: str) -> str:
    """An SVG of every series that has points; each ends with its name and last value."""
    shown = [one for one in series if one.points]
    steps = ticks(0, max(x for one in shown for x, _ in one.points))
    values = ticks(0, max(y for one in shown for _, y in one.points))
    xs, ys = Axis(0, steps[-1], LEFT, WIDTH - RIGHT), Axis(0, values[-1], HEIGHT - BOTTOM, TOP)
    parts = []
    for value in values:
        y = ys.at(value)
        parts.append(f'<line class="grid" x1="{LEFT}" y1="{y}" x2="{WIDTH - RIGHT}" y2="{y}"/>')
        parts.append(f'<text class="scale" x="{LEFT - 8}" y="{y + 4}">{value:g}</text>')
    for step in steps:
        parts.append(f'<text class="tick" x="{xs.at(step)}" y="{HEIGHT - BOTTOM + 18}">{step:g}</text>')
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text class="tick" x="{middle}" y="{HEIGHT - 4}">{escape(across)}</text>')
    lift = _apart([ys.at(one.points[-1][1]) for one in shown])
    for one, y in zip(shown, lift, strict=True):
        path = " ".join(f"{xs.at(a)},{ys.at(b)}" for a, b in one.points)
        last_x, last_y = xs.at(one.points[-1][0]), ys.at(one.points[-1][1])
        parts.append(f'<g class="series {one.shade}"><polyline points="{path}"/>')
        parts.append(f'<circle cx="{last_x}" cy="{last_y}" r="4"/>')
        parts.append(f'<text x="{last_x + 10}" y="{y + 4}">{escape(one.name)} {one.last}</text></g>')
    spoken = "; ".join(f"{one.name} {up} from {one.points[0][1]:{one.form}} to {one.last}" for one in shown)
    return (
        f'<svg class="curve" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(spoken)}">'
        f"{''.join(parts)}</svg>"
    )


def _apart(places: Sequence[float], least: float = 16) -> list[float]:
    """`places` moved so that labels do not overlap."""
    moved = dict(enumerate(places))
    last: float | None = None
    for number in sorted(moved, key=lambda number: moved[number]):
        if last is not None and moved[number] - last < least:
            moved[number] = last + least
        last = moved[number]
    return [moved[number] for number in range(len(places))]
