"""Bars as SVG without outside parts; colours and fonts are the page's, by class name."""

from collections.abc import Mapping, Sequence
from html import escape

WIDTH, ROW, LABEL, FIGURE = 560, 26, 220, 96
LONGEST_LABEL = 32
"""Characters of a label that fit beside the bars."""
COLUMN, HEIGHT, ABOVE, BELOW = 52, 150, 20, 22


def across(title: str, counts: Mapping[str, int]) -> str:
    """A bar for each kind, with its count and share; the longest is the largest count."""
    total, largest = sum(counts.values()) or 1, max(counts.values(), default=0) or 1
    parts = []
    for number, (name, count) in enumerate(counts.items()):
        y, wide = number * ROW, round((WIDTH - LABEL - FIGURE) * count / largest, 1)
        shown = name if len(name) <= LONGEST_LABEL else f"{name[: LONGEST_LABEL - 1]}…"
        parts.append(
            f'<g><title>{escape(name)}</title><text class="label" x="{LABEL - 10}" y="{y + 17}">{escape(shown)}</text>'
            f'<rect x="{LABEL}" y="{y + 5}" width="{wide}" height="{ROW - 10}"/>'
            f'<text class="figure" x="{LABEL + wide + 8}" y="{y + 17}">{count} · {100 * count / total:.0f}%</text></g>'
        )
    spoken = "; ".join(f"{name} {count}" for name, count in counts.items())
    return _svg(WIDTH, ROW * max(len(counts), 1), f"{title}: {spoken}", parts)


def upright(title: str, names: Sequence[str], values: Sequence[float], *, most: float | None = None) -> str:
    """A column for each step of a scale; `most` is the height of the whole picture, by default the largest value."""
    highest = most or max(values, default=0) or 1
    parts = []
    for number, (name, value) in enumerate(zip(names, values, strict=True)):
        high = round((HEIGHT - ABOVE - BELOW) * value / highest, 1)
        x, top = number * COLUMN, HEIGHT - BELOW - high
        parts.append(
            f'<g><rect x="{x + 5}" y="{top:g}" width="{COLUMN - 10}" height="{high:g}"/>'
            f'<text class="step" x="{x + COLUMN / 2}" y="{top - 6:g}">{value:g}</text>'
            f'<text class="step" x="{x + COLUMN / 2}" y="{HEIGHT - 6}">{escape(name)}</text></g>'
        )
    spoken = "; ".join(f"{name} {value:g}" for name, value in zip(names, values, strict=True))
    return _svg(COLUMN * max(len(names), 1), HEIGHT, f"{title}: {spoken}", parts)


def _svg(width: int, height: int, spoken: str, parts: Sequence[str]) -> str:
    return f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(spoken)}">{"".join(parts)}</svg>'
