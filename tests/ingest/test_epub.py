import zipfile
from pathlib import Path

import pytest

from loresmith.errors import Unreadable
from loresmith.ingest.epub import EpubReader
from loresmith.records import Reading

CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
)


def book(folder: Path, chapters: dict[str, str], extra: dict[str, str] | None = None, ncx: str = "") -> Path:
    """A book whose spine is `chapters` backwards, so that the order of the archive says nothing."""
    items = "".join(f'<item id="{name}" href="{name}.xhtml" media-type="application/xhtml+xml"/>' for name in chapters)
    if ncx:
        items += '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>'
    spine = "".join(f'<itemref idref="{name}"/>' for name in reversed(chapters))
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<metadata><dc:title>Of Valves</dc:title></metadata><manifest>{items}</manifest>"
        f"<spine>{spine}</spine></package>"
    )
    path = folder / "book.epub"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr("META-INF/container.xml", CONTAINER)
        archive.writestr("OEBPS/book.opf", package)
        for name, body in chapters.items():
            page = f'<html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body>{body}</body></html>'
            archive.writestr(f"OEBPS/{name}.xhtml", f'<?xml version="1.0"?><!DOCTYPE html>{page}')
        if ncx:
            archive.writestr("OEBPS/toc.ncx", f'<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/">{ncx}</ncx>')
        for name, text in (extra or {}).items():
            archive.writestr(name, text)
    return path


def read(path: Path) -> Reading:
    return EpubReader().read(path)


def test_chapters_stand_in_the_order_of_the_spine(tmp_path: Path) -> None:
    reading = read(book(tmp_path, {"b": "<h1>Two</h1><p>later</p>", "a": "<h1>One</h1><p>first</p>"}))
    assert reading.markdown == "# One\n\nfirst\n\n# Two\n\nlater\n"
    assert reading.title == "Of Valves"


def test_a_tag_that_closes_itself_swallows_nothing(tmp_path: Path) -> None:
    assert read(book(tmp_path, {"a": '<p><a id="x"/>kept</p><script src="x"/><p>too</p>'})).markdown == "kept\n\ntoo\n"


def test_notes_in_asides_are_content_of_a_book(tmp_path: Path) -> None:
    assert "the note" in read(book(tmp_path, {"a": "<p>text</p><aside><p>the note</p></aside>"})).markdown


def test_a_table_stays_a_table(tmp_path: Path) -> None:
    table = "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>"
    assert read(book(tmp_path, {"a": table})).markdown == "| a | b |\n| --- | --- |\n| 1 | 2 |\n"


def test_a_chapter_without_a_heading_takes_its_name_from_the_contents(tmp_path: Path) -> None:
    ncx = '<navMap><navPoint><navLabel><text>Of springs</text></navLabel><content src="a.xhtml#p"/></navPoint></navMap>'
    assert read(book(tmp_path, {"a": "<p>text</p>"}, ncx=ncx)).markdown == "## Of springs\n\ntext\n"


def refusal(path: Path) -> str:
    with pytest.raises(Unreadable) as fault:
        read(path)
    return fault.value.reason


def test_a_protected_book_is_refused(tmp_path: Path) -> None:
    lock = '<encryption><CipherReference URI="OEBPS/a.xhtml"/></encryption>'
    assert "protected" in refusal(book(tmp_path, {"a": "<p>x</p>"}, {"META-INF/encryption.xml": lock}))


def test_encrypted_fonts_do_no_harm(tmp_path: Path) -> None:
    lock = '<encryption><CipherReference URI="OEBPS/font.otf"/></encryption>'
    assert read(book(tmp_path, {"a": "<p>x</p>"}, {"META-INF/encryption.xml": lock})).markdown == "x\n"


def test_entities_are_not_expanded(tmp_path: Path) -> None:
    assert "XML entities" in refusal(
        book(tmp_path, {"a": "<p>x</p>"}, {"x.xml": '<!DOCTYPE x [<!ENTITY a "ha">]><x/>'})
    )


def test_a_book_that_names_no_package_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bad.epub", "w") as archive:
        archive.writestr("META-INF/container.xml", "<container/>")
    assert refusal(tmp_path / "bad.epub") == "damaged, or no EPUB"


def test_a_zip_that_is_no_book_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bad.epub", "w") as archive:
        archive.writestr("hello.txt", "hello")
    assert refusal(tmp_path / "bad.epub") == "damaged, or no EPUB"
