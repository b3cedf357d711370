"""Write the PDF and DOCX files of the field guide from the Markdown texts in `source/`.

Run it with `python examples/field-guide/make_documents.py`; it needs `reportlab` and `python-docx`, which Loresmith
itself does not. The same sources give the same bytes: no clock, no random order, fonts built into every PDF reader.

Only the Markdown that the sources use is understood: headings, paragraphs, lists, pipe tables, `Table N:` captions,
bold, italic and code. The HTML and Markdown files in `documents/` are written by hand and are not touched.
"""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

import docx
from docx.document import Document as WordFile
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_JUSTIFY
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    FrameBreak,
    KeepTogether,
    NextPageTemplate,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

HERE = Path(__file__).resolve().parent
SERIES = "Field guide to small language models"
PUBLISHED = datetime.datetime(2026, 1, 1)
INK, SHADE, RULE = HexColor("#1c2530"), HexColor("#e9edf2"), HexColor("#7b8794")


@dataclass(frozen=True)
class Block:
    """One piece of a source: `kind` is h1, h2, text, bullet, step, caption or table; `rows` only for a table."""

    kind: str
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()


def read_source(path: Path) -> tuple[dict[str, str], list[Block]]:
    """The `key: value` lines before the first heading, and the blocks after them."""
    header, _, body = path.read_text(encoding="utf-8").partition("# ")
    settings = dict(line.split(": ", 1) for line in header.splitlines() if line)
    return settings, [block for part in ("# " + body).split("\n\n") for block in _blocks(part.strip())]


def _blocks(part: str) -> list[Block]:
    lines = part.splitlines()
    if not lines:
        return []
    if part.startswith("|"):
        rows = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]
        return [Block("table", rows=(rows[0], *rows[2:]))]
    for mark, kind in (("## ", "h2"), ("# ", "h1")):
        if part.startswith(mark):
            return [Block(kind, part.removeprefix(mark))]
    if part.startswith("- "):
        return [Block("bullet", line.removeprefix("- ")) for line in lines]
    if re.match(r"\d+\. ", part):
        return [Block("step", re.sub(r"^\d+\. ", "", line)) for line in lines]
    return [Block("caption" if re.match(r"Table \d+: ", part) else "text", " ".join(lines))]


# ---------------------------------------------------------------- PDF


def _styles(size: float, serif: bool) -> dict[str, ParagraphStyle]:
    body, bold = ("Times-Roman", "Times-Bold") if serif else ("Helvetica", "Helvetica-Bold")
    text = ParagraphStyle("text", fontName=body, fontSize=size, leading=size * 1.32, textColor=INK, spaceAfter=5)
    text.allowWidows = text.allowOrphans = 0
    if serif:
        text.alignment = TA_JUSTIFY
    small = size - 1
    return {
        "text": text,
        "h1": ParagraphStyle("h1", fontName=bold, fontSize=20, leading=24, textColor=INK, spaceAfter=6),
        "h2": ParagraphStyle(
            "h2",
            fontName=bold,
            fontSize=size + 3,
            leading=size + 7,
            textColor=INK,
            spaceBefore=9,
            spaceAfter=4,
            keepWithNext=1,
        ),
        "lead": ParagraphStyle("lead", parent=text, fontSize=size + 1, leading=size * 1.45, spaceAfter=10),
        "list": ParagraphStyle(
            "list", parent=text, leftIndent=16, bulletIndent=3, spaceAfter=2.5, bulletFontName=body, bulletFontSize=size
        ),
        "caption": ParagraphStyle("caption", fontName=bold, fontSize=small, leading=small * 1.25, spaceAfter=5),
        "cell": ParagraphStyle("cell", fontName=body, fontSize=small, leading=small * 1.2),
        "head": ParagraphStyle("head", fontName=bold, fontSize=small, leading=small * 1.2),
    }


def _inline(text: str) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = re.sub(r"`([^`]+)`", r'<font name="Courier">\1</font>', text)
    text = re.sub(r"\*\*([^*]+)\*\*", r"<b>\1</b>", text)
    return re.sub(r"\*([^*]+)\*", r"<i>\1</i>", text)


def _is_value(cell: str) -> bool:
    return re.fullmatch(r"[\d.,]+", cell) is not None


def _pdf_table(block: Block, styles: dict[str, ParagraphStyle], width: float, ruled: bool) -> Table:
    """A table over `width` points; columns of numbers are narrower, centred, and never broken over two lines."""
    count = len(block.rows[0])
    numeric = [all(_is_value(row[column]) for row in block.rows[1:]) for column in range(count)]
    weight = [
        max(max(len(row[c]) for row in block.rows[1:]), max(len(word) for word in block.rows[0][c].split()) * 1.4, 5)
        for c in range(count)
    ]
    cells = [
        [Paragraph(_inline(cell), styles["head" if at == 0 else "cell"]) for cell in row]
        for at, row in enumerate(block.rows)
    ]
    for row in cells:
        for column, cell in enumerate(row):
            if numeric[column]:
                cell.style = ParagraphStyle("centred", parent=cell.style, alignment=1)
    table = Table(cells, colWidths=[width * w / sum(weight) for w in weight], repeatRows=1)
    look: list[tuple[object, ...]] = [("VALIGN", (0, 0), (-1, -1), "MIDDLE"), ("VALIGN", (0, 0), (-1, 0), "BOTTOM")]
    look += [("TOPPADDING", (0, 0), (-1, -1), 2.2), ("BOTTOMPADDING", (0, 0), (-1, -1), 2.8)]
    if ruled:
        look += [("GRID", (0, 0), (-1, -1), 0.5, RULE), ("BACKGROUND", (0, 0), (-1, 0), SHADE)]
    else:
        look += [("LINEABOVE", (0, 0), (-1, 0), 0.8, INK), ("LINEBELOW", (0, 0), (-1, 0), 0.5, INK)]
        look += [("LINEBELOW", (0, -1), (-1, -1), 0.8, INK), ("LEFTPADDING", (0, 0), (-1, -1), 3)]
        look += [("RIGHTPADDING", (0, 0), (-1, -1), 3)]
    table.setStyle(TableStyle(look))
    return table


def _story(blocks: list[Block], layout: str, styles: dict[str, ParagraphStyle], width: float) -> list[Flowable]:
    story: list[Flowable] = [NextPageTemplate("later")]
    caption, number = "", 0
    for at, block in enumerate(blocks):
        number = number + 1 if block.kind == "step" else 0
        if block.kind == "caption":
            caption = block.text
        elif block.kind == "table":
            table = _pdf_table(block, styles, width, layout == "ruled")
            top = Paragraph(_inline(caption), styles["caption"])
            story.append(KeepTogether([Spacer(1, 5), top, table, Spacer(1, 10)]))
        elif block.kind in ("bullet", "step"):
            mark = "\u2022" if block.kind == "bullet" else f"{number}."
            story.append(Paragraph(_inline(block.text), styles["list"], bulletText=mark))
        else:
            story.append(Paragraph(_inline(block.text), styles["lead" if at == 1 else block.kind]))
        if at == 1 and layout == "columns":
            story.append(FrameBreak())
    return story


def _page_templates(head: str, layout: str) -> list[PageTemplate]:
    page_width, page_height = A4
    side, top, foot, gap = 20 * mm, 25 * mm, 22 * mm, 7 * mm
    width, height = page_width - 2 * side, page_height - top - foot

    def furniture(canvas: Canvas, document: BaseDocTemplate) -> None:
        canvas.saveState()
        canvas.setFillColor(HexColor("#4a5560"))
        canvas.setStrokeColor(RULE)
        canvas.setFont("Helvetica", 8)
        canvas.drawString(side, page_height - 15 * mm, SERIES)
        canvas.drawRightString(page_width - side, page_height - 15 * mm, head)
        canvas.line(side, page_height - 17 * mm, page_width - side, page_height - 17 * mm)
        canvas.drawCentredString(page_width / 2, 12 * mm, str(document.page))
        canvas.restoreState()

    def frames(bottom: float, tall: float) -> list[Frame]:
        if layout != "columns":
            return [Frame(side, bottom, width, tall, 0, 0, 0, 0)]
        half = (width - gap) / 2
        return [Frame(side + at * (half + gap), bottom, half, tall, 0, 0, 0, 0) for at in (0, 1)]

    title = 27 * mm
    first = frames(foot, height)
    if layout == "columns":
        first = [Frame(side, foot + height - title, width, title, 0, 0, 0, 0), *frames(foot, height - title)]
    return [
        PageTemplate("first", first, onPage=furniture),
        PageTemplate("later", frames(foot, height), onPage=furniture),
    ]


def write_pdf(source: Path, target: Path) -> None:
    """`target` holds the pages of `source`, with running head, page numbers and an outline entry per section."""
    settings, blocks = read_source(source)
    layout = settings["layout"]
    document = BaseDocTemplate(str(target), pagesize=A4, title=blocks[0].text, author=SERIES, lang="en", invariant=1)
    document.addPageTemplates(_page_templates(settings["head"], layout))
    width = A4[0] - 40 * mm if layout != "columns" else (A4[0] - 47 * mm) / 2
    styles = _styles(9.6 if layout == "columns" else 10.4, layout != "ruled")

    def outline(flowable: Flowable) -> None:
        if isinstance(flowable, Paragraph) and flowable.style.name in ("h1", "h2"):
            title = flowable.getPlainText()
            document.canv.bookmarkPage(title)
            document.canv.addOutlineEntry(title, title, level=int(flowable.style.name == "h2"))

    document.afterFlowable = outline
    document.build(_story(blocks, layout, styles, width))


# ---------------------------------------------------------------- DOCX


def _runs(paragraph: docx.text.paragraph.Paragraph, text: str) -> None:
    for piece in re.split(r"(\*[^*]+\*)", text):
        run = paragraph.add_run(piece.strip("*"))
        run.italic = piece.startswith("*")


def _page_field(paragraph: docx.text.paragraph.Paragraph) -> None:
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = text
        paragraph.add_run()._r.append(element)


def _word_table(document: WordFile, block: Block) -> None:
    table = document.add_table(rows=0, cols=len(block.rows[0]), style="Light Grid Accent 1")
    for at, row in enumerate(block.rows):
        for cell, text in zip(table.add_row().cells, row, strict=True):
            run = cell.paragraphs[0].add_run(text)
            run.bold, run.font.size = at == 0, Pt(9.5)
    mark = OxmlElement("w:tblHeader")
    table.rows[0]._tr.get_or_add_trPr().append(mark)
    document.add_paragraph()


def write_docx(source: Path, target: Path) -> None:
    """`target` holds the text of `source` with real headings, lists, tables, captions, head and page number."""
    settings, blocks = read_source(source)
    document = docx.Document()
    about = document.core_properties
    about.title, about.author, about.language, about.comments = blocks[0].text, SERIES, "en", ""
    about.created = about.modified = PUBLISHED
    about.last_modified_by, about.revision = SERIES, 1
    document.styles["Normal"].font.name, document.styles["Normal"].font.size = "Calibri", Pt(11)
    document.styles["Caption"].font.color.rgb, document.styles["Caption"].font.size = RGBColor(0x1C, 0x25, 0x30), Pt(10)
    document.sections[0].page_width, document.sections[0].page_height = Pt(A4[0]), Pt(A4[1])
    document.sections[0].header.paragraphs[0].text = settings["head"]
    _page_field(document.sections[0].footer.paragraphs[0])
    names = {"h1": "Title", "h2": "Heading 1", "bullet": "List Bullet", "step": "List Number", "caption": "Caption"}
    for block in blocks:
        if block.kind == "table":
            _word_table(document, block)
        else:
            _runs(document.add_paragraph(style=names.get(block.kind, "Normal")), block.text)
    packed = io.BytesIO()
    document.save(packed)
    _repack(packed, target)


def _repack(packed: io.BytesIO, target: Path) -> None:
    """The same archive with every time stamp set to `PUBLISHED`, since python-docx writes the clock into it."""
    with zipfile.ZipFile(packed) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, PUBLISHED.timetuple()[:6])
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 3
            new.writestr(entry, old.read(name))


def main() -> None:
    """Every source has its file in `documents/`: PDF where it names a layout, DOCX otherwise."""
    for source in sorted((HERE / "source").glob("*.md")):
        is_pdf = "layout" in read_source(source)[0]
        target = HERE / "documents" / f"{source.stem}{'.pdf' if is_pdf else '.docx'}"
        (write_pdf if is_pdf else write_docx)(source, target)


if __name__ == "__main__":
    main()
