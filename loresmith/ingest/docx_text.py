"""The text of a Word paragraph, run by run: what a reader sees, without deleted revisions and field codes."""

from docx.oxml.ns import qn
from lxml import etree

_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
"""The second copy of what `mc:Choice` already says."""
TEXT_BOX = qn("w:txbxContent")
_LETTERS = frozenset({qn("w:t"), f"{_MATH}t"})
_SPACES = frozenset({qn("w:tab"), qn("w:br"), qn("w:cr"), qn("w:ptab")})
_UNSEEN = frozenset(
    {*map(qn, ("w:pPr", "w:rPr", "w:del", "w:moveFrom", "w:instrText", "w:tbl", "w:rt")), FALLBACK, TEXT_BOX}
)
_NOTES = {qn("w:footnoteReference"): "", qn("w:endnoteReference"): "e"}
_SCRIPTS = {f"{_MATH}sup": "^", f"{_MATH}sub": "_"}


def paragraph_text(element: etree._Element) -> str:
    """The text on one line; notes as `[^3]` (`[^e3]` for endnotes)."""
    return " ".join("".join(_parts(element)).split())


def note_mark(element: etree._Element) -> str | None:
    """The mark of a note reference, such as `[^3]`; `None` for any other element."""
    prefix = _NOTES.get(element.tag)
    return None if prefix is None else f"[^{prefix}{element.get(qn('w:id'), '')}]"


def _parts(element: etree._Element) -> list[str]:
    parts: list[str] = []
    for child in element:
        mark = note_mark(child)
        if child.tag in _LETTERS:
            parts.append(child.text or "")
        elif child.tag in _SPACES:
            parts.append(" ")
        elif child.tag == qn("w:noBreakHyphen"):
            parts.append("-")
        elif mark is not None:
            parts.append(mark)
        elif child.tag not in _UNSEEN:
            inner = _parts(child)
            parts += [_SCRIPTS[child.tag], *inner] if child.tag in _SCRIPTS and inner else inner
    return parts
