"""One document beside what was understood of it: page pictures with a box around every block, and its Markdown.

The page is one HTML file without scripts; the Markdown is rendered with HTML switched off. Formats without pages have
no picture. Not covered: editing what was understood.
"""

import base64
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pypdfium2 as pdfium
from markdown_it import MarkdownIt
from markupsafe import Markup

from loresmith.errors import Unreadable
from loresmith.ingest.layout.blocks import Block
from loresmith.ingest.layout.reading import layout_of
from loresmith.ingest.layout.writing import written
from loresmith.records import Reading
from loresmith.templates import templates_in

PIXELS_A_POINT = 1.4
"""Small type is legible, and a page of text is a JPEG of about 100 kB."""
MOST_PAGES = 60
AIR = 2.0
"""Points around a block: a line's box begins at the height of its small letters."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A block as it is shown: its box in percent of the page, and its Markdown as HTML."""

    number: int
    kind: str
    left: float
    top: float
    width: float
    height: float
    html: Markup


@dataclass(frozen=True, slots=True)
class Leaf:
    """A page as it is shown; `picture` is a data address, empty where there is none."""

    number: int
    picture: str
    blocks: tuple[Marked, ...]


def page_of(path: Path, reading: Reading) -> str:
    """The whole preview as HTML.

    Raises:
        Unreadable: a page of the PDF cannot be drawn.
    """
    try:
        leaves = list(_leaves(path)) if reading.pages and path.suffix.lower() == ".pdf" else []
    except pdfium.PdfiumError as fault:
        raise Unreadable(path, f"its pages cannot be drawn ({fault})") from fault
    environment = templates_in(Path(__file__).parent)
    return environment.get_template("preview.html").render(
        title=reading.title,
        source=path.name,
        pages=reading.pages or 0,
        leaves=leaves,
        whole=Markup("") if leaves else _rendered(reading.markdown),
    )


def _leaves(path: Path) -> Iterator[Leaf]:
    with pdfium.PdfDocument(path) as document:
        blocks = layout_of(document).blocks
        for number in range(1, min(len(document), MOST_PAGES) + 1):
            here = [block for block in blocks if block.page == number]
            page = document[number - 1]
            width, height = page.get_size()
            yield Leaf(number, _picture(page), tuple(_marked(here, width, height)))
            page.close()


def _marked(blocks: Sequence[Block], width: float, height: float) -> Iterator[Marked]:
    for number, block in enumerate(blocks, 1):
        box, text = block.box, "\n\n".join(written([block]))
        high, wide = (box.bottom - box.top + 2.5 * AIR) / height, (box.x1 - box.x0 + 2 * AIR) / width
        sides = ((box.x0 - AIR) / width, (box.top - 2 * AIR) / height, wide, high)
        left, top, wide, high = (round(100 * side, 2) for side in sides)
        yield Marked(number, block.kind, left, top, wide, high, _rendered(text))


def _picture(page: pdfium.PdfPage) -> str:
    out = io.BytesIO()
    page.render(scale=PIXELS_A_POINT).to_pil().convert("RGB").save(out, "JPEG", quality=70)
    return "data:image/jpeg;base64," + base64.b64encode(out.getvalue()).decode()


def _rendered(markdown: str) -> Markup:
    """HTML of the Markdown; a picture's address would call home, so pictures stay text.

    A footnote that is only an address would pass for a definition of a link and vanish.
    """
    writer = MarkdownIt("commonmark", {"html": False}).enable("table")
    writer.disable(["image", "link", "autolink", "reference"])
    return Markup(writer.render(markdown))
