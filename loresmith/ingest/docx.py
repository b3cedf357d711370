"""DOCX as Markdown: headings by style or outline level, lists, tables with merged cells, footnotes, text boxes.

Not covered: images, headers and footers, comments, deleted revisions, equations as LaTeX (their letters are kept in
order), page numbers (a DOCX has no pages until it is laid out).
"""

from pathlib import Path

import docx
from docx.opc.exceptions import OpcError
from lxml import etree

from loresmith.errors import Unreadable
from loresmith.ingest.archives import DAMAGED, check_archive
from loresmith.ingest.docx_blocks import markdown_blocks
from loresmith.ingest.markup import first_heading
from loresmith.records import Reading


class DocxReader:
    """Reads Word documents."""

    suffixes: tuple[str, ...] = (".docx",)

    def read(self, path: Path) -> Reading:
        """The body of the document in order.

        Raises:
            Unreadable: damaged, no DOCX, unpacking to an absurd size, declaring XML entities, or without text.
        """
        try:
            check_archive(path)
            document = docx.Document(str(path))
            blocks = markdown_blocks(document)
            named = document.core_properties.title or ""
        except (*DAMAGED, OpcError, etree.LxmlError, KeyError, ValueError, AttributeError) as fault:
            raise Unreadable(path, "damaged, or no DOCX") from fault
        if not blocks:
            raise Unreadable(path, "no text in the document's body")
        title = " ".join(named.split()) or first_heading(blocks) or path.stem
        return Reading(title=title, markdown="\n\n".join(blocks) + "\n", pages=None)
