"""Tables without rules: a stack of figures with the header over it becomes a region with columns of its own.

Not covered: tables of words alone, and tables of which a row's figures stand on several lines.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from loresmith.ingest.layout.believable import is_believable
from loresmith.ingest.layout.captions import CAPTION
from loresmith.ingest.layout.columns import Columns
from loresmith.ingest.layout.lines import runs_of
from loresmith.ingest.layout.page import Line, Page, Word
from loresmith.ingest.layout.regions import Region
from loresmith.ingest.layout.stacks import Cell, Stack, Strip, is_label_line, stacks_of, strips_of

_HEADER_STEP = 2.7
"""Type sizes between two lines of a header, and between header and body."""
_MOST_HEADER_LINES = 8
_FEWEST_VALUES = 4
"""Of a page with a table; fewer are not worth a look."""


@dataclass(frozen=True, slots=True)
class Unruled:
    """Where a table without rules stands, and its lines."""

    region: Region
    columns: Columns
    head: list[Line]
    """May be empty."""
    body: list[Line]

    @property
    def words(self) -> list[Word]:
        """All words of the table."""
        return [word for line in [*self.head, *self.body] for word in line]


def unruled_in(page: Page) -> list[Unruled]:
    """Every table that the white space of the page shows, downwards."""
    if sum(word.text[-1:].isdigit() or word.text[-1:] in "%)" for word in page.words) < _FEWEST_VALUES:
        return []
    strips = strips_of(page.words)
    found: list[Unruled] = []
    after = 0
    for stack in stacks_of(strips):
        after, end = stack.last + 1, after
        head, labels = _header(strips[end : stack.first], stack)
        head += _opening_years(stack)
        if is_believable(page, stack, has_header=bool(head)):
            found.append(_unruled(page, stack, head, labels if head else []))
    return found


def _opening_years(stack: Stack) -> list[Strip]:
    """The first row if its figures are years above other figures; it is taken out of the stack."""
    first, *rest = stack.rows
    if not first.has_years_alone or len(rest) < 2 or all(row.has_years_alone for row in rest):
        return []
    stack.rows, stack.lines = rest, stack.lines[1:]
    return [first]


def _header(above: Sequence[Strip], stack: Stack) -> tuple[list[Strip], list[Strip]]:
    """The header lines that stand over the stack, and the titles of sections between the two, each downwards."""
    head: list[Strip] = []
    labels: list[Strip] = []
    baseline = stack.rows[0].baseline
    for strip in reversed(above):
        inside = strip.within(stack.x0 - 2, stack.x1 + strip.size)
        if not inside:
            continue
        if baseline - strip.baseline > _HEADER_STEP * strip.size or len(head) == _MOST_HEADER_LINES:
            break
        if any(CAPTION.match(cell.text) for cell in inside):
            head = _without_caption(head, inside)
            break
        if not head and is_label_line(stack, inside) and inside[0].x1 < stack.left:
            labels.insert(0, strip)
        elif not (strip.is_row and not strip.has_years_alone) and _is_title_line(inside, stack):
            head.insert(0, strip)
        else:
            break
        baseline = strip.baseline
    return head, labels


def _without_caption(head: list[Strip], caption: Sequence[Cell]) -> list[Strip]:
    """The header without the further lines of the caption over it, which begin where its text does."""
    for place, strip in enumerate(head):
        first = strip.cells[0]
        if len(strip.cells) > 1 or all(abs(first.x0 - cell.x0) > 2 for cell in caption):
            return head[place:]
    return []


def _is_title_line(inside: Sequence[Cell], stack: Stack) -> bool:
    """Whether every cell is the title of the label column or of one or more columns of figures, and one of these."""
    over = [cell for cell in inside if cell.x1 > stack.left]
    if len(inside) == 1 and inside[0].x0 < stack.left - 3 * inside[0].words[0].size and _is_centred(inside[0], stack):
        return False
    return bool(over) and all(_is_title(cell, stack) for cell in over)


def _is_centred(cell: Cell, stack: Stack) -> bool:
    """Whether the cell stands in the middle of the table with its labels, as the name of the whole does."""
    return abs(cell.x0 + cell.x1 - stack.x0 - stack.x1) / 2 < cell.words[0].size


def _is_title(cell: Cell, stack: Stack) -> bool:
    """Whether the cell stands over figures: within a column's share of the width, or set on a span of columns."""
    size = cell.words[0].size
    if cell.x0 < (stack.x0 + stack.left) / 2 or len(cell.words) > 14:
        return False
    ends = [max((row.cells[0].x1 for row in stack.rows if row.cells[0].x1 < stack.left), default=stack.x0)]
    ends += [right for _, right in stack.columns]
    for first, (left, _) in enumerate(stack.columns):
        for last in range(first, len(stack.columns)):
            right = stack.columns[last][1]
            after = stack.columns[last + 1][0] if last + 1 < len(stack.columns) else right + 3 * size
            if cell.x0 > ends[first] - size and cell.x1 < after + size:
                return True
            if abs((cell.x0 + cell.x1 - left - right) / 2) < 1.2 * size:
                return True
    return False


def _unruled(page: Page, stack: Stack, head: list[Strip], labels: list[Strip]) -> Unruled:
    strips = [*head, *labels, *stack.lines]
    x0, x1 = stack.x0, stack.x1
    size = stack.rows[0].size
    kept = [_words(strip, x0 - 4 * size, x1 + 3 * size) for strip in strips]
    words = [word for line in kept for word in line]
    top, bottom = min(word.top for word in words) - 1, max(word.bottom for word in words) + 1
    body = kept[len(head) :]
    end = body[0][0].baseline - 0.5 * size if head else top  # below the rules that underline the header
    left = min(word.x0 for line in body for word in line)
    right = max(word.x1 for word in words)
    drawn = [rule.x1 for rule in page.strokes if top < rule.y < bottom and left < rule.x0 < right < rule.x1]
    right = max([right, *(x for x in drawn if x < right + 3 * size)])  # rules below titles reach a little further
    region = Region(left, right, (top, end, bottom))
    return Unruled(region, _columns(page, stack, region, kept[: len(head)]), kept[: len(head)], body)


def _words(strip: Strip, x0: float, x1: float) -> Line:
    """The words of the strip inside of the table, all on one baseline."""
    return [replace(word, baseline=strip.baseline) for cell in strip.within(x0, x1) for word in cell.words]


def _columns(page: Page, stack: Stack, region: Region, head: list[Line]) -> Columns:
    """One column for the labels, and one for each column of figures; the borders lie between the figures."""
    labels = [cell.x1 for row in stack.rows for cell in row.cells if not cell.is_value and cell.x1 < stack.left]
    columns = [(region.x0, max(labels)), *stack.columns] if labels else stack.columns
    drawn = [line.x for line in page.uprights if line.top < region.bottom and line.bottom > region.levels[1]]
    spans = _spans(page, region, head)
    cuts = []
    for one, two in pairwise(columns):
        between = [x for x in drawn if one[1] < x < two[0]]
        cuts.append(between[0] if between else _cut(one[1], two[0], spans))
    return Columns((region.x0 - 6, *cuts, region.x1 + 6))


def _spans(page: Page, region: Region, head: list[Line]) -> list[tuple[float, float]]:
    """What the borders of columns should not cut: words and titles of the header, and the rules below them."""
    titles = [(run[0].x0, run[-1].x1) for line in head for run in runs_of(line, 0.45)]
    words = [(word.x0, word.x1) for line in head for word in line]
    rules = [rule for rule in page.rules if region.top < rule.y < region.levels[1] + 1]
    lowest = max((rule.y for rule in rules), default=0.0)
    drawn = [(rule.x0, rule.x1) for rule in rules]
    leaves = [(rule.x0, rule.x1) for rule in rules if rule.y > lowest - 2]
    return titles + words + drawn + 5 * leaves  # the lowest rules end where columns do; all else may span several


def _cut(left: float, right: float, spans: Sequence[tuple[float, float]]) -> float:
    """Where between two columns fewest spans are cut in two, nearest to the middle."""
    places = [left + (right - left) * step / 40 for step in range(1, 40)]

    def cost(x: float) -> tuple[int, float]:
        return sum(x0 < x < x1 for x0, x1 in spans), abs(x - (left + right) / 2)

    return min(places, key=cost)
