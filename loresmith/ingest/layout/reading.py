"""A PDF as blocks in reading order: the one way through the layout layer.

Not covered: equations as LaTeX, tables of words alone without rules.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from loresmith.ingest.layout import scans
from loresmith.ingest.layout.blocks import Block
from loresmith.ingest.layout.contents import is_contents_line, without_contents
from loresmith.ingest.layout.continued import with_headers_carried
from loresmith.ingest.layout.equations import with_equations_whole
from loresmith.ingest.layout.figures import figure_words
from loresmith.ingest.layout.flow import continued, cut_paragraph, with_footnotes
from loresmith.ingest.layout.footnotes import Footed, Note, with_references, without_footnotes
from loresmith.ingest.layout.fragments import with_fragments_in_line
from loresmith.ingest.layout.headings import looks_like_heading, with_headings_settled
from loresmith.ingest.layout.hyphens import Vocabulary, joined_lines
from loresmith.ingest.layout.lines import text_of
from loresmith.ingest.layout.order import columns_in_order
from loresmith.ingest.layout.outline import entries_near, outline_of, title_key, titled_spans
from loresmith.ingest.layout.page import Box, Line, OutlineEntry, Page, Word
from loresmith.ingest.layout.paragraphs import Paragraph, paragraphs_of, with_lines_whole, without_bullet
from loresmith.ingest.layout.pieces import Piece, pieces_of, table_piece
from loresmith.ingest.layout.rules import Drawn, drawn_on, joined
from loresmith.ingest.layout.running import without_running_lines, without_running_rules
from loresmith.ingest.layout.scripts import with_scripts_attached
from loresmith.ingest.layout.tables import tables_of, words_outside
from loresmith.ingest.layout.turning import Turn
from loresmith.ingest.layout.words import page_words

_WRAPPED = 0.5
"""Share of nested words above which the whole document is drawn in embedded drawings, so they are no figures."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What was understood of a PDF."""

    blocks: list[Block]
    pages: int
    empty_pages: int
    """Pages without a single word."""
    has_images: bool
    """Whether a document without text has pictures; not asked when it has text."""


@dataclass(frozen=True, slots=True)
class _Setting:
    """What holds for the whole document."""

    body_size: float
    vocabulary: Vocabulary
    outline: list[OutlineEntry]
    has_header_rows: bool
    """Spanning titles of tables stay in a row of their own."""


def layout_of(document: pdfium.PdfDocument, *, has_header_rows: bool = False) -> Layout:
    """Everything the document says, as blocks; the header of a table is one row, or two where titles span columns.

    Raises:
        pypdfium2.PdfiumError: a page cannot be loaded.
    """
    drawn = [_read_page(document, index) for index in range(len(document))]
    pages = without_running_rules(_without_figure_words(drawn))
    setting = _setting(pages, outline_of(document), has_header_rows=has_header_rows)
    titles = {title_key(entry.title) for entry in setting.outline} - {""}
    laid = [without_contents(_pieces(page, setting.body_size), titles) for page in pages]
    cleared = without_running_lines([(page.height, pieces) for page, pieces in zip(pages, laid, strict=True)])
    columns = [[with_lines_whole(column) for column in columns_in_order(pieces)] for pieces in cleared]
    footed = without_footnotes(drawn, columns, setting.body_size)
    blocks = [block for page, foot in zip(pages, footed, strict=True) for block in _page_blocks(page, foot, setting)]
    empty = sum(not page.words for page in pages)
    settled = with_headings_settled(with_headers_carried(blocks))
    return Layout(settled, len(pages), empty, has_images=not blocks and _has_images(document))


def _read_page(document: pdfium.PdfDocument, index: int) -> Page:
    page = document[index]
    try:
        width, height = page.get_size()
        left, bottom, _, _ = page.get_cropbox()
        turn = Turn(page.get_rotation(), width, height, left, bottom)
        drawn = drawn_on(page, turn)
        words = with_scripts_attached(page_words(page, turn))
        if not words and _has_picture(page) and scans.is_installed():
            pixels = scans.pixels_of(page)
            words = scans.words_in(pixels)
            drawn = Drawn(*scans.lines_in(pixels))
        strokes, rules = drawn.strokes, joined(drawn.strokes)
        return Page(index + 1, width, height, words, strokes, rules, drawn.uprights, drawn.shapes)
    finally:
        page.close()


def _has_images(document: pdfium.PdfDocument) -> bool:
    return any(map(_has_picture, document))


def _has_picture(page: pdfium.PdfPage) -> bool:
    """Whether a picture is drawn, however deep; on a page without words that is a scan, or worth a look."""
    return next(page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE], max_depth=5), None) is not None


def _without_figure_words(pages: Sequence[Page]) -> list[Page]:
    """The pages without words of embedded drawings, unless such drawings carry most of the document."""
    total = sum(len(page.words) for page in pages)
    nested = sum(word.nested for page in pages for word in page.words)
    if nested > _WRAPPED * total:
        return list(pages)
    return [replace(page, words=[word for word in page.words if not word.nested]) for page in pages]


def _setting(pages: Iterable[Page], outline: list[OutlineEntry], *, has_header_rows: bool) -> _Setting:
    sizes: Counter[float] = Counter()
    vocabulary = Vocabulary()
    for page in pages:
        vocabulary.learn(piece.words for piece in pieces_of(page.words))
        for word in page.words:
            sizes[round(word.size, 1)] += len(word.text)
    body = max(sizes, key=lambda size: (sizes[size], size), default=10.0)
    return _Setting(body, vocabulary, outline, has_header_rows)


def _pieces(page: Page, body_size: float) -> list[Piece]:
    tables = tables_of(page)
    words = words_outside(page.words, tables)
    plotted = figure_words(page, words)
    lines = with_fragments_in_line(pieces_of([word for place, word in enumerate(words) if place not in plotted]))
    lines = with_equations_whole(lines, body_size)
    return [*lines, *map(table_piece, tables)]


def _page_blocks(page: Page, footed: Footed, setting: _Setting) -> list[Block]:
    entries = entries_near(setting.outline, page.number)
    blocks: list[Block] = []
    columns = with_references(footed.columns, footed.labels)
    for column, spans in zip(columns, titled_spans(footed.columns, entries), strict=True):
        for part in paragraphs_of(column, spans, setting.body_size):
            block = _lone_block(part, page, setting) if isinstance(part, Piece) else _text_block(part, page, setting)
            if block is None or is_contents_line(block.text):
                continue
            opened = cut_paragraph(blocks, block)
            if opened is not None:
                blocks[opened] = continued(blocks[opened], block, setting.vocabulary)
            else:
                blocks.append(block)
    return with_footnotes(blocks, [_note_block(note, setting) for note in footed.notes])


def _note_block(note: Note, setting: _Setting) -> Block:
    text = joined_lines((line.text for line in note.lines), setting.vocabulary).strip()
    return Block("footnote", note.page, note.box, text, label=note.label)


def _lone_block(piece: Piece, page: Page, setting: _Setting) -> Block:
    box = Box(piece.x0, piece.top, piece.x1, piece.bottom)
    if piece.table is None:
        return Block("equation", page.number, box, piece.text)
    header = piece.table.titles if setting.has_header_rows else piece.table.rows[:1]
    rows = tuple(map(tuple, [*header, *piece.table.rows[1:]]))
    return Block("table", page.number, box, "", rows=rows, header_rows=len(header))


def _text_block(paragraph: Paragraph, page: Page, setting: _Setting) -> Block | None:
    item = without_bullet(paragraph)
    text = joined_lines((line.text for line in (item or paragraph).lines), setting.vocabulary).strip()
    if not text:
        return None
    lines = paragraph.lines
    box = Box(
        min(line.x0 for line in lines),
        min(line.top for line in lines),
        max(line.x1 for line in lines),
        max(line.bottom for line in lines),
    )
    size, font = max(line.size for line in lines), _main_font(paragraph.words)
    if paragraph.entry is not None:
        level = paragraph.entry.level
        return Block("heading", page.number, box, text, level=level, size=size, font=font, is_certain=True)
    if item is not None:
        return Block("item", page.number, box, text, size=size, font=font)
    if looks_like_heading(paragraph, text, setting.body_size):
        return Block("heading", page.number, box, text, size=size, font=font)
    return Block("paragraph", page.number, box, text, lead=_lead(lines[0].words, text), size=size, font=font)


def _main_font(words: Iterable[Word]) -> str:
    fonts = Counter(word.font for word in words if any(map(str.isalpha, word.text)))
    return max(fonts, key=lambda font: (fonts[font], font), default="")


def _lead(line: Line, text: str) -> str:
    """The bold words, at most 13, with which the first line begins, if other words follow them."""
    count = 0
    while count < len(line) and (line[count].bold or not any(map(str.isalnum, line[count].text))):
        count += 1
    lead = text_of(line[:count]) if 0 < count < min(len(line), 14) else ""
    return lead if len(lead) > 3 and text.startswith(lead) else ""
