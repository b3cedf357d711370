"""What slides hold besides text: tables with merged cells, the figures behind charts, the words of diagrams.

Not covered: the figures of charts that python-pptx does not know (3-D, surface, stock, a pie of a pie).
"""

from collections.abc import Iterator
from typing import Any

from lxml import etree
from pptx.oxml.ns import qn

from loresmith.ingest.grids import Grid, grid_from, rows_of
from loresmith.ingest.markup import pipe_table, safe_paragraph, safe_text
from loresmith.ingest.pptx_text import paragraph_text

_DIAGRAM = "http://schemas.openxmlformats.org/drawingml/2006/diagram"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_WIDEST = 200
"""Columns that one cell may span."""


def frame_blocks(shape: Any) -> Iterator[str]:
    """The blocks of a table, a chart or a diagram, as far as they are understood; none for pictures and the rest."""
    try:
        yield from _blocks(shape)
    except (ValueError, KeyError):  # a kind of chart without a reader, a part that is not there: the slide goes on
        return


def _blocks(shape: Any) -> Iterator[str]:
    if getattr(shape, "has_table", False):
        yield pipe_table(rows_of(_grid(shape.table)))
    elif getattr(shape, "has_chart", False):
        yield from _chart(shape.chart)
    else:
        yield "\n".join(f"- {safe_text(text)}" for text in _diagram(shape))


def _grid(table: Any) -> Grid:
    cells: dict[tuple[int, int], str] = {}
    titles = set[int]()
    rows = list(table._tbl.tr_lst)
    width = len(table._tbl.tblGrid.gridCol_lst)
    for number, row in enumerate(rows):
        for column, cell in enumerate(row.tc_lst):
            if (number, column) in cells:  # below or beside the cell that it is merged into
                continue
            text = " ".join(filter(None, map(paragraph_text, cell.iter(qn("a:p")))))
            across, down = min(_WIDEST, cell.gridSpan), min(len(rows) - number, cell.rowSpan)
            cells.update({(number + y, column + x): text for y in range(down) for x in range(across)})
            if across >= width > 1:
                titles.add(number)
    return grid_from(cells, len(rows), _header_rows(table), titles)


def _header_rows(table: Any) -> int:
    """The first row, and those that its merged cells reach."""
    first = table._tbl.tr_lst[0].tc_lst if table._tbl.tr_lst else []
    return max((cell.rowSpan for cell in first), default=1) if table.first_row else 1


def _chart(chart: Any) -> Iterator[str]:
    """The chart's title and a table: a row per category, a column per series."""
    if chart.has_title and chart.chart_title.has_text_frame:
        yield safe_paragraph(" ".join(chart.chart_title.text_frame.text.split()))
    plots = list(chart.plots)
    series = [each for plot in plots for each in plot.series]
    categories = [str(label) for label in plots[0].categories] if plots else []
    if not series:
        return
    columns = [[_figure(value) for value in each.values] for each in series]
    height = max([len(categories), *map(len, columns)])
    names = [*categories, *map(str, range(len(categories) + 1, height + 1))]
    rows = [[names[row], *(column[row] if row < len(column) else "" for column in columns)] for row in range(height)]
    yield pipe_table([["", *(each.name or "" for each in series)], *rows])


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.10g}"


def _diagram(shape: Any) -> Iterator[str]:
    """The texts of a SmartArt drawing in the order of its points."""
    for reference in shape.element.iter(f"{{{_DIAGRAM}}}relIds"):
        part = shape.part.related_part(reference.get(f"{_RELATION}dm"))
        parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
        for paragraph in etree.fromstring(part.blob, parser).iter(qn("a:p")):
            text = paragraph_text(paragraph)
            if text:
                yield text
