"""A document's text in leaves that a browser shows one at a time: its pages, or stretches of a text without pages."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST_LEAF = 20_000
"""Characters of a stretch of a text without pages; a paragraph is cut only where it alone is longer."""
_PAGE = re.compile(r"^<!-- page (\d+) -->[ \t]*\n?", re.MULTILINE)
_RULER = re.compile(r"^\|?[\s:|-]+\|?$")


@dataclass(frozen=True)
class Leaf:
    """What is shown at once."""

    number: int
    """From 1."""
    page: int | None
    start: int
    """Where `text` begins in the document's text."""
    text: str
    lead: str = ""
    """The header of a table that begins on an earlier leaf."""


def leaves_of(text: str, is_paged: bool) -> list[Leaf]:
    """The leaves of `text`, at least one."""
    found = list(_pages(text)) if is_paged else list(_stretches(text))
    return found or [Leaf(1, None, 0, text)]


def _pages(text: str) -> Iterator[Leaf]:
    marks = list(_PAGE.finditer(text))
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    for number, (mark, end) in enumerate(zip(marks, ends, strict=False), 1):
        yield Leaf(number, int(mark.group(1)), mark.end(), text[mark.end() : end])


def _stretches(text: str) -> Iterator[Leaf]:
    start, number, lead = 0, 1, ""
    while start < len(text):
        end = _end_of_stretch(text, start)
        yield Leaf(number, None, start, text[start:end], lead)
        lead = _header_of_cut_table(text, end, lead if start else "")
        start, number = end, number + 1


def _end_of_stretch(text: str, start: int) -> int:
    limit = start + LONGEST_LEAF
    if limit >= len(text):
        return len(text)
    for mark in ("\n\n", "\n"):
        place = text.rfind(mark, start + 1, limit)
        if place > start + LONGEST_LEAF // 4:
            return place + len(mark)
    return limit


def _header_of_cut_table(text: str, cut: int, lead: str) -> str:
    """Title and ruler of the table that goes on at `cut`; `lead` is that of a table that began even earlier."""
    if not text.startswith("|", cut):
        return ""
    block = text[text.rfind("\n\n", 0, cut) + 2 : cut] if "\n\n" in text[:cut] else text[:cut]
    lines = block.splitlines(keepends=True)
    if len(lines) >= 2 and lines[0].startswith("|") and _RULER.match(lines[1].strip()):
        return lines[0] + lines[1]
    return lead
