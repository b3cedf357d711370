"""Stacks of figures: lines under each other whose figures stand in the same columns, as in a table without rules.

Lines are cut into cells at wide gaps. What makes a table is figures above figures, so prose in columns, lists of
references and addresses never begin one. Not covered: tables of words alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from loresmith.ingest.layout.accents import overlap
from loresmith.ingest.layout.amounts import is_value, is_year, with_signs_attached
from loresmith.ingest.layout.captions import CAPTION
from loresmith.ingest.layout.lines import lines_of, text_of, type_size
from loresmith.ingest.layout.page import Line, Word

_GAP = 0.9
"""Type sizes between two cells; stretched spaces of prose are narrower."""
_FIGURE_GAP = 0.55
"""Between two figures; the space that parts thousands is narrower."""
_REACH = 3.6
"""Type sizes from one row to the next; one blank row is inside."""
_LONE_REACH = 1.8
"""To a line with one figure and nothing else."""
_OFFSET = 0.45
"""Most type sizes by which a label and its figures stand at different heights."""
_MOST_LABELS = 5
"""Lines in a row without figures: titles of sections, wrapped labels."""
_WIDEST_TITLE = 0.75
"""Share of the table's width; a line that is wider is prose."""


class Cell(NamedTuple):
    """Words between two wide gaps of a line."""

    x0: float
    x1: float
    text: str
    words: Line
    is_value: bool


@dataclass(frozen=True, slots=True)
class Strip:
    """A line of a page as cells."""

    cells: tuple[Cell, ...]
    baseline: float
    size: float

    @property
    def values(self) -> list[Cell]:
        """The cells that are figures."""
        return [cell for cell in self.cells if cell.is_value]

    @property
    def is_row(self) -> bool:
        """Whether the line can be a row: a label and figures, or several figures; years alone are a header."""
        values = self.values
        if not values or (len(values) == len(self.cells) and self.has_years_alone):
            return False
        return len(values) >= 2 or not self.cells[0].is_value

    @property
    def has_years_alone(self) -> bool:
        """Whether the figures are years alone, which title columns."""
        return all(is_year(cell.text) for cell in self.values)

    def within(self, x0: float, x1: float) -> list[Cell]:
        """The cells that reach into the stretch."""
        return [cell for cell in self.cells if cell.x1 > x0 and cell.x0 < x1]


@dataclass(slots=True)
class Stack:
    """Strips that belong to one table, while it grows downwards."""

    first: int
    """Place of the first row among the strips of the page."""
    last: int
    rows: list[Strip]
    lines: list[Strip]
    """Rows and the lines of labels between them."""
    columns: list[tuple[float, float]] = field(default_factory=list)
    """Extents of the columns of figures, ascending."""
    x0: float = 0.0

    @property
    def x1(self) -> float:
        """Where the last column of figures ends."""
        return self.columns[-1][1]

    @property
    def left(self) -> float:
        """Where the first column of figures begins."""
        return self.columns[0][0]


def strips_of(words: Sequence[Word]) -> list[Strip]:
    """The lines of a page as cells, downwards; labels and figures set a little off each other are one line."""
    lines: list[Line] = []
    for line in lines_of(words):
        if lines and _is_beside(lines[-1], line):
            lines[-1] = sorted([*lines[-1], *line], key=lambda word: word.x0)
        else:
            lines.append(line)
    return [_strip(with_signs_attached(line)) for line in lines]


def _is_beside(above: Line, line: Line) -> bool:
    """Whether two lines differ so little in height, and so much in place, that they are one."""
    if line[0].baseline - above[0].baseline > _OFFSET * line[0].size:
        return False
    return all(one.x1 < two.x0 or two.x1 < one.x0 for one in above for two in line)


def _strip(line: Line) -> Strip:
    groups: list[Line] = [[line[0]]]
    for before, word in pairwise(line):
        both = is_value(before.text) and is_value(word.text)
        if word.x0 - before.x1 >= (_FIGURE_GAP if both else _GAP) * max(word.size, before.size):
            groups.append([word])
        else:
            groups[-1].append(word)
    cells = []
    for group in groups:
        text = text_of(group)
        cells.append(Cell(group[0].x0, group[-1].x1, text, group, is_value(text)))
    return Strip(tuple(cells), line[-1].baseline, type_size(line))


def stacks_of(strips: Sequence[Strip]) -> list[Stack]:
    """Every stack with at least two rows."""
    stacks: list[Stack] = []
    place = 0
    while place < len(strips):
        stack = _grown(strips, place) if strips[place].is_row else None
        if stack is not None and len(stack.rows) >= 2:
            stack.columns = _without_dash_columns(stack)
            stacks.append(stack)
            place = stack.last + 1
        else:
            place += 1
    return stacks


def _grown(strips: Sequence[Strip], first: int) -> Stack:
    """The stack that begins with the row at `first`."""
    row = strips[first]
    stack = Stack(first, first, [row], [row])
    _add_columns(stack, row)
    stack.x0 = _left_end(row)
    pending: list[Strip] = []
    for place in range(first + 1, len(strips)):
        strip = strips[place]
        inside = strip.within(stack.x0 - 4 * strip.size, stack.x1 + strip.size)
        if not inside:
            continue  # of the other column of the page
        above = (pending or stack.lines)[-1]
        if strip.baseline - above.baseline > _REACH * max(strip.size, above.size):
            break
        if _is_row_of(stack, strip, inside):
            stack.rows.append(strip)
            stack.lines += [*pending, strip]
            stack.last, pending = place, []
            _add_columns(stack, strip)
            if not strip.cells[0].is_value:
                stack.x0 = min(stack.x0, _left_end(strip))
        elif len(pending) < _MOST_LABELS and is_label_line(stack, inside):
            pending.append(strip)
        else:
            break
    return stack


def _left_end(row: Strip) -> float:
    """Where the label begins: the cell in front of the first figure."""
    first = next(place for place, cell in enumerate(row.cells) if cell.is_value)
    return row.cells[max(0, first - 1)].x0


def _is_row_of(stack: Stack, strip: Strip, inside: Sequence[Cell]) -> bool:
    """Whether figures of the line stand in columns of the stack, at least half of them and of its cells."""
    values = [cell for cell in inside if cell.is_value]
    if not values or (len(values) == len(inside) and all(is_year(cell.text) for cell in values)):
        return False
    if len(inside) == 1 and strip.baseline - stack.lines[-1].baseline > _LONE_REACH * strip.size:
        return False  # the number of the page
    aligned = sum(any(_stands_in(cell, column, strip.size) for column in stack.columns) for cell in values)
    texts = [cell for cell in inside if not cell.is_value and cell.x0 > stack.left - strip.size]
    return aligned * 2 >= len(values) and len(texts) <= max(1, len(values))


def _stands_in(cell: Cell, column: tuple[float, float], size: float) -> bool:
    """Whether cell and column share an edge or their middle, or the narrower one stands nearly half in the other."""
    shifts = (cell.x0 - column[0], cell.x1 - column[1], (cell.x0 + cell.x1 - column[0] - column[1]) / 2)
    return any(abs(shift) < 0.7 * size for shift in shifts) or overlap((cell.x0, cell.x1), column) > 0.4


def is_label_line(stack: Stack, inside: Sequence[Cell]) -> bool:
    """Whether the line is a label alone: the title of a section, or part of a label that is wrapped."""
    if len(inside) != 1 or inside[0].is_value or CAPTION.match(inside[0].text):
        return False
    cell = inside[0]
    is_short = cell.x1 < stack.left or cell.x1 - cell.x0 < _WIDEST_TITLE * (stack.x1 - stack.x0)
    return is_short and abs(cell.x0 - stack.x0) < max(3.0 * cell.words[0].size, 0.25 * (stack.left - stack.x0))


def _add_columns(stack: Stack, row: Strip) -> None:
    """The columns of the stack, widened by the figures of one more row."""
    places = sorted([*stack.columns, *((cell.x0, cell.x1) for cell in row.values)])
    merged = [places[0]]
    for x0, x1 in places[1:]:
        if x0 <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], x1))
        else:
            merged.append((x0, x1))
    stack.columns = merged


def _without_dash_columns(stack: Stack) -> list[tuple[float, float]]:
    """The columns; one of dashes, which stand off the figures of their column, is part of the one beside it."""
    columns = list(stack.columns)
    filled = [{place for place, row in enumerate(stack.rows) if _fills(row, column)} for column in columns]
    place = 0
    while place < len(columns):
        beside = [other for other in (place - 1, place + 1) if 0 <= other < len(columns)]
        free = [other for other in beside if not filled[other] & filled[place]]
        if free and _has_only_dashes(stack, columns[place]):
            other = min(free, key=lambda each: _distance(columns[each], columns[place]))
            first, last = min(place, other), max(place, other)
            columns[first : last + 1] = [(columns[first][0], columns[last][1])]
            filled[first : last + 1] = [filled[first] | filled[last]]
        else:
            place += 1
    return columns


def _distance(one: tuple[float, float], two: tuple[float, float]) -> float:
    return max(one[0] - two[1], two[0] - one[1])


def _fills(row: Strip, column: tuple[float, float]) -> bool:
    return any(column[0] <= (cell.x0 + cell.x1) / 2 <= column[1] for cell in row.values)


def _has_only_dashes(stack: Stack, column: tuple[float, float]) -> bool:
    cells = [cell for row in stack.rows for cell in row.values if column[0] <= (cell.x0 + cell.x1) / 2 <= column[1]]
    return not any(map(str.isdigit, "".join(cell.text for cell in cells)))
