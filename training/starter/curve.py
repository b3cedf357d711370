"""The learning curve as a small self-contained SVG, drawn from the run's log."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 760, 380, 56, 36, 120, 44
SERIES = (
    ("text_loss", "text", "#1f6f8b"),
    ("held_out_loss", "held-out text", "#0b3954"),
    ("answer_loss", "answers", "#c8553d"),
)
WINDOW = 10
"""Logged points averaged into one; single batches are too noisy to read."""

Point = tuple[float, float]


def read_log(path: Path) -> list[dict[str, float]]:
    """The rows of a `log.jsonl`."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def smooth(points: Sequence[Point], window: int = WINDOW) -> list[Point]:
    """Every point with the mean of itself and up to `window` - 1 points before it."""
    kept: list[Point] = []
    for place in range(len(points)):
        group = points[max(0, place - window + 1) : place + 1]
        kept.append((points[place][0], sum(value for _, value in group) / len(group)))
    return kept


def draw(rows: Sequence[dict[str, float]], tokens_before: Callable[[float], int]) -> str:
    """An SVG of the losses (nats a token) over the millions of tokens seen; `tokens_before(step)` counts them."""
    lines: list[tuple[str, str, list[Point]]] = []
    for key, label, colour in SERIES:
        points = [(tokens_before(row["step"]) / 1e6, row[key]) for row in rows if key in row]
        if points:
            lines.append((label, colour, points if key == "held_out_loss" else smooth(points)))
    right = max((x for _, _, points in lines for x, _ in points), default=1.0)
    top = max((y for _, _, points in lines for _, y in points), default=1.0)
    parts = [*_axes(right, top)]
    labels = [_y(points[-1][1], top) for _, _, points in lines]
    for (label, colour, points), height in zip(lines, _apart(labels), strict=True):
        path = " ".join(f"{_x(x, right):.1f},{_y(y, top):.1f}" for x, y in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(
            f'<text x="{WIDTH - RIGHT + 6}" y="{height + 4:.1f}" fill="{colour}">{label} {points[-1][1]:.2f}</text>'
        )
    name_space = 'xmlns="http://www.w3.org/2000/svg"'
    head = f'<svg {name_space} viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">'
    title = f'<text x="{LEFT}" y="20" font-size="14">Loss in nats a token, over millions of tokens seen</text>'
    return "\n".join([head, f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>', title, *parts, "</svg>", ""])


def _axes(right: float, top: float) -> list[str]:
    parts: list[str] = []
    for tick in range(int(top) + 1):
        height = _y(tick, top)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{height:.1f}" y2="{height:.1f}" stroke="#e3e3e3"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{height + 4:.1f}" text-anchor="end" fill="#555">{tick}</text>')
    for tick in range(6):
        value = right * tick / 5
        place = _x(value, right)
        parts.append(
            f'<text x="{place:.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle" fill="#555">{value:.1f}</text>'
        )
    return parts


def _apart(heights: Sequence[float], gap: float = 15.0) -> list[float]:
    """Label heights moved down where they would overlap, in the given order."""
    placed: dict[int, float] = {}
    last = -gap
    for index in sorted(range(len(heights)), key=lambda i: heights[i]):
        last = max(heights[index], last + gap)
        placed[index] = last
    return [placed[index] for index in range(len(heights))]


def _x(value: float, right: float) -> float:
    return LEFT + value / right * (WIDTH - LEFT - RIGHT)


def _y(value: float, top: float) -> float:
    return HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM)
