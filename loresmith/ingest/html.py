"""HTML as Markdown: the main content without navigation, scripts and forms; tables with their spans expanded.

Not covered: content that scripts would build, images, style sheets that hide text (inline `display: none` is seen).
"""

import re
from pathlib import Path

from lxml import etree
from lxml import html as lxml_html

from loresmith.errors import Unreadable
from loresmith.ingest.content import text_of_file
from loresmith.ingest.html_blocks import markdown_blocks
from loresmith.ingest.markup import first_heading
from loresmith.records import Reading

_NO_TEXT = frozenset({
    "script", "style", "noscript", "template", "svg", "canvas", "iframe", "object", "embed", "select", "textarea",
    "dialog", "input", "audio", "video", "applet", "frame", "frameset", "head", "link", "meta",
})  # fmt: skip
_SURROUNDINGS = frozenset({"nav", "footer", "aside", "form", "button"})
_DROPPED_ROLES = frozenset({"navigation", "banner", "contentinfo", "search", "complementary", "dialog", "menu"})
_DROPPED_CLASSES = frozenset({"mw-editsection", "navbox", "noprint", "mw-jump-link", "toc", "printfooter", "catlinks"})
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_CHARSET = re.compile(
    rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([A-Za-z0-9._-]{2,40})|<\?xml[^>]{0,100}encoding=[\"']([\w.-]+)",
    re.IGNORECASE,
)
_MIN_MAIN_SHARE = 0.25
"""Share of the body's text below which a marked main part is not believed, and the whole body is read."""
_MIN_LEFT_SHARE = 0.1
"""Share of a page's text that must be left without its surroundings; otherwise they are its content."""
_MIN_WRAPPER_SHARE = 0.5
"""Share of a page's text from which a form is no form, but what a server wraps around its pages."""
_SHORT_PAGE = 500
"""Characters below which a page is not asked whether its surroundings are its content."""


class HtmlReader:
    """Reads the main content of a web page."""

    suffixes: tuple[str, ...] = (".html", ".htm", ".xhtml")

    def read(self, path: Path) -> Reading:
        """Headings, paragraphs, lists, tables and code of the page.

        Raises:
            Unreadable: binary content, no HTML that can be parsed, or no text left.
        """
        with path.open("rb") as file:
            declared = declared_encoding(file.read(4096))
        root = parsed(text_of_file(path, declared), path)
        title = " ".join((root.findtext(".//title") or "").split())
        blocks = markdown_blocks(main_part(root))
        if not any(blocks):
            raise Unreadable(path, "no text outside of scripts, forms and navigation")
        return Reading(
            title=title or first_heading(blocks) or path.stem, markdown="\n\n".join(blocks) + "\n", pages=None
        )


def declared_encoding(raw: bytes) -> str | None:
    """The encoding that a page names in its first bytes."""
    named = _CHARSET.search(raw[:4096])
    return (named[1] or named[2]).decode("ascii") if named else None


def parsed(text: str, path: Path) -> etree._Element:
    """The tree of an HTML text, without comments; nothing is fetched, nothing huge is accepted.

    Raises:
        Unreadable: there is nothing to parse.
    """
    parser = lxml_html.HTMLParser(
        encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = lxml_html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError) as fault:
        raise Unreadable(path, "no HTML that can be parsed") from fault
    return root


def main_part(root: etree._Element) -> etree._Element:
    """The element with the content, cleaned in place: `<main>` or `<article>` if it holds enough, else the body."""
    body = book_part(root)
    _drop_surroundings(body)
    whole = len(_text(body))
    for candidates in (body.findall(".//main"), body.xpath(".//*[@role='main']"), body.findall(".//article")):
        if len(candidates) == 1 and len(_text(candidates[0])) >= max(200, _MIN_MAIN_SHARE * whole):
            return candidates[0]
    return body


def book_part(root: etree._Element) -> etree._Element:
    """The body without what shows no text; asides and footers stay, which in a book are content."""
    body = root.find("body")
    body = root if body is None else body
    for element in list(body.iterdescendants()):
        if isinstance(element.tag, str) and _is_unseen(element) and element.getparent() is not None:
            element.drop_tree()
    return body


def _text(element: etree._Element) -> str:
    return " ".join("".join(element.itertext()).split())


def _drop_surroundings(body: etree._Element) -> None:
    """Take navigation, forms and the like out, unless next to nothing would be left of a page with text."""
    whole = len(_text(body))
    found: dict[etree._Element, None] = {}
    for element in body.iterdescendants():
        if element.getparent() in found or (isinstance(element.tag, str) and _surrounds(element, whole)):
            found[element] = None
    outermost = [element for element in found if element.getparent() not in found]
    left = whole - sum(len(_text(element)) for element in outermost)
    if left < _MIN_LEFT_SHARE * whole and whole > _SHORT_PAGE:
        return
    for element in outermost:
        element.drop_tree()


def _is_unseen(element: etree._Element) -> bool:
    hidden = element.get("hidden") is not None or _HIDDEN.search(element.get("style") or "")
    return element.tag in _NO_TEXT or bool(hidden)


def _surrounds(element: etree._Element, whole: int) -> bool:
    tag = element.tag
    if tag == "form":
        return len(_text(element)) < max(_SHORT_PAGE, _MIN_WRAPPER_SHARE * whole)
    if tag in _SURROUNDINGS or element.get("role") in _DROPPED_ROLES:
        return True
    if tag == "header":  # of the page, unless it carries the title
        inside = any(parent.tag in ("article", "main", "section") for parent in element.iterancestors())
        return not inside and element.find(".//h1") is None
    return not _DROPPED_CLASSES.isdisjoint((element.get("class") or "").split())
