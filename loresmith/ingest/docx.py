"""DOCX as Markdown: headings by style or outline level, lists, tables with merged cells, footnotes, text boxes.

Not covered: images, headers and footers, comments, deleted revisions, equations as LaTeX (their letters are kept in
order), page numbers (a DOCX has no pages until it is laid out).
"""

import zipfile
from pathlib import Path

import docx
from docx.opc.exceptions import OpcError
from lxml import etree

from loresmith.errors import Unreadable
from loresmith.ingest.docx_blocks import markdown_blocks
from loresmith.records import Reading

_LARGEST_BYTES = 300 << 20
"""Of all parts together, unpacked."""
_HIGHEST_RATIO = 200
"""Unpacked to packed size of one part, above 1 MB; text reaches about 20."""
_MOST_PARTS = 20_000


class DocxReader:
    """Reads Word documents."""

    suffixes: tuple[str, ...] = (".docx",)

    def read(self, path: Path) -> Reading:
        """The body of the document in order.

        Raises:
            Unreadable: damaged, no DOCX, unpacking to an absurd size, declaring XML entities, or without text.
        """
        try:
            _check_archive(path)
            document = docx.Document(str(path))
            blocks = markdown_blocks(document)
            named = document.core_properties.title or ""
        except (zipfile.BadZipFile, OpcError, etree.LxmlError, KeyError, ValueError, AttributeError) as fault:
            raise Unreadable(path, "damaged, or no DOCX") from fault
        if not blocks:
            raise Unreadable(path, "no text in the document's body")
        first = next((block.lstrip("# ") for block in blocks if block.startswith("#")), "")
        title = " ".join(named.split()) or first or path.stem
        return Reading(title=title, markdown="\n\n".join(blocks) + "\n", pages=None)


def _check_archive(path: Path) -> None:
    """Look at what would be unpacked before anything is parsed."""
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        total = sum(part.file_size for part in parts)
        if len(parts) > _MOST_PARTS or total > _LARGEST_BYTES:
            raise Unreadable(path, f"it would unpack to {total / 1e6:.0f} MB in {len(parts)} parts; a zip bomb?")
        for part in parts:
            if part.file_size > 1 << 20 and part.file_size > _HIGHEST_RATIO * max(1, part.compress_size):
                raise Unreadable(path, f"{part.filename} would unpack {_HIGHEST_RATIO} times over; a zip bomb?")
            if part.filename.endswith((".xml", ".rels")) and b"<!DOCTYPE" in archive.read(part):
                raise Unreadable(path, f"{part.filename} declares XML entities, which no Word document does")
