"""The loss curve as one SVG without outside parts, readable on light and on dark ground."""

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

WIDTH, HEIGHT = 640, 320
LEFT, RIGHT, TOP, BOTTOM = 56, 16, 34, 40
TICKS = 5
SERIES = (("loss", "training", "train"), ("validation_loss", "validation", "watch"))

STYLE = """
text { font: 12px system-ui, sans-serif; fill: #333 }
.grid { stroke: #8884; stroke-width: 1 }
.axis { stroke: #888; stroke-width: 1 }
.train { stroke: #1f6fb4; fill: none; stroke-width: 2 }
.watch { stroke: #c2500a; fill: none; stroke-width: 2; stroke-dasharray: 6 3 }
.mark { stroke: none }
.mark.train { fill: #1f6fb4 }
.mark.watch { fill: #c2500a }
@media (prefers-color-scheme: dark) {
text { fill: #ddd }
.train { stroke: #6db3f2 } .mark.train { fill: #6db3f2 }
.watch { stroke: #ff9a57 } .mark.watch { fill: #ff9a57 }
}
"""


def drawn(logged: Sequence[Mapping[str, Any]]) -> str:
    """An SVG of the measurements in `logged`: loss in nats per completion token over optimizer steps."""
    points = {key: [(line["step"], line[key]) for line in logged if key in line] for key, _, _ in SERIES}
    everything = [point for series in points.values() for point in series]
    steps = ticks(0, max((step for step, _ in everything), default=1))
    losses = ticks(0, max((loss for _, loss in everything), default=1))

    def at(step: float, loss: float) -> tuple[float, float]:
        across = LEFT + (WIDTH - LEFT - RIGHT) * step / steps[-1]
        return round(across, 1), round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * loss / losses[-1], 1)

    parts = [_vertical(at, steps, losses[-1]), _horizontal(at, losses, steps[-1]), _words()]
    parts += [_curve([at(*point) for point in points[key]], kind) for key, _, kind in SERIES if points[key]]
    shown = [(label, kind) for key, label, kind in SERIES if points[key]]
    parts += [_legend(label, kind, number) for number, (label, kind) in enumerate(shown)]
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(_summary(points))}">\n<style>{STYLE}</style>\n{body}\n</svg>\n'
    )


def ticks(low: float, high: float) -> list[float]:
    """Round numbers from `low` to at least `high`, about `TICKS` steps apart."""
    span = max(high - low, 1e-9)
    rough = span / TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * (1 - 1e-9))
    return [low + step * number for number in range(math.ceil(span / step * (1 - 1e-9)) + 1)]


def _vertical(at: Any, steps: Sequence[float], top: float) -> str:
    lines = []
    for step in steps:
        (x, low), (_, high) = at(step, 0), at(step, top)
        lines.append(f'<line class="grid" x1="{x}" y1="{low}" x2="{x}" y2="{high}"/>')
        lines.append(f'<text x="{x}" y="{low + 16}" text-anchor="middle">{step:g}</text>')
    return "\n".join(lines)


def _horizontal(at: Any, losses: Sequence[float], last: float) -> str:
    lines = []
    for number, loss in enumerate(losses):
        (x, y), (right, _) = at(0, loss), at(last, loss)
        lines.append(f'<line class="{"grid" if number else "axis"}" x1="{x}" y1="{y}" x2="{right}" y2="{y}"/>')
        lines.append(f'<text x="{x - 6}" y="{y + 4}" text-anchor="end">{loss:.6g}</text>')
    return "\n".join(lines)


def _words() -> str:
    middle = (TOP + HEIGHT - BOTTOM) / 2
    return (
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 6}" text-anchor="middle">optimizer steps</text>\n'
        f'<text transform="translate(14 {middle}) rotate(-90)" text-anchor="middle">loss (nats per token)</text>'
    )


def _curve(points: Sequence[tuple[float, float]], kind: str) -> str:
    path = " ".join(f"{x},{y}" for x, y in points)
    marks = "".join(f'<circle class="mark {kind}" cx="{x}" cy="{y}" r="2.5"/>' for x, y in points[-1:])
    return f'<polyline class="{kind}" points="{path}"/>{marks}'


def _legend(label: str, kind: str, number: int) -> str:
    x = LEFT + 8 + 130 * number
    return f'<line class="{kind}" x1="{x}" y1="16" x2="{x + 28}" y2="16"/><text x="{x + 34}" y="20">{label}</text>'


def _summary(points: Mapping[str, Sequence[tuple[int, float]]]) -> str:
    said = [
        f"{label} loss from {points[key][0][1]:.3f} to {points[key][-1][1]:.3f}"
        for key, label, _ in SERIES
        if points[key]
    ]
    return "; ".join(said) or "no measurements"
