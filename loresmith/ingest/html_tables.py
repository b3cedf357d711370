"""HTML tables as grids: every span expanded, header rows told from the body."""

from collections.abc import Callable

from lxml import etree

from loresmith.ingest.grids import Grid, grid_from

_WIDEST = 200
"""Columns."""
_TALLEST = 20_000
"""Rows."""
_MOST_CELLS = 1_000_000
"""After expansion; what a hostile `colspan` times `rowspan` may not pass."""


def grid_of(table: etree._Element, text_of: Callable[[etree._Element], str]) -> Grid:
    """The cells of `table`, not of tables inside it; a spanning cell stands in every place that it covers."""
    cells: dict[tuple[int, int], str] = {}
    headers, titles = 0, set[int]()
    rows = [row for row in table.iterdescendants("tr") if next(row.iterancestors("table")) is table][:_TALLEST]
    widest = max(1, min(_WIDEST, _MOST_CELLS // max(1, len(rows))))
    for number, row in enumerate(rows):
        entries = [cell for cell in row if cell.tag in ("td", "th")]
        is_header = row.getparent().tag == "thead" or all(cell.tag == "th" for cell in entries)
        if entries and is_header and headers == number:
            headers += 1
        if len(entries) == 1 and _span(entries[0], "colspan", _WIDEST) > 1:
            titles.add(number)
        column = 0
        for cell in entries:
            while (number, column) in cells:
                column += 1
            if column >= widest:
                break
            across = _span(cell, "colspan", widest - column)
            down = _span(cell, "rowspan", len(rows) - number)
            text = text_of(cell)
            cells.update({(number + y, column + x): text for y in range(down) for x in range(across)})
            column += across
    return grid_from(cells, len(rows), headers, titles)


def _span(cell: etree._Element, name: str, limit: int) -> int:
    try:
        span = int(cell.get(name) or 1)
    except ValueError:
        return 1
    if span == 0:  # to the end of the table
        return max(1, limit)
    return max(1, min(span, limit))
