from collections.abc import Callable, Sequence
from pathlib import Path

import pypdfium2 as pdfium
import pytest

from loresmith.ingest.layout.blocks import Block
from loresmith.ingest.layout.reading import layout_of

WritePdf = Callable[..., Path]
Grid = list[list[str]]
Tables = Callable[[str], list[Grid]]
Blocks = Callable[..., list[Block]]


@pytest.fixture
def tables(write_pdf: WritePdf) -> Tables:
    """The tables of a one-page PDF."""

    def read(page: str) -> list[Grid]:
        with pdfium.PdfDocument(write_pdf(page)) as document:
            return [list(map(list, block.rows)) for block in layout_of(document).blocks if block.kind == "table"]

    return read


@pytest.fixture
def blocks(write_pdf: WritePdf) -> Blocks:
    """The blocks of a PDF drawn from its pages."""

    def read(*pages: str, titles: Sequence[tuple[str, int]] = ()) -> list[Block]:
        with pdfium.PdfDocument(write_pdf(*pages, titles=titles)) as document:
            return layout_of(document).blocks

    return read
