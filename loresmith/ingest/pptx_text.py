"""The paragraphs of a slide's shapes: which are list items, by their own marks or those that layout and master lend."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from lxml import etree
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.oxml.ns import qn

from loresmith.ingest.markup import safe_paragraph, safe_text

_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_LETTERS = frozenset({qn("a:t"), f"{_MATH}t"})
_MARKS = {qn("a:buNone"): "", qn("a:buChar"): "-", qn("a:buBlip"): "-", qn("a:buAutoNum"): "1."}
_BODIES = frozenset({PP_PLACEHOLDER.BODY, PP_PLACEHOLDER.OBJECT, PP_PLACEHOLDER.VERTICAL_BODY})


class Bullets:
    """Which paragraphs of one slide are list items."""

    def __init__(self, slide: Any) -> None:
        layout = slide.slide_layout
        self._layout = {shape.placeholder_format.idx: shape for shape in layout.placeholders}
        self._master = {shape.placeholder_format.type: shape for shape in layout.slide_master.placeholders}
        self._styles = layout.slide_master.element.find(qn("p:txStyles"))

    def mark(self, shape: Any, paragraph: etree._Element) -> str:
        """`-`, `1.` or nothing: the paragraph's own mark, else that of the first style above that has one."""
        level = _level(paragraph)
        for properties in (paragraph.find(qn("a:pPr")), *self._inherited(shape, level)):
            for child in properties if properties is not None else ():
                if child.tag in _MARKS:
                    return _MARKS[child.tag]
        return ""

    def _inherited(self, shape: Any, level: int) -> Iterator[etree._Element | None]:
        name = qn(f"a:lvl{level + 1}pPr")
        yield _style(shape, name)
        if not shape.is_placeholder:
            return
        kind = shape.placeholder_format.type
        yield _style(self._layout.get(shape.placeholder_format.idx), name)
        yield _style(self._master.get(PP_PLACEHOLDER.BODY if kind in _BODIES else kind), name)
        if kind in _BODIES and self._styles is not None:
            yield self._styles.find(f"{qn('p:bodyStyle')}/{name}")


def text_blocks(shape: Any, bullets: Bullets) -> Iterator[str]:
    """Paragraphs and lists of the shape's text; neighbouring items are one block."""
    items: list[str] = []
    counters: Counter[int] = Counter()
    for paragraph in shape.text_frame._txBody.p_lst:
        text = paragraph_text(paragraph)
        if not text:
            continue
        mark, level = bullets.mark(shape, paragraph), _level(paragraph)
        if not mark:
            yield "\n".join(items)
            items, counters = [], Counter()
            yield safe_paragraph(text)
            continue
        for deeper in [depth for depth in counters if depth > level]:
            del counters[deeper]
        counters[level] += 1
        indent = "    " * (level if items else 0)
        items.append(f"{indent}{f'{counters[level]}.' if mark == '1.' else mark} {safe_text(text)}")
    yield "\n".join(items)


def paragraph_text(paragraph: etree._Element) -> str:
    """The text on one line, formulas as their letters."""
    parts = []
    for element in paragraph.iter():
        if element.tag in _LETTERS and not any(parent.tag == _FALLBACK for parent in element.iterancestors()):
            parts.append(element.text or "")
        elif element.tag == qn("a:br"):
            parts.append(" ")
    return " ".join("".join(parts).replace("_x000B_", " ").split())


def _level(paragraph: etree._Element) -> int:
    """0 is the outermost."""
    properties = paragraph.find(qn("a:pPr"))
    value = properties.get("lvl", "0") if properties is not None else "0"
    return min(8, int(value)) if value.isdigit() else 0


def _style(shape: Any, name: str) -> etree._Element | None:
    """The list style of level `name` in a shape."""
    if shape is None:
        return None
    return next(shape.element.iterfind(f".//{qn('a:lstStyle')}/{name}"), None)
