"""Dots with their 95% intervals, one row each: accuracies by arm, and differences between arms."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from loresmith.pictures.axis import Axis, ticks
from loresmith.records import Estimate

WIDTH, ROW, TOP, BOTTOM = 440, 32, 44, 26
LEFT, RIGHT = 0, 0
TEXT_WIDTH = 41
"""Characters of the plain picture from 0 to 100%."""


@dataclass(frozen=True)
class Row:
    """A labelled estimate."""

    label: str
    estimate: Estimate
    shade: str
    """Class that gives the colour: an arm's, or `clear` and `unclear` for differences."""
    shown: str
    """The figure as written at the end of the row."""


@dataclass(frozen=True)
class Scale:
    """What the axis shows."""

    low: float
    high: float
    unit: str
    marks: tuple[float, ...]
    reference: float | None = None
    """Where a dashed line stands: chance, or zero."""
    reference_name: str = ""


SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)


def shares(chance: float | None = None) -> Scale:
    """From 0 to 100%, never cut: a cut axis makes small differences look large."""
    return Scale(0.0, 1.0, "%", SHARES, chance, "chance")


def differences(estimates: Sequence[Estimate]) -> Scale:
    """Around zero, wide enough for every interval."""
    reach = max((max(abs(e.low), abs(e.high)) for e in estimates), default=0.1)
    marks = ticks(-max(reach, 0.05), max(reach, 0.05), 4)
    return Scale(marks[0], marks[-1], "", tuple(marks), 0.0, "no difference")


def panel(title: str, rows: Sequence[Row], scale: Scale) -> str:
    """One SVG: a title, a row for each estimate, an axis."""
    label = max((len(row.label) for row in rows), default=0) * 7.6 + LEFT + 14
    shown = max((len(row.shown) for row in rows), default=0) * 8.2 + RIGHT + 16
    axis = Axis(scale.low, scale.high, label, WIDTH - shown)
    height = TOP + ROW * len(rows) + BOTTOM
    floor = TOP + ROW * len(rows)
    parts = [f'<text class="title" x="{LEFT}" y="14">{escape(title)}</text>']
    for mark in scale.marks:
        x = axis.at(mark)
        parts.append(f'<line class="grid" x1="{x}" y1="{TOP - 2}" x2="{x}" y2="{floor}"/>')
        parts.append(f'<text class="tick" x="{x}" y="{floor + 17}">{_tick(mark, scale)}</text>')
    if scale.reference is not None:
        x = axis.at(scale.reference)
        parts.append(f'<line class="reference" x1="{x}" y1="{TOP - 4}" x2="{x}" y2="{floor}"/>')
        if scale.reference_name == "chance":
            parts.append(f'<text class="tick" x="{x}" y="{TOP - 7}">{scale.reference_name}</text>')
    parts += [_row(row, TOP + ROW * place + ROW / 2, axis) for place, row in enumerate(rows)]
    return _svg(height, _spoken(title, rows), parts)


def plain(title: str, rows: Sequence[Row], scale: Scale) -> str:
    """The same picture in characters: `o` the estimate, `─` its interval."""
    axis = Axis(scale.low, scale.high, 0, TEXT_WIDTH - 1)
    wide = max(len(row.label) for row in rows)
    lines = [title]
    for row in rows:
        line = ["·" if place in {round(axis.at(mark)) for mark in scale.marks} else " " for place in range(TEXT_WIDTH)]
        for place in range(round(axis.at(row.estimate.low)), round(axis.at(row.estimate.high)) + 1):
            line[place] = "─"
        line[round(axis.at(row.estimate.value))] = "o"
        lines.append(f"  {row.label:<{wide}}  {''.join(line)}  {row.shown}")
    marks = [" "] * (TEXT_WIDTH + 6)
    for mark in scale.marks:
        said = _tick(mark, scale)
        start = max(0, round(axis.at(mark)) - len(said) // 2)
        marks[start : start + len(said)] = said
    lines.append(f"  {'':<{wide}}  {''.join(marks).rstrip()}")
    return "\n".join(lines)


def _row(row: Row, y: float, axis: Axis) -> str:
    low, high, x = axis.at(row.estimate.low), axis.at(row.estimate.high), axis.at(row.estimate.value)
    ends = "".join(f'<line x1="{e}" y1="{y - 5}" x2="{e}" y2="{y + 5}"/>' for e in (low, high))
    return (
        f'<g class="row {_class(row.shade)}"><text class="label" x="{LEFT}" y="{y + 4}">{escape(row.label)}</text>'
        f'<line x1="{low}" y1="{y}" x2="{high}" y2="{y}"/>{ends}<circle cx="{x}" cy="{y}" r="5"/>'
        f'<text class="shown" x="{WIDTH - RIGHT}" y="{y + 4}">{escape(row.shown)}</text></g>'
    )


def _class(shade: str) -> str:
    return "".join(sign if sign.isalnum() else "-" for sign in shade)


def _tick(mark: float, scale: Scale) -> str:
    if scale.unit:
        return f"{100 * mark:.0f}{scale.unit}"
    return f"{100 * mark:+.3g}".replace("-", "−") if mark else "0"


def _spoken(title: str, rows: Sequence[Row]) -> str:
    said = "; ".join(
        f"{row.label} {row.shown}, 95% interval {100 * row.estimate.low:.1f} to {100 * row.estimate.high:.1f}"
        for row in rows
    )
    return f"{title}: {said}"


def _svg(height: float, spoken: str, parts: Sequence[str]) -> str:
    return (
        f'<svg class="whiskers" viewBox="0 0 {WIDTH} {height:g}" role="img" aria-label="{escape(spoken)}">'
        f"{''.join(parts)}</svg>"
    )
