"""Small curves over time, legible at the width of a phone; names and values stand beside them, in words."""

from collections.abc import Sequence
from html import escape

from loresmith.pictures.axis import Axis, ticks
from loresmith.pictures.curve import Series

WIDTH, HEIGHT = 340, 150
LEFT, RIGHT, TOP, BOTTOM = 44, 10, 10, 34


def drawn(series: Sequence[Series], across: str, up: str, end: float) -> str:
    """An SVG of every series from 0 to `end`; a series of one point is a dot, and one without points is left out."""
    shown = [one for one in series if one.points]
    steps = ticks(0, end, 4)
    values = ticks(0, max((y for one in shown for _, y in one.points), default=1.0) or 1.0, 3)
    xs, ys = Axis(0, steps[-1], LEFT, WIDTH - RIGHT), Axis(0, values[-1], HEIGHT - BOTTOM, TOP)
    parts = []
    for value in values:
        y = ys.at(value)
        parts.append(f'<line class="grid" x1="{LEFT}" y1="{y}" x2="{WIDTH - RIGHT}" y2="{y}"/>')
        parts.append(f'<text class="scale" x="{LEFT - 6}" y="{y + 4}">{value:g}</text>')
    for step in steps:
        parts.append(f'<text class="tick" x="{xs.at(step)}" y="{HEIGHT - BOTTOM + 15}">{step:g}</text>')
    parts.append(f'<text class="tick" x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 3}">{escape(across)}</text>')
    for one in shown:
        places = [(xs.at(x), ys.at(y)) for x, y in one.points]
        path = " ".join(f"{x},{y}" for x, y in places)
        parts.append(f'<g class="series {one.shade}"><polyline points="{path}"/>')
        parts.append(f'<circle cx="{places[-1][0]}" cy="{places[-1][1]}" r="3"/></g>')
    spoken = "; ".join(f"{one.name}: {one.last} {up}" for one in shown) or "nothing yet"
    return (
        f'<svg class="strip" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(spoken)}">'
        f"{''.join(parts)}</svg>"
    )
