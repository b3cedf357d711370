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


def quoted(text: str) -> str:
    """A quote on one line, a table row without its outer bars."""
    return " ".join(text.split()).strip("|").strip()
