"""Markdown as a flat list of blocks with their offsets: what may be cut apart, and what may not.

Not covered: setext headings, indented code, HTML blocks; they count as prose, which is always safe to cut.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["heading", "prose", "item", "table", "code", "mark"]

_PAGE_MARK = re.compile(r"^\s*<!-- page (\d+) -->\s*$")
_HEADING = re.compile(r"^ {0,3}(#{1,6})\s+(\S.*)$")
_FENCE = re.compile(r"^ {0,3}(```+|~~~+)")
_ITEM = re.compile(r"^\s*(?:[-*+]|\d{1,3}[.)])\s+\S")
_TABLE_RULE = re.compile(r"^\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?$")
_PAGE_MARKS = re.compile(r"^[ \t]*<!-- page \d+ -->[ \t]*(?:\n|\Z)", re.MULTILINE)
_BLANK_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a Markdown text: `text[start:end]`, without the line break that ends it."""

    kind: Kind
    start: int
    end: int
    level: int = 0
    """Of a heading, 1 to 6."""
    page: int | None = None
    """The page on which it begins; `None` before the first page mark."""


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    text: str

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def blocks_of(text: str) -> list[Block]:
    """The blocks in order; together they hold every character that is not white space."""
    lines = _lines(text)
    blocks: list[Block] = []
    page: int | None = None
    index = 0
    while index < len(lines):
        line = lines[index]
        if not line.text.strip():
            index += 1
            continue
        kind, after = _block_at(lines, index)
        if kind == "mark" and (mark := _PAGE_MARK.match(line.text)):
            page = int(mark[1])
        heading = _HEADING.match(line.text) if kind == "heading" else None
        level = len(heading[1]) if heading else 0
        blocks.append(Block(kind, line.start, lines[after - 1].end, level, page))
        index = after
    return blocks


def without_page_marks(text: str) -> str:
    """The text as people see it: no page marks, no holes where they stood."""
    return _BLANK_LINES.sub("\n\n", _PAGE_MARKS.sub("", text)).strip()


def heading_text(line: str) -> str:
    """The words of a heading line, without marks of emphasis."""
    match = _HEADING.match(line)
    words = match[2].rstrip().rstrip("#") if match else line
    return re.sub(r"[*`]+", "", words).strip()


def table_head(text: str) -> tuple[str, list[str]]:
    """The header of a pipe table with its rule, and the lines of its rows."""
    lines = text.split("\n")
    return "\n".join(lines[:2]), lines[2:]


def is_inner_header(row: str, head: str) -> bool:
    """Whether a row of a pipe table begins with the same two titles as its header and goes on with others."""
    cells, titles = (
        [cell.strip() for cell in line.strip().strip("|").split("|")] for line in (row, head.split("\n")[0])
    )
    return len(cells) == len(titles) > 2 and cells[:2] == titles[:2] and cells != titles


def _lines(text: str) -> list[_Line]:
    lines, start = [], 0
    for line in text.split("\n"):
        lines.append(_Line(start, line))
        start += len(line) + 1
    return lines


def _block_at(lines: list[_Line], index: int) -> tuple[Kind, int]:
    """The kind of the block that begins at line `index`, and the index after its last line."""
    text = lines[index].text
    if fence := _FENCE.match(text):
        return "code", _after_fence(lines, index, fence[1])
    if _is_table(lines, index):
        return "table", _after(lines, index + 2, stops=lambda i: "|" not in lines[i].text or bool(_opens(lines, i)))
    if kind := _opens(lines, index):
        if kind == "item":
            return "item", _after(lines, index + 1, stops=lambda i: bool(_opens(lines, i)))
        return kind, index + 1
    return "prose", _after(lines, index + 1, stops=lambda i: bool(_opens(lines, i)))


def _opens(lines: list[_Line], index: int) -> Kind | None:
    """The kind of the one-line marks and other blocks that end a paragraph, when one begins here."""
    text = lines[index].text
    if _PAGE_MARK.match(text):
        return "mark"
    if _HEADING.match(text):
        return "heading"
    if _FENCE.match(text):
        return "code"
    if _ITEM.match(text):
        return "item"
    return "table" if _is_table(lines, index) else None


def _is_table(lines: list[_Line], index: int) -> bool:
    if index + 1 >= len(lines) or "|" not in lines[index].text:
        return False
    rule = lines[index + 1].text
    return "-" in rule and "|" in rule and _TABLE_RULE.match(rule.strip()) is not None


def _after(lines: list[_Line], index: int, stops: Callable[[int], bool]) -> int:
    while index < len(lines) and lines[index].text.strip() and not stops(index):
        index += 1
    return index


def _after_fence(lines: list[_Line], index: int, fence: str) -> int:
    for after in range(index + 1, len(lines)):
        stripped = lines[after].text.strip()
        if stripped.startswith(fence) and not stripped.strip(fence[0]):
            return after + 1
    return len(lines)
