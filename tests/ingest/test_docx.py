import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from loresmith.errors import Unreadable
from loresmith.ingest.docx import DocxReader

Fill = Callable[[Any], None]


def markdown(folder: Path, fill: Fill) -> str:
    document = docx.Document()
    fill(document)
    path = folder / "notes.docx"
    document.save(str(path))
    return DocxReader().read(path).markdown


def test_styles_make_headings_below_the_title(tmp_path: Path) -> None:
    def fill(document: Any) -> None:
        document.add_heading("On Valves", 0)
        document.add_heading("Method", 1)
        document.add_paragraph("Text.")

    assert markdown(tmp_path, fill) == "# On Valves\n\n## Method\n\nText.\n"


def test_an_outline_level_makes_a_heading_too(tmp_path: Path) -> None:
    def fill(document: Any) -> None:
        paragraph = document.add_paragraph("Method")
        paragraph._p.get_or_add_pPr().append(parse_xml(f'<w:outlineLvl {nsdecls("w")} w:val="1"/>'))
        document.add_paragraph("Text.")

    assert markdown(tmp_path, fill) == "## Method\n\nText.\n"


def test_lists_are_counted_and_indented(tmp_path: Path) -> None:
    def fill(document: Any) -> None:
        for text, style in [
            ("a", "List Bullet"),
            ("b", "List Bullet 2"),
            ("one", "List Number"),
            ("two", "List Number"),
        ]:
            document.add_paragraph(text, style=style)

    assert markdown(tmp_path, fill) == "- a\n    - b\n1. one\n2. two\n"


def test_merged_cells_are_expanded(tmp_path: Path) -> None:
    def fill(document: Any) -> None:
        table = document.add_table(rows=3, cols=3)
        for index, cell in enumerate(cell for row in table.rows for cell in row.cells):
            cell.text = f"c{index}"
        table.cell(0, 1).merge(table.cell(0, 2)).text = "wide"
        table.cell(1, 0).merge(table.cell(2, 0)).text = "tall"

    assert markdown(tmp_path, fill) == (
        "| c0 | wide | wide |\n| --- | --- | --- |\n| tall | c4 | c5 |\n| tall | c7 | c8 |\n"
    )


def test_a_table_inside_a_cell_is_flattened(tmp_path: Path) -> None:
    def fill(document: Any) -> None:
        table = document.add_table(rows=2, cols=2)
        table.cell(0, 0).text, table.cell(0, 1).text, table.cell(1, 0).text = "Key", "Value", "inner"
        inner = table.cell(1, 1).add_table(rows=2, cols=2)
        for number, cell in enumerate(cell for row in inner.rows for cell in row.cells):
            cell.text = str(number)

    assert "| inner | 0; 1 / 2; 3 |" in markdown(tmp_path, fill)


def test_deleted_text_is_left_out_and_inserted_text_kept(tmp_path: Path) -> None:
    def fill(document: Any) -> None:
        paragraph = document.add_paragraph("It opens at ")
        w = nsdecls("w")
        paragraph._p.append(parse_xml(f"<w:del {w}><w:r><w:delText>three</w:delText></w:r></w:del>"))
        paragraph._p.append(parse_xml(f"<w:moveFrom {w}><w:r><w:t>two</w:t></w:r></w:moveFrom>"))
        paragraph._p.append(parse_xml(f"<w:ins {w}><w:r><w:t>four</w:t></w:r></w:ins>"))

    assert markdown(tmp_path, fill) == "It opens at four\n"


def test_text_boxes_are_read_once(tmp_path: Path) -> None:
    box = (
        f'<w:r {nsdecls("w")} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        "<mc:AlternateContent><mc:Choice Requires='wps'><w:txbxContent><w:p><w:r><w:t>boxed</w:t></w:r></w:p>"
        "</w:txbxContent></mc:Choice><mc:Fallback><w:txbxContent><w:p><w:r><w:t>boxed</w:t></w:r></w:p>"
        "</w:txbxContent></mc:Fallback></mc:AlternateContent></w:r>"
    )

    def fill(document: Any) -> None:
        document.add_paragraph("Text.")._p.append(parse_xml(box))

    assert markdown(tmp_path, fill) == "Text.\n\nboxed\n"


def test_html_in_a_document_is_shown_not_run(tmp_path: Path) -> None:
    assert "`<script>`" in markdown(tmp_path, lambda document: document.add_paragraph("<script>x()</script>"))


def damaged(folder: Path, name: str, content: bytes, packing: int = zipfile.ZIP_DEFLATED) -> Path:
    """A DOCX in which one part is replaced."""
    document = docx.Document()
    document.add_paragraph("Text.")
    document.save(str(folder / "good.docx"))
    path = folder / "bad.docx"
    with zipfile.ZipFile(folder / "good.docx") as good, zipfile.ZipFile(path, "w", packing) as bad:
        for part in good.infolist():
            bad.writestr(part.filename, content if part.filename == name else good.read(part))
        if name not in good.namelist():
            bad.writestr(name, content)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(Unreadable) as fault:
        DocxReader().read(path)
    return fault.value.reason


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    assert "zip bomb" in refusal(damaged(tmp_path, "word/media/image1.png", bytes(30 << 20)))


def test_entities_are_not_expanded(tmp_path: Path) -> None:
    laughs = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    assert "XML entities" in refusal(damaged(tmp_path, "word/document.xml", laughs))


def test_a_broken_part_is_a_reason(tmp_path: Path) -> None:
    assert refusal(damaged(tmp_path, "word/document.xml", b"<w:document>")) == "damaged, or no DOCX"


def test_a_zip_that_is_no_docx_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bad.docx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("hello.txt", "hello")
    assert refusal(path) == "damaged, or no DOCX"


def test_a_document_without_text_is_refused(tmp_path: Path) -> None:
    docx.Document().save(str(tmp_path / "empty.docx"))
    assert refusal(tmp_path / "empty.docx") == "no text in the document's body"


@pytest.mark.parametrize("name", ["word_sample", "word_tables"])
def test_docling_says_the_same(shared_data: Path, name: str) -> None:
    folder = shared_data / "otherdocs" / "docling" / "docx"
    theirs = (folder / "groundtruth" / f"{name}.docx.md").read_text(encoding="utf-8").replace("<!-- image -->", "")
    ours = DocxReader().read(folder / "sources" / f"{name}.docx").markdown
    words = [word for word in theirs.replace("&amp;", "&").split() if word.strip("|-#")]
    assert [word for word in ours.split() if word.strip("|-#")] == words
