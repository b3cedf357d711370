"""Markdown as it is, normalised: no front matter, no raw HTML, headings with `#`, HTML tables as pipe tables."""

import re
from collections.abc import Iterator
from pathlib import Path

from loresmith.errors import Unreadable
from loresmith.ingest.content import text_of_file
from loresmith.ingest.markup import outside_code, safe_text
from loresmith.records import Reading

_FRONT_MATTER = re.compile(r"\A(---|\+\+\+)[ \t]*\n(.*?)\n(?:\1|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FRONT_TITLE = re.compile(r"^title\s*[:=]\s*[\"']?(.+?)[\"']?\s*$", re.MULTILINE | re.IGNORECASE)
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
_SETEXT = re.compile(r"^(?! {0,3}(?:[-*+>#|]|\d+[.)]) )( {0,3}\S.*)\n {0,3}(=+|-{2,})[ \t]*$", re.MULTILINE)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_SILENT = re.compile(
    r"<(script|style|iframe|object|embed|noscript|template|svg|form|select|textarea|canvas|video|audio)\b[^>]*>"
    r"(?:.*?</\1\s*>)?",
    re.DOTALL | re.IGNORECASE,
)
_TABLE = re.compile(r"<table\b.*?</table\s*>", re.DOTALL | re.IGNORECASE)
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_AUTOLINK = re.compile(r"<((?:https?|mailto|ftp):[^<>\s]+)>")
_KNOWN_TAG = re.compile(
    r"</?(?:a|abbr|address|article|aside|b|bdi|big|blockquote|body|button|caption|center|cite|code|col|colgroup|dd|del|"
    r"details|dfn|div|dl|dt|em|figcaption|figure|font|footer|h[1-6]|head|header|hr|html|i|img|input|ins|kbd|label|li|"
    r"link|main|mark|meta|nav|ol|p|picture|pre|q|s|samp|section|small|source|span|strike|strong|sub|summary|sup|table|"
    r"tbody|td|tfoot|th|thead|title|tr|tt|u|ul|var|wbr)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*\s*$", re.MULTILINE)


class MarkdownReader:
    """Reads Markdown in any usual encoding."""

    suffixes: tuple[str, ...] = (".md", ".markdown")

    def read(self, path: Path) -> Reading:
        """The text without front matter and raw HTML.

        Raises:
            Unreadable: empty or binary content.
        """
        text = text_of_file(path)
        front = _FRONT_MATTER.match(text)
        named = _FRONT_TITLE.search(front[2]) if front else None
        body = text[front.end() :] if front else text
        markdown = "\n".join(tidied(body)).strip("\n")
        if not markdown.strip():
            raise Unreadable(path, "no text besides front matter and HTML")
        title = named[1] if named else heading_in(markdown) or path.stem
        return Reading(title=title, markdown=markdown + "\n", pages=None)


def heading_in(text: str) -> str | None:
    """The words of the first heading of a Markdown text; `None` without one."""
    found = _HEADING.search(text)
    return found[1] if found else None


def tidied(text: str) -> Iterator[str]:
    """Stretches of a Markdown text: code blocks as they are, everything else without raw HTML."""
    open_fence = ""
    stretch: list[str] = []
    for line in text.split("\n"):
        fence = _FENCE.match(line)
        if not open_fence and fence:
            yield from _prose("\n".join(stretch))
            open_fence, stretch = fence[1], [line]
        elif open_fence and fence and fence[1].startswith(open_fence) and not line.strip(" `~"):
            yield "\n".join([*stretch, line])
            open_fence, stretch = "", []
        else:
            stretch.append(line)
    if open_fence:  # never closed: it would swallow whatever is put behind this document
        yield "\n".join([*stretch, open_fence])
    else:
        yield from _prose("\n".join(stretch))


def _prose(text: str) -> Iterator[str]:
    if text:
        atx = _SETEXT.sub(lambda title: f"{'#' if title[2][0] == '=' else '##'} {title[1].strip()}", text)
        lines = (line.rstrip() for line in without_html(atx).split("\n"))
        yield "\n".join(lines)


def without_html(text: str) -> str:
    """Markdown outside of code blocks without raw HTML; unknown tags such as `<think>` become code."""
    cleared = outside_code(text, _without_elements)
    return safe_text(outside_code(cleared, lambda part: _KNOWN_TAG.sub("", _BREAK.sub(" ", part))))


def _without_elements(part: str) -> str:
    tables = _TABLE.sub(lambda table: _pipe_table(table[0]), _COMMENT.sub("", part))
    return _AUTOLINK.sub(r"\1", _SILENT.sub("", tables))


def _pipe_table(html: str) -> str:
    from loresmith.ingest.html import parsed
    from loresmith.ingest.html_blocks import markdown_blocks

    root = parsed(html, Path("table"))
    return "\n\n" + "\n\n".join(markdown_blocks(root)) + "\n\n"
