"""The cells of a sheet parted into blocks and written as tables; every merged cell is filled."""

from collections.abc import Iterator, Sequence

from loresmith.ingest.delimited import is_number
from loresmith.ingest.grids import Grid, grid_from, rows_of
from loresmith.ingest.long_tables import table_parts
from loresmith.ingest.markup import safe_paragraph

Cells = dict[tuple[int, int], str]
"""Text by (row, column), both from 1; empty cells are absent."""
Span = tuple[int, int, int, int]
"""First column, first row, last column, last row."""
_LARGEST_SPAN = 100_000
"""Cells; a span of whole columns is decoration."""
_MOST_HEADER_ROWS = 4


def merge(cells: Cells, spans: Sequence[Span]) -> list[Span]:
    """Fill every cell that a merged one covers, in place; the spans that were filled."""
    filled = []
    for span in spans:
        left, top, right, bottom = span
        text = cells.get((top, left))
        if text and (right - left + 1) * (bottom - top + 1) <= _LARGEST_SPAN:
            cells.update({(row, column): text for row in range(top, bottom + 1) for column in range(left, right + 1)})
            filled.append(span)
    return filled


def blocks_of(cells: Cells, spans: Sequence[Span]) -> Iterator[str]:
    """Markdown of each block from the top; a single cell, also one merged over its whole block, is a paragraph."""
    for part in _with_rows_joined(_parted(cells)):
        if len(set(part.values())) == 1 and _is_one_cell(part, spans):
            yield safe_paragraph(" ".join(next(iter(part.values())).split()))
            continue
        rows = rows_of(_grid(part, spans))
        yield from table_parts(rows[0], rows[1:])


def _parted(cells: Cells) -> list[Cells]:
    """The cells cut along rows, then columns, that are empty from edge to edge, until nothing can be cut."""
    finished: list[Cells] = []
    waiting = [cells]
    while waiting:
        part = waiting.pop(0)
        for axis in (0, 1):
            pieces = _cut(part, axis)
            if len(pieces) > 1:
                waiting[:0] = pieces
                break
        else:
            finished.append(part)
    return finished


def _cut(cells: Cells, axis: int) -> list[Cells]:
    places = sorted({place[axis] for place in cells})
    group_of: dict[int, int] = {}
    group = 0
    for index, place in enumerate(places):
        group += index > 0 and place > places[index - 1] + 1
        group_of[place] = group
    pieces: list[Cells] = [{} for _ in range(group + 1)]
    for cell, text in cells.items():
        pieces[group_of[cell[axis]]][cell] = text
    return pieces


def _with_rows_joined(parts: Sequence[Cells]) -> list[Cells]:
    """Blocks of the same columns in which the lower one goes on with numbers are one table with a gap."""
    joined: list[Cells] = []
    for part in parts:
        if joined and _goes_on(joined[-1], part):
            joined[-1] = joined[-1] | part
        else:
            joined.append(part)
    return joined


def _goes_on(upper: Cells, lower: Cells) -> bool:
    columns = {column for _, column in upper}
    if len(columns) < 2 or columns != {column for _, column in lower}:
        return False
    last, first = max(row for row, _ in upper), min(row for row, _ in lower)
    if first - last != 2 or len({row for row, _ in upper}) < 2:  # one empty row, below more than a header
        return False
    numeric = {column for column in columns if is_number(upper.get((last, column), ""))}
    return bool(numeric) and all(is_number(lower.get((first, column), "")) for column in numeric)


def _is_one_cell(part: Cells, spans: Sequence[Span]) -> bool:
    return len(part) == 1 or any((span[1], span[0]) in part and len(part) == _size(span) for span in spans)


def _size(span: Span) -> int:
    left, top, right, bottom = span
    return (right - left + 1) * (bottom - top + 1)


def _grid(part: Cells, spans: Sequence[Span]) -> Grid:
    top, left = min(row for row, _ in part), min(column for _, column in part)
    bottom, right = max(row for row, _ in part), max(column for _, column in part)
    inside = [span for span in spans if (span[1], span[0]) in part]
    titles = {row - top for x0, row, x1, y1 in inside if (x0, x1) == (left, right) and y1 == row}
    moved = {(row - top, column - left): text for (row, column), text in part.items()}
    return grid_from(moved, bottom - top + 1, _header_rows(part, inside, top, bottom), titles)


def _header_rows(part: Cells, spans: Sequence[Span], top: int, bottom: int) -> int:
    """One row, and below it as many as its merged cells reach or stand above, as long as they hold no number."""
    last = top
    for _ in range(_MOST_HEADER_ROWS - 1):
        here = [span for span in spans if span[1] <= last <= span[3]]
        reach = max((span[3] for span in here), default=last)
        stands_above = any(span[2] > span[0] and span[3] == last for span in here)
        following = max(reach, last + 1 if stands_above else last)
        if following == last or following >= bottom or _holds_number(part, last + 1, following):
            break
        last = following
    return last - top + 1


def _holds_number(part: Cells, first: int, last: int) -> bool:
    return any(first <= row <= last and is_number(text) for (row, _), text in part.items())
