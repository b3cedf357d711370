"""Whether a stack of figures is a table: lists of contents, plots, equations and numbered prose are told from it."""

from itertools import pairwise

from loresmith.ingest.layout.amounts import is_year
from loresmith.ingest.layout.figures import figure_words
from loresmith.ingest.layout.page import Page
from loresmith.ingest.layout.stacks import Stack

_FEWEST_ROWS = 3
_FEWEST_LONE_ROWS = 4
"""Of a table with one column of figures."""
_FORMULA = frozenset("=∑∏∫√∂∇∈≤≥←→⊕∥λθ")
_LABELLED = 0.6
"""Share of rows that begin with words."""
_MONEY = frozenset("$€£¥%,.")


def is_believable(page: Page, stack: Stack, *, has_header: bool) -> bool:
    """Whether the stack is a table rather than something else with figures under each other."""
    if len(stack.rows) < _FEWEST_ROWS or not _is_labelled(stack, has_header=has_header) or _is_formula(stack):
        return False
    series = _series(stack)
    if not series or all(map(_is_scale, series)):
        return False
    if len(series) == 1 and not _is_lone_column(series[0], has_header=has_header):
        return False
    return not _is_plotted(page, stack)


def _is_labelled(stack: Stack, *, has_header: bool) -> bool:
    """Whether most rows begin with words, or with figures that a header names."""
    named = sum(any(map(str.isalpha, row.cells[0].text)) and not row.cells[0].is_value for row in stack.rows)
    if named >= _LABELLED * len(stack.rows):
        return True
    firsts = [row.cells[0].text for row in stack.rows]
    years = sum(map(is_year, firsts))
    return has_header and len(set(firsts)) == len(firsts) and years >= _LABELLED * len(firsts)


def _series(stack: Stack) -> list[list[str]]:
    """The figures of each column that is one, downwards."""
    found = []
    for left, right in stack.columns:
        texts = [cell.text for row in stack.rows for cell in row.values if left <= (cell.x0 + cell.x1) / 2 <= right]
        if len(texts) >= max(2, 0.25 * len(stack.rows)):
            found.append(texts)
    return found


def _is_lone_column(texts: list[str], *, has_header: bool) -> bool:
    """Whether one column of figures can be a table: no page numbers, no numbers of equations."""
    if len(texts) < _FEWEST_LONE_ROWS:
        return False
    plain = [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) <= 4]
    if len(plain) >= 0.7 * len(texts) and plain == sorted(plain):
        return False
    return has_header or sum(not _MONEY.isdisjoint(text) for text in texts) >= 0.5 * len(texts)


def _is_scale(texts: list[str]) -> bool:
    """Whether the figures go on in equal steps, as along the axis of a plot."""
    try:
        numbers = [float(text.replace(",", "").replace("−", "-").strip("%$")) for text in texts]
    except ValueError:
        return False
    steps = {round(two - one, 6) for one, two in pairwise(numbers)}
    return len(steps) == 1 and steps != {0.0}


def _is_formula(stack: Stack) -> bool:
    signs = sum(any(not _FORMULA.isdisjoint(cell.text) for cell in row.cells) for row in stack.rows)
    return signs > 0.2 * len(stack.rows)


def _is_plotted(page: Page, stack: Stack) -> bool:
    """Whether most words of the stack are those of a plot that the page draws."""
    plotted = figure_words(page, page.words)
    if not plotted:
        return False
    top, bottom = stack.rows[0].baseline - stack.rows[0].size, stack.rows[-1].baseline + 1
    inside = [
        place
        for place, word in enumerate(page.words)
        if top < word.baseline < bottom and stack.x0 - 1 < word.x0 and word.x1 < stack.x1 + 1
    ]
    return len(plotted.intersection(inside)) > 0.5 * len(inside)
