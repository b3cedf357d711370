"""The reliability diagram: how often choices are right against how sure the model is, with the choices of each bin."""

from html import escape

from loresmith.pictures.axis import Axis
from loresmith.report.reliability import Calibration
from loresmith.statistics import SMALL

WIDTH, HEIGHT = 320, 356
LEFT, RIGHT, TOP, BOTTOM = 44, 10, 34, 74
TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
COUNTS = 22
"""Height of the strip of counts below the axis."""


def panel(title: str, found: Calibration, shade: str) -> str:
    """One SVG: a dot with its 95% interval for each bin, the diagonal of perfect calibration, the counts below."""
    xs, ys = Axis(0, 1, LEFT, WIDTH - RIGHT), Axis(0, 1, HEIGHT - BOTTOM, TOP)
    parts = [f'<text class="title" x="0" y="14">{escape(title)}</text>', *_frame(xs, ys)]
    for one in found.bins:
        x, y = xs.at(one.certainty), ys.at(one.right.value)
        few = " few" if one.right.n < SMALL else ""
        parts.append(
            f'<g class="row {shade}{few}"><line x1="{x}" y1="{ys.at(one.right.low)}" x2="{x}" '
            f'y2="{ys.at(one.right.high)}"/><circle cx="{x}" cy="{y}" r="5"/>'
            f'<text class="tick" x="{xs.at((one.low + one.high) / 2)}" y="{HEIGHT - BOTTOM + COUNTS + 13}">'
            f"{one.right.n}</text></g>"
        )
    return (
        f'<svg class="reliability" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(spoken(title, found))}">{"".join(parts)}</svg>'
    )


def spoken(title: str, found: Calibration) -> str:
    """The panel in words."""
    said = "; ".join(
        f"{100 * one.certainty:.0f}% sure, {100 * one.right.value:.0f}% right, 95% interval {100 * one.right.low:.0f} "
        f"to {100 * one.right.high:.0f}, n = {one.right.n}{' (few)' if one.right.n < SMALL else ''}"
        for one in found.bins
    )
    return f"{title}: {said}"


def plain(title: str, found: Calibration) -> str:
    """The panel in characters: a line for each bin."""
    lines = [title, "  sure         right   95% interval       n"]
    for one in found.bins:
        share = one.right
        lines.append(
            f"  {100 * one.low:3.0f} to {100 * one.high:3.0f}%  {100 * share.value:5.1f}%  "
            f"{f'[{100 * share.low:.1f}, {100 * share.high:.1f}]':<15}  {share.n:>4}"
            f"{'  few' if share.n < SMALL else ''}"
        )
    return "\n".join(lines)


def _frame(xs: Axis, ys: Axis) -> list[str]:
    parts = []
    for mark in TICKS:
        x, y = xs.at(mark), ys.at(mark)
        parts.append(f'<line class="grid" x1="{LEFT}" y1="{y}" x2="{WIDTH - RIGHT}" y2="{y}"/>')
        parts.append(f'<text class="scale" x="{LEFT - 6}" y="{y + 4}">{100 * mark:.0f}%</text>')
        anchor = ' style="text-anchor: end"' if mark == 1 else ""
        parts.append(f'<text class="tick" x="{x}" y="{HEIGHT - BOTTOM + 17}"{anchor}>{100 * mark:.0f}%</text>')
    parts.append(f'<line class="reference" x1="{xs.at(0)}" y1="{ys.at(0)}" x2="{xs.at(1)}" y2="{ys.at(1)}"/>')
    parts.append(f'<text class="scale" x="{LEFT - 6}" y="{HEIGHT - BOTTOM + COUNTS + 13}">n</text>')
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text class="tick" x="{middle}" y="{HEIGHT - 12}">how sure → against how often right ↑</text>')
    return parts
