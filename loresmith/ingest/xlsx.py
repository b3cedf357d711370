"""XLSX as Markdown: a heading per sheet, and a table for each block of cells that empty rows or columns set apart.

No formula is ever computed: a cell shows the value that was saved with it, and nothing where a program saved none.
Not covered: charts, comments, pivots, macros, the old .xls; merged cells of books above `_LARGEST_IN_MEMORY`.
"""

import zipfile
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import openpyxl
from lxml import etree

from loresmith.errors import Unreadable
from loresmith.ingest.archives import DAMAGED, check_archive
from loresmith.ingest.markup import heading
from loresmith.ingest.sheet_blocks import Cells, blocks_of, merge
from loresmith.ingest.sheet_values import shown
from loresmith.records import Reading

_MOST_ROWS = 20_000
"""Filled rows taken from one sheet; what lies below is cut with a note."""
_WIDEST = 500
"""Columns."""
_LAST_ROW = 200_000
_LARGEST_IN_MEMORY = 20 << 20
"""Bytes of sheet XML above which sheets are streamed: openpyxl needs about ten times as much to hold them."""


class XlsxReader:
    """Reads Excel workbooks."""

    suffixes: tuple[str, ...] = (".xlsx", ".xlsm")

    def read(self, path: Path) -> Reading:
        """The visible sheets in order.

        Raises:
            Unreadable: damaged, encrypted, unpacking to an absurd size, declaring XML entities, or without a value.
        """
        try:
            check_archive(path)
            workbook = openpyxl.load_workbook(path, data_only=True, read_only=_is_large(path), keep_links=False)
            try:
                named = " ".join((workbook.properties.title or "").split())
                blocks = [block for sheet in workbook.worksheets for block in _blocks(sheet)]
            finally:
                workbook.close()
        except (*DAMAGED, etree.LxmlError, SyntaxError) as fault:
            raise Unreadable(path, "damaged, or no XLSX") from fault
        except (KeyError, ValueError, TypeError, AttributeError, IndexError, AssertionError) as fault:
            raise Unreadable(path, f"damaged: {fault}") from fault
        if not blocks:
            raise Unreadable(path, "no cell with a value")
        return Reading(title=named or path.stem, markdown="\n\n".join(blocks) + "\n", pages=None)


def _is_large(path: Path) -> bool:
    with zipfile.ZipFile(path) as archive:
        return (
            sum(part.file_size for part in archive.infolist() if part.filename.startswith("xl/worksheets/"))
            > _LARGEST_IN_MEMORY
        )


def _blocks(sheet: Any) -> Iterator[str]:
    """The sheet's heading and tables; nothing for a hidden or empty one."""
    if sheet.sheet_state != "visible":
        return
    cells, is_cut = _cells(sheet)
    if not cells:
        return
    yield heading(sheet.title, 2)
    spans = [merged.bounds for merged in sheet.merged_cells.ranges] if hasattr(sheet, "merged_cells") else []
    yield from blocks_of(cells, merge(cells, spans))
    if is_cut:
        yield f"Cut: the sheet goes on after {_MOST_ROWS} rows and {_WIDEST} columns."


def _cells(sheet: Any) -> tuple[Cells, bool]:
    """What is shown at each (row, column), counted from 1, and whether the sheet holds more."""
    cells: Cells = {}
    filled = 0
    height, width = sheet.max_row or _LAST_ROW, sheet.max_column or _WIDEST  # a streamed sheet may not say
    is_cut = width > _WIDEST or height > _LAST_ROW
    for number, row in _rows(sheet, min(height, _LAST_ROW), min(width, _WIDEST)):
        valued = ((column, cell) for column, cell in row if cell.value is not None)
        texts = {(number, column): shown(cell.value, cell.number_format) for column, cell in valued}
        texts = {place: text for place, text in texts.items() if text}
        if not texts:
            continue
        if filled == _MOST_ROWS:
            return cells, True
        cells.update(texts)
        filled += 1
    return cells, is_cut and bool(cells)


def _rows(sheet: Any, height: int, width: int) -> Iterator[tuple[int, Iterable[tuple[int, Any]]]]:
    """Number and (column, cell) of each row, all counted from 1; of a sheet in memory only the cells that exist."""
    if sheet.parent.read_only:
        for number, row in enumerate(sheet.iter_rows(max_row=height, max_col=width), 1):
            yield number, enumerate(row, 1)
        return
    held = sheet._cells  # iter_rows would make all the others: 17 billion up to the last cell of a sheet
    places = sorted((row, column) for row, column in held if row <= height and column <= width)
    for number, here in groupby(places, key=lambda place: place[0]):
        yield number, [(place[1], held[place]) for place in here]
