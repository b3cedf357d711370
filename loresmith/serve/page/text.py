"""Text of documents and models made safe to show: escaped for HTML, or Markdown whose HTML and pictures are inert."""

import html
import re

_CODE = re.compile(r"(```.*?(?:```|\Z)|`[^`\n]+`)", re.DOTALL)
_TAG_OPENING = re.compile(r"<(?=[A-Za-z/!?])")
_PICTURE = re.compile(r"!(?=\[)")


def plain(text: str) -> str:
    """`text` for HTML, every character as it is."""
    return html.escape(text, quote=True)


def inert(text: str) -> str:
    """`text` as Markdown in which tags and pictures are only words; code stays as it is, since it is shown verbatim."""
    parts = _CODE.split(text)
    return "".join(part if index % 2 else _without_markup(part) for index, part in enumerate(parts))


def written(shown: str) -> str:
    """What `inert` made `shown` of; a reference that somebody wrote out in place of a sign becomes that sign too."""
    return shown.replace("&lt;", "<").replace("&#33;", "!")


def _without_markup(text: str) -> str:
    return _PICTURE.sub("&#33;", _TAG_OPENING.sub("&lt;", text))


def place(source: str, page: int | None) -> str:
    """A document and its page in words."""
    return source if page is None else f"{source}, page {page}"


def cited(source: str, page: int | None, link: str | None = None) -> str:
    """A document and its page as HTML, which leads to `link` where there is one."""
    words = plain(place(source, page))
    return f"<cite>{words}</cite>" if link is None else f"<cite>{opening(link, words)}</cite>"


def opening(link: str, words: str, name: str = "") -> str:
    """`words`, which are HTML, as a link that opens a document beside the page; `name` is what it is called aloud."""
    aloud = f' aria-label="{plain(name)}"' if name else ""
    return f'<a class="open-source" href="{plain(link)}" target="_blank" rel="noopener"{aloud}>{words}</a>'


def quoted(text: str) -> str:
    """A quote on one line, a table row without its outer bars."""
    return " ".join(text.split()).strip("|").strip()
