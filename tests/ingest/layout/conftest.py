from collections.abc import Callable
from pathlib import Path

import pypdfium2 as pdfium
import pytest

from loresmith.ingest.layout.reading import layout_of

WritePdf = Callable[..., Path]
Grid = list[list[str]]
Tables = Callable[[str], list[Grid]]


@pytest.fixture
def tables(write_pdf: WritePdf) -> Tables:
    """The tables of a one-page PDF."""

    def read(page: str) -> list[Grid]:
        with pdfium.PdfDocument(write_pdf(page)) as document:
            return [list(map(list, block.rows)) for block in layout_of(document).blocks if block.kind == "table"]

    return read
