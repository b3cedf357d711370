"""The body of a Word document as Markdown blocks."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from docx.opc.constants import RELATIONSHIP_TYPE as RELATION
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from lxml import etree

from loresmith.ingest.docx_styles import Role, Styles
from loresmith.ingest.docx_tables import grid_of
from loresmith.ingest.docx_text import FALLBACK, TEXT_BOX, note_mark, paragraph_text
from loresmith.ingest.grids import rows_of
from loresmith.ingest.markup import heading, pipe_table, safe_paragraph, safe_text

_HOLDERS = frozenset(map(qn, ("w:sdt", "w:sdtContent", "w:customXml", "w:ins", "w:moveTo", "w:smartTag")))
_CONTENTS_GALLERY = "Table of Contents"


def markdown_blocks(document: Any) -> list[str]:
    """The blocks of a `docx.Document` in order, notes at the end; none is empty."""
    writer = _Writer(document)
    blocks = _with_lists_joined(writer.blocks(document.element.body))
    return [*blocks, *_notes(document)]


class _Writer:
    """Walks through the body and counts the numbers of its lists."""

    def __init__(self, document: Any) -> None:
        numbering = _related(document, RELATION.NUMBERING)
        self._styles = Styles(document.styles.element, numbering)
        self._counters: Counter[tuple[str, int]] = Counter()
        body = document.element.body
        self._has_title = any(self._styles.role(paragraph).heading == 0 for paragraph in body.iter(qn("w:p")))

    def blocks(self, container: etree._Element) -> Iterator[str]:
        """Markdown of each paragraph and table inside `container`; list items are single lines."""
        for child in container:
            if child.tag == qn("w:p"):
                yield from self._paragraph(child)
            elif child.tag == qn("w:tbl"):
                yield from self._table(child)
            elif child.tag in _HOLDERS and not _is_contents(child):
                yield from self.blocks(child)

    def _paragraph(self, paragraph: etree._Element) -> Iterator[str]:
        role, text = self._styles.role(paragraph), paragraph_text(paragraph)
        if text and not role.is_left_out:
            yield self._written(role, text)
        for box in paragraph.iter(TEXT_BOX):
            if not any(parent.tag in (FALLBACK, TEXT_BOX) for parent in box.iterancestors()):
                yield from self.blocks(box)

    def _written(self, role: Role, text: str) -> str:
        if role.heading is not None:
            return heading(text, role.heading + self._has_title)
        if role.list_id is None:
            return safe_paragraph(text)
        indent = "    " * role.list_level
        if not role.is_ordered:
            return f"{indent}- {safe_text(text)}"
        for key in [key for key in self._counters if key[0] == role.list_id and key[1] > role.list_level]:
            del self._counters[key]
        self._counters[role.list_id, role.list_level] += 1
        return f"{indent}{self._counters[role.list_id, role.list_level]}. {safe_text(text)}"

    def _table(self, table: etree._Element) -> Iterator[str]:
        cells = [cell for cell in table.iter(qn("w:tc")) if next(cell.iterancestors(qn("w:tbl"))) is table]
        if len(cells) == 1:  # a frame around text
            yield from self.blocks(cells[0])
            return
        yield pipe_table(rows_of(grid_of(table, _cell_text)))


def _cell_text(cell: etree._Element) -> str:
    """Everything in the cell on one line; the cells of a table inside it are parted by semicolons."""
    parts: list[str] = []
    for child in cell:
        if child.tag == qn("w:p"):
            parts.append(paragraph_text(child))
        elif child.tag == qn("w:tbl"):
            inner = ["; ".join(filter(None, map(_cell_text, row.iter(qn("w:tc"))))) for row in child.iter(qn("w:tr"))]
            parts.append(" / ".join(filter(None, inner)))
        elif child.tag in _HOLDERS:
            parts.append(_cell_text(child))
    return " ".join(filter(None, parts))


def _is_contents(holder: etree._Element) -> bool:
    return any(each.get(qn("w:val")) == _CONTENTS_GALLERY for each in holder.iter(qn("w:docPartGallery")))


def _with_lists_joined(blocks: Iterator[str]) -> list[str]:
    """Neighbouring items as one block."""
    joined: list[str] = []
    was_item = False
    for block in filter(None, blocks):
        is_item = _is_item(block)
        if is_item and was_item:
            joined[-1] += "\n" + block
        else:
            joined.append(block.lstrip() if is_item else block)
        was_item = is_item
    return joined


def _is_item(block: str) -> bool:
    mark = block.lstrip(" ").partition(" ")[0]
    return mark == "-" or (mark.endswith(".") and mark[:-1].isdigit() and "\n" not in block)


def _notes(document: Any) -> list[str]:
    """`[^3]: text` of each footnote and endnote that the body refers to."""
    wanted = {mark for each in document.element.body.iter() if (mark := note_mark(each)) is not None}
    notes = []
    kinds = ((RELATION.FOOTNOTES, "w:footnote", ""), (RELATION.ENDNOTES, "w:endnote", "e"))
    for relation, tag, prefix in kinds:
        part = _related(document, relation)
        for note in part.iter(qn(tag)) if part is not None else ():
            mark = f"[^{prefix}{note.get(qn('w:id'))}]"
            text = " ".join(filter(None, map(paragraph_text, note.iter(qn("w:p")))))
            if mark in wanted and text:
                notes.append(f"{mark}: {safe_text(text)}")
    return notes


def _related(document: Any, relation: str) -> etree._Element | None:
    """The root of the part that the document names by `relation`; `None` without one."""
    for each in document.part.rels.values():
        if each.reltype == relation and not each.is_external:
            part = each.target_part
            return part.element if hasattr(part, "element") else parse_xml(part.blob)
    return None
