"""Markdown of a card. What is not ours is made inert: no markup, no link, no mention, no formula."""

from collections.abc import Iterable, Sequence

from loresmith.report.markdown import escaped

ALSO = (("$", "&#36;"), ("@", "&#64;"), ("://", "&#58;//"), ("www.", "www&#46;"))
"""What the Hub acts upon besides Markdown: formulas, mentions, bare addresses."""


def safe(text: object) -> str:
    """`text` on one line, shown as it is and doing nothing."""
    line = escaped(str(text))
    for active, inert in ALSO:
        line = line.replace(active, inert)
    return line


def table(names: Sequence[str], rows: Iterable[Sequence[object]], *, right: int = 0) -> list[str]:
    """A table of made-inert cells; the last `right` columns are aligned to the right."""
    marks = ["---"] * (len(names) - right) + ["---:"] * right
    lines = [f"| {' | '.join(map(safe, names))} |", f"| {' | '.join(marks)} |"]
    return [*lines, *(f"| {' | '.join(map(safe, row))} |" for row in rows), ""]


def points(items: Iterable[object]) -> list[str]:
    """A list."""
    return [*(f"- {safe(item)}" for item in items), ""]


def block(language: str, text: str) -> list[str]:
    """Lines of code. Only for text of ours and names that were checked: nothing is escaped in it."""
    return [f"```{language}", *text.strip("\n").split("\n"), "```", ""]
