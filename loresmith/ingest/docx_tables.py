"""Word tables as grids: merged cells expanded, header rows told from the body."""

from collections.abc import Callable

from docx.oxml.ns import qn
from lxml import etree

from loresmith.ingest.grids import Grid, grid_from

_WIDEST = 200
"""Columns."""


def grid_of(table: etree._Element, text_of: Callable[[etree._Element], str]) -> Grid:
    """The cells of a `w:tbl`; a merged cell stands in every place that it covers."""
    cells: dict[tuple[int, int], str] = {}
    headers, titles = 0, set[int]()
    rows = list(_rows(table))
    for number, row in enumerate(rows):
        if row.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None and headers == number:
            headers += 1
        column = _number(row.find(f"{qn('w:trPr')}/{qn('w:gridBefore')}"), 0)
        for cell in row.iterchildren(qn("w:tc"), qn("w:sdt")):
            entry = cell if cell.tag == qn("w:tc") else next(cell.iter(qn("w:tc")), None)
            if entry is None:
                continue
            span = max(1, min(_WIDEST, _number(entry.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}"), 1)))
            merge = entry.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
            goes_on = merge is not None and merge.get(qn("w:val"), "continue") == "continue"
            text = cells.get((number - 1, column), "") if goes_on else text_of(entry)
            cells.update({(number, column + right): text for right in range(span)})
            column += span
            if span > 1 and len(row.findall(qn("w:tc"))) == 1:
                titles.add(number)
    return grid_from(cells, len(rows), headers, titles)


def _rows(table: etree._Element) -> list[etree._Element]:
    rows: list[etree._Element] = []
    for child in table.iterchildren(qn("w:tr"), qn("w:sdt")):
        rows += [child] if child.tag == qn("w:tr") else child.findall(f"{qn('w:sdtContent')}/{qn('w:tr')}")
    return rows


def _number(element: etree._Element | None, default: int) -> int:
    value = element.get(qn("w:val"), "") if element is not None else ""
    return int(value) if value.isdigit() else default
