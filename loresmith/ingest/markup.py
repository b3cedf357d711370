"""Text as safe Markdown: no raw HTML survives, no text turns into a mark, tables are pipe tables.

Tags that a text speaks about (`<think>`) become code, which every renderer shows as it is.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

_BACKTICKS = re.compile(r"\\.|(`+)(?!`).+?(?<!`)\1(?!`)|`+", re.DOTALL)
"""An escaped character, a code span (which has group 1), or backticks that open none."""
_TAGS = re.compile(r"(?:</?[A-Za-z][^<>`\n]{0,80}>)+")
_OPENS_TAG = re.compile(r"(?<!\\)((?:\\\\)*)<(?=[A-Za-z/!?])")
_STARTS_MARK = re.compile(r"^(#{1,6}\s|>|\||```|~~~|[-+*]\s|={3,}\s*$|-{3,}\s*$)")


def safe_text(text: str) -> str:
    """The text without anything that a Markdown renderer would hand on as HTML; code spans stay as they are."""
    if "<" not in text:
        return text
    if "`" not in text:  # otherwise new backticks could pair with those that are there
        text = _TAGS.sub(lambda tags: f"`{tags[0]}`", text)
    return outside_code(text, lambda part: _OPENS_TAG.sub(r"\1\\<", part))


def outside_code(text: str, change: Callable[[str], str]) -> str:
    """The text with `change` applied to all that is not in a code span."""
    pieces, last = [], 0
    for found in _BACKTICKS.finditer(text):
        if found[1]:
            pieces += [change(text[last : found.start()]), found[0]]
            last = found.end()
    return "".join([*pieces, change(text[last:])])


def safe_paragraph(text: str) -> str:
    """A paragraph that stays one: its first characters are no heading, list, quote, table or code mark."""
    plain = safe_text(text.strip())
    return "\\" + plain if _STARTS_MARK.match(plain) else plain


def heading(text: str, level: int) -> str:
    """A heading of `level` 1 to 6."""
    return f"{'#' * min(6, max(1, level))} {safe_text(' '.join(text.split()))}"


def first_heading(blocks: Iterable[str]) -> str:
    """The words of the first heading among Markdown blocks; empty without one."""
    return next((block.lstrip("# ") for block in blocks if block.startswith("#")), "")


def block_quote(text: str) -> str:
    """Markdown of any number of blocks as a quote; empty when it is."""
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n")) if text else ""


def list_item(mark: str, blocks: Sequence[str]) -> Iterator[str]:
    """The lines of one item: the first behind its `mark`, such as `"- "`, the others set in by its width."""
    first, *rest = "\n".join(blocks).split("\n")
    yield mark + first
    yield from (" " * len(mark) + line if line else "" for line in rest)


def pipe_table(rows: Sequence[Sequence[str]]) -> str:
    """A pipe table; the first row is the header, short rows are filled up. Empty without rows."""
    width = max((len(row) for row in rows), default=0)
    if not width:
        return ""
    full = [[*row, *[""] * (width - len(row))] for row in rows]
    lines = ["| " + " | ".join(map(_cell, row)) + " |" for row in full]
    return "\n".join([lines[0], "|" + " --- |" * width, *lines[1:]])


def _cell(text: str) -> str:
    return safe_text(" ".join(text.split())).replace("|", "\\|")


def page_mark(number: int) -> str:
    """The line with which page `number` begins; pages count from 1."""
    return f"<!-- page {number} -->"
