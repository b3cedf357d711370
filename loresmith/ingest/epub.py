"""EPUB as Markdown: the chapters in the order of the spine, each through the reader of web pages.

Not covered: pictures, audio, scripts, fixed layouts drawn as pictures, protected books.
"""

import zipfile
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from loresmith.errors import Unreadable
from loresmith.ingest.archives import DAMAGED, check_archive
from loresmith.ingest.content import NotText
from loresmith.ingest.encodings import decoded
from loresmith.ingest.epub_package import Package, package_of
from loresmith.ingest.html import book_part, declared_encoding, parsed
from loresmith.ingest.html_blocks import markdown_blocks
from loresmith.ingest.markup import first_heading, heading
from loresmith.records import Reading


class EpubReader:
    """Reads EPUB 2 and 3."""

    suffixes: tuple[str, ...] = (".epub",)

    def read(self, path: Path) -> Reading:
        """The text of the book.

        Raises:
            Unreadable: damaged, protected, unpacking to an absurd size, declaring XML entities, or without text.
        """
        try:
            check_archive(path, forbidden="<!ENTITY")
            with zipfile.ZipFile(path) as archive:
                package = package_of(archive)
                if package.protected.intersection(package.chapters):
                    raise Unreadable(path, "protected against copying; its chapters are encrypted")
                blocks = [block for name in package.chapters for block in _chapter(archive, package, name, path)]
        except (*DAMAGED, etree.LxmlError, KeyError, ValueError, AttributeError) as fault:
            raise Unreadable(path, "damaged, or no EPUB") from fault
        if not blocks:
            raise Unreadable(path, f"no text in its {len(package.chapters)} chapters")
        return Reading(
            title=package.title or first_heading(blocks) or path.stem, markdown="\n\n".join(blocks) + "\n", pages=None
        )


def _chapter(archive: zipfile.ZipFile, package: Package, name: str, path: Path) -> Iterator[str]:
    """The blocks of one file; the name that the contents give it stands above where it has no heading of its own."""
    try:
        raw = archive.read(name)
        text = decoded(raw, declared_encoding(raw))
    except (KeyError, NotText):  # named in the spine, but not there: the other chapters are
        return
    if not text.strip():
        return
    blocks = markdown_blocks(book_part(parsed(text, path)))
    label = package.labels.get(name, "")
    if blocks and label and not any(block.startswith("#") for block in blocks):
        yield heading(label, 2)
    yield from blocks
