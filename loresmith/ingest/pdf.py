"""PDF as Markdown through the project's own layout layer; every page begins with its mark.

A page that is a picture of words is read by the system's tesseract where it is installed; without it a scan is refused
with the command that installs it.
"""

import re
from pathlib import Path

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from loresmith.errors import Unreadable
from loresmith.ingest.layout import scans
from loresmith.ingest.layout.reading import Layout, layout_of
from loresmith.ingest.layout.writing import markdown_of
from loresmith.records import Reading

_NO_TITLE = re.compile(
    r"untitled|microsoft word|\.(docx?|tex|dvi|pdf|indd|qxd|pptx?)\b|^(title|document\d*|\W*)$", re.IGNORECASE
)
_NOTE = re.compile(r"\[\^[^\]\s]+\]")


class PdfReader:
    """Reads PDFs, born digital or scanned."""

    suffixes: tuple[str, ...] = (".pdf",)

    def __init__(self, *, has_header_rows: bool = False) -> None:
        self._has_header_rows = has_header_rows

    def read(self, path: Path) -> Reading:
        """Headings, paragraphs, lists and tables in reading order.

        Raises:
            Unreadable: damaged, encrypted, or without a text layer.
        """
        try:
            document = pdfium.PdfDocument(path)
        except pdfium.PdfiumError as fault:
            raise Unreadable(path, _reason(fault)) from fault
        try:
            if not len(document):
                raise Unreadable(path, "damaged: it has no pages")
            layout = layout_of(document, has_header_rows=self._has_header_rows)
            named = document.get_metadata_value("Title")
        except pdfium.PdfiumError as fault:
            raise Unreadable(path, f"damaged: {fault}") from fault
        finally:
            document.close()
        if not layout.blocks:
            raise Unreadable(path, _silence(layout))
        markdown = markdown_of(layout.blocks, layout.pages)
        return Reading(title=_title(layout, named, path), markdown=markdown, pages=layout.pages)


def _reason(fault: pdfium.PdfiumError) -> str:
    code = getattr(fault, "err_code", None)
    if code == pdfium_c.FPDF_ERR_PASSWORD:
        return "encrypted; needs a password"
    if code == pdfium_c.FPDF_ERR_SECURITY:
        return "encrypted in a way that is not supported"
    if code == pdfium_c.FPDF_ERR_FORMAT:
        return "damaged, or no PDF"
    return f"damaged: {fault}"


def _silence(layout: Layout) -> str:
    """Why there is nothing to read."""
    share = f"{layout.empty_pages} of {layout.pages} pages"
    if layout.has_images:
        if scans.is_installed():
            return f"no text layer on {share}, and tesseract reads no words in its pictures"
        return f"no text layer on {share}; scanned? Install tesseract to read it: {scans.INSTALL}"
    return f"no text and no pictures on {share}; damaged, or drawn as curves?"


def _title(layout: Layout, named: str, path: Path) -> str:
    """The title on page 1, else the one in the file's properties, else the file's name."""
    for block in layout.blocks:
        if block.kind == "heading" and block.level == 1 and block.page == 1:
            return _NOTE.sub("", block.text)
    plain = " ".join(named.split())
    return path.stem if len(plain) < 4 or _NO_TITLE.search(plain) else plain
