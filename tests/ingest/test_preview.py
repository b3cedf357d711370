"""The page that lays a document beside what was understood of it."""

import base64
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from loresmith.errors import Unreadable
from loresmith.ingest.markdown import MarkdownReader
from loresmith.ingest.pdf import PdfReader
from loresmith.ingest.preview import page_of
from loresmith.records import Reading

WritePdf = Callable[..., Path]
PAGE = """72 100 16 bold 1 Valves
72 130 11 regular The relief valve opens at 4 bar and closes
72 144 11 regular again when the pressure falls."""


@pytest.fixture
def shown(write_pdf: WritePdf) -> str:
    path = write_pdf(PAGE, "72 100 11 regular A second page has one line of text.")
    return page_of(path, PdfReader().read(path))


def test_every_page_has_its_picture(shown: str) -> None:
    pictures = re.findall(r"data:image/jpeg;base64,([^\"]+)", shown)
    sizes = [Image.open(io.BytesIO(base64.b64decode(picture))).size for picture in pictures]
    assert len(sizes) == 2
    assert all(width < height for width, height in sizes)


def test_a_box_and_its_text_share_a_number(shown: str) -> None:
    boxes = re.findall(r'href="#(block-\d+-\d+)"', shown)
    assert boxes == re.findall(r'<article class="\w+" id="(block-\d+-\d+)"', shown)
    assert len(boxes) == 3


def test_a_box_lies_where_its_words_are(shown: str) -> None:
    places = re.findall(r'<a class="paragraph"[^>]*style="left:([\d.]+)%;top:([\d.]+)%', shown)
    left, top = map(float, places[0])
    assert left == pytest.approx(100 * 70 / 612, abs=0.5)
    assert top == pytest.approx(100 * 120 / 792, abs=1.0)


def test_what_a_document_says_is_never_html_of_the_page(tmp_path: Path) -> None:
    path = tmp_path / "notes.md"
    path.write_text("# <b>Bold</b>\n\n<script>alert(1)</script> ![x](http://elsewhere/x.png)\n", encoding="utf-8")
    page = page_of(path, MarkdownReader().read(path))
    assert "<script" not in page
    assert "<b>" not in page
    assert "<img" not in page


def test_a_footnote_that_is_only_an_address_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "notes.md"
    path.write_text("It opens at 4 bar.[^1]\n\n[^1]: https://example.org/valves\n", encoding="utf-8")
    page = page_of(path, MarkdownReader().read(path))
    assert "[^1]: https://example.org/valves" in page
    assert "4 bar.[^1]" in page


def test_a_document_without_pages_is_shown_whole(tmp_path: Path) -> None:
    path = tmp_path / "notes.md"
    path.write_text("# Pumps\n\n| a | b |\n|---|---|\n| 1 | 2 |\n", encoding="utf-8")
    page = page_of(path, MarkdownReader().read(path))
    assert "<td>2</td>" in page
    assert "<figure>" not in page


def test_a_pdf_that_cannot_be_drawn_says_so(tmp_path: Path) -> None:
    (tmp_path / "paper.pdf").write_bytes(b"%PDF-1.4 and no more")
    with pytest.raises(Unreadable, match="cannot be drawn"):
        page_of(tmp_path / "paper.pdf", Reading(title="Read otherwise", markdown="Text.\n", pages=1))
