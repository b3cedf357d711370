"""What a Word paragraph is (heading, list item, plain), from its own marks, its style and the styles below that."""

import re
from dataclasses import dataclass
from typing import Any

from docx.oxml.ns import qn
from lxml import etree

_HEADING = re.compile(r"heading (\d)$", re.IGNORECASE)
_LIST = re.compile(r"list (bullet|number)\s*(\d?)$", re.IGNORECASE)
_CONTENTS = re.compile(r"(toc \d|toc heading|table of figures|header|footer)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Role:
    """What a paragraph is."""

    heading: int | None = None
    """0 is the document's title."""
    list_id: str | None = None
    list_level: int = 0
    """0 is the outermost."""
    is_ordered: bool = False
    is_left_out: bool = False
    """A line of a table of contents."""


class Styles:
    """The roles that the styles and numberings of one document give."""

    def __init__(self, styles: etree._Element, numbering: etree._Element | None) -> None:
        self._styles = {style.get(qn("w:styleId")): style for style in styles.iter(qn("w:style"))}
        self._formats = _formats(numbering)

    def role(self, paragraph: etree._Element) -> Role:
        """The role of a `w:p`; the paragraph's own marks win over those of its style."""
        properties = paragraph.find(qn("w:pPr"))
        chain = [properties] if properties is not None else []
        names: list[str] = []
        for style in self._chain(_value(properties, "w:pStyle")):
            names.append((_value(style, "w:name") or "").strip())
            inner = style.find(qn("w:pPr"))
            chain += [inner] if inner is not None else []
        if any(_CONTENTS.match(name) for name in names[:1]):
            return Role(is_left_out=True)
        heading = _heading(names, chain)
        return Role(heading=heading) if heading is not None else self._list_role(names, chain)

    def _chain(self, style_id: str | None) -> list[etree._Element]:
        """The style and those it is based on; a circle ends it."""
        chain: list[etree._Element] = []
        style = self._styles.get(style_id)
        while style is not None and style not in chain:
            chain.append(style)
            style = self._styles.get(_value(style, "w:basedOn"))
        return chain

    def _list_role(self, names: list[str], chain: list[etree._Element]) -> Role:
        named = next(filter(None, map(_LIST.match, names)), None)
        deeper = int(named[2] or 1) - 1 if named else 0  # "List Bullet 2" is a list of its own on level 0
        for properties in chain:
            numbering = properties.find(qn("w:numPr"))
            number_id = _value(numbering, "w:numId")
            if number_id == "0":  # numbering switched off
                return Role()
            if number_id is not None:
                level = int(_value(numbering, "w:ilvl") or 0)
                ordered = self._formats.get((number_id, level), "bullet") not in ("bullet", "none")
                return Role(list_id=number_id, list_level=max(level, deeper), is_ordered=ordered)
        if named is None:
            return Role()
        return Role(list_id=named[0], list_level=deeper, is_ordered=named[1].lower() == "number")


def _heading(names: list[str], chain: list[etree._Element]) -> int | None:
    for name in names:
        named = _HEADING.match(name)
        if named:
            return int(named[1])
        if name.lower() == "title":
            return 0
    for properties in chain:
        level = _value(properties, "w:outlineLvl")
        if level is not None and level.isdigit() and int(level) < 9:  # 9 is body text
            return int(level) + 1
    return None


def _formats(numbering: etree._Element | None) -> dict[tuple[str, int], str]:
    """(list, level) -> the format of its numbers."""
    if numbering is None:
        return {}
    abstract: dict[str | None, dict[int, str]] = {}
    for each in numbering.iter(qn("w:abstractNum")):
        levels = each.iter(qn("w:lvl"))
        abstract[each.get(qn("w:abstractNumId"))] = {
            int(level.get(qn("w:ilvl"), "0")): _value(level, "w:numFmt") or "" for level in levels
        }
    return {
        (number.get(qn("w:numId"), ""), level): text
        for number in numbering.iter(qn("w:num"))
        for level, text in abstract.get(_value(number, "w:abstractNumId"), {}).items()
    }


def _value(element: Any, name: str) -> str | None:
    child = element.find(qn(name)) if element is not None else None
    value: str | None = child.get(qn("w:val")) if child is not None else None
    return value
