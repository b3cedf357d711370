"""Elements of an HTML tree as Markdown blocks; used for whole pages and for tables inside Markdown."""

import re
from collections.abc import Iterator

from lxml import etree

from loresmith.ingest.grids import rows_of
from loresmith.ingest.html_tables import grid_of
from loresmith.ingest.markup import block_quote, heading, list_item, pipe_table, safe_paragraph, safe_text

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_CONTAINERS = frozenset({
    "html", "body", "div", "section", "article", "main", "header", "footer", "figure", "center", "details",
    "summary", "fieldset", "address", "hgroup", "tbody", "thead", "tfoot", "tr", "td", "th", "caption", "legend",
    "picture", "figcaption", "dd", "dt", "li", "search",
})  # fmt: skip
_BLOCKS = _CONTAINERS | frozenset(_HEADINGS) | frozenset({
    "p", "ul", "ol", "dl", "table", "pre", "blockquote", "hr", "menu", "dir", "xmp", "listing",
})  # fmt: skip
_CODE = frozenset({"code", "kbd", "samp", "tt"})
_NUMERAL = re.compile(r"[-−+]?\d+(?:[.,]\d+)*")
_LONG_LIST = 15
"""Items from which a list of bare links is taken for a menu."""
_DEEPEST = 200
"""Elements inside elements; deeper content is read as plain text."""


def markdown_blocks(element: etree._Element, depth: int = 0) -> list[str]:
    """The content of `element` as Markdown blocks, none of them empty."""
    return [block for block in _inside(element, depth) if block.strip()]


def inline_text(element: etree._Element) -> str:
    """The text of `element` on one line; code in backticks, raised numerals as `10^6`."""
    return " ".join(_inline(element).split())


def _inside(element: etree._Element, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        yield safe_paragraph(" ".join("".join(element.itertext()).split()))
        return
    loose = [element.text or ""]
    for child in element:
        if isinstance(child.tag, str) and (child.tag in _BLOCKS or _holds_block(child)):
            yield _paragraph(loose)
            loose = []
            yield from _block(child, depth + 1)
        elif isinstance(child.tag, str):
            loose.append(_inline_child(child))
        loose.append(child.tail or "")
    yield _paragraph(loose)


def _holds_block(element: etree._Element) -> bool:
    """Whether an inline element (a link around a heading, say) has blocks inside."""
    return any(child.tag in _BLOCKS for child in element.iterdescendants() if isinstance(child.tag, str))


def _paragraph(parts: list[str]) -> str:
    return safe_paragraph(" ".join("".join(parts).split()))


def _block(element: etree._Element, depth: int) -> Iterator[str]:
    tag = element.tag
    if tag in _HEADINGS:
        text = inline_text(element)
        yield heading(text, _HEADINGS[tag]) if text else ""
    elif tag in ("ul", "ol", "menu", "dir"):
        if _is_navigation(element):
            return
        yield "\n".join(_list(element, depth))
    elif tag == "dl":
        yield from _definitions(element)
    elif tag == "table":
        yield from _table(element, depth)
    elif tag in ("pre", "xmp", "listing"):
        yield fenced("".join(element.itertext()))
    elif tag == "blockquote":
        yield block_quote("\n\n".join(markdown_blocks(element, depth)))
    elif tag != "hr":
        yield from _inside(element, depth)


def _is_navigation(element: etree._Element) -> bool:
    """Whether a long list holds nothing but links, as menus and lists of languages do."""
    items = [child for child in element if child.tag == "li"]
    if len(items) < _LONG_LIST:
        return False
    linked = sum(
        len(" ".join("".join(link.itertext()).split())) for item in items for link in item.iterdescendants("a")
    )
    return linked >= 0.98 * len(" ".join("".join(element.itertext()).split())) - len(items)


def fenced(code: str) -> str:
    """A code block that no line of `code` can close."""
    ticks = max((len(run) for run in re.findall(r"`{3,}", code)), default=2) + 1
    return f"{'`' * ticks}\n{code.strip(chr(10)).rstrip()}\n{'`' * ticks}" if code.strip() else ""


def _list(element: etree._Element, depth: int) -> Iterator[str]:
    number = 0
    for child in element:
        if not isinstance(child.tag, str):
            continue
        blocks = markdown_blocks(child, depth) if child.tag == "li" else list(_block(child, depth + 1))
        blocks = [block for block in blocks if block.strip()]
        if not blocks:
            continue
        number += 1
        mark = f"{number}. " if element.tag == "ol" else "- "
        yield from list_item(mark, blocks)


def _definitions(element: etree._Element) -> Iterator[str]:
    for child in element.iterdescendants("dt", "dd"):
        text = safe_text(inline_text(child))
        if text:
            yield f"**{text}**" if child.tag == "dt" else text


def _table(element: etree._Element, depth: int) -> Iterator[str]:
    caption = element.find("caption")
    if caption is not None:
        yield safe_paragraph(inline_text(caption))
    if _is_for_layout(element):
        for cell in element.iterdescendants("td", "th"):
            if next(cell.iterancestors("table")) is element:
                yield from _inside(cell, depth + 1)
        return
    yield pipe_table(rows_of(grid_of(element, inline_text)))


def _is_for_layout(table: etree._Element) -> bool:
    """Whether the table only places things: it holds headings or other tables, or single cells without a header."""
    if next(table.iterdescendants("table", "h1", "h2", "h3"), None) is not None:
        return True
    if next(table.iterdescendants("th"), None) is not None:
        return False
    widths = [len(row.findall("td") + row.findall("th")) for row in table.iterdescendants("tr")]
    return max(widths, default=0) <= 1


def _inline(element: etree._Element) -> str:
    parts = [element.text or ""]
    for child in element:
        if isinstance(child.tag, str):
            separated = child.tag in _BLOCKS
            parts.append(f" {_inline_child(child)} " if separated else _inline_child(child))
        parts.append(child.tail or "")
    return "".join(parts)


def _inline_child(element: etree._Element) -> str:
    tag = element.tag
    if tag == "br":
        return " "
    if tag == "math":
        latex = element.get("alttext") or ""
        return f"${latex}$" if latex else " ".join("".join(element.itertext()).split())
    if tag == "sup" and "reference" in (element.get("class") or ""):
        return ""  # the number of a source that stands elsewhere
    text = _inline(element)
    if tag in _CODE and text.strip() and "`" not in text:
        return f"`{text.strip()}`"
    if tag == "sup" and _NUMERAL.fullmatch(text.strip()):
        return "^" + text.strip()
    return text
