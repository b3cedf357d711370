"""A passage as statements: the sentences and table rows that can be quoted on their own."""

import re
from dataclasses import dataclass
from itertools import pairwise

from loresmith.sentences import sentence_starts

_LINE = re.compile(r"[^\n]+")
_HEADING = re.compile(r"\s{0,3}#{1,6}\s")
_ITEM = re.compile(r"\s*(?:[-*+]|\d{1,3}[.)])\s+\S")
_ROW = re.compile(r"\s*\|")
_RULE = re.compile(r"\s*\|?[\s:|-]*-[\s:|-]*$")


@dataclass(frozen=True, slots=True)
class Statement:
    """`text[start:end]` of a passage, and the words it needs to be understood."""

    start: int
    end: int
    frame: str = ""
    """For a table row: its header."""


def statements(text: str) -> list[Statement]:
    """The statements of `text` in order; together they hold everything but white space and table rules."""
    found: list[Statement] = []
    for start, end in _blocks(text):
        if _ROW.match(text, start, end):
            found.extend(_rows(text, start, end))
            continue
        bounds = [0, *sentence_starts(text[start:end]), end - start]
        for begin, stop in pairwise(bounds):
            found.extend(_trimmed(text, start + begin, start + stop))
    return found


def _blocks(text: str) -> list[tuple[int, int]]:
    """Runs of lines that belong together: a table, a heading, a list item or a paragraph."""
    blocks: list[tuple[int, int]] = []
    kind_before, end_before = "", -2
    for line in _LINE.finditer(text):
        content = line.group()
        kind = "row" if _ROW.match(content) else "heading" if _HEADING.match(content) else "prose"
        if not content.strip():
            kind_before = ""
            continue
        is_next = line.start() == end_before + 1 and kind == kind_before and kind != "heading"
        if is_next and not _ITEM.match(content):
            blocks[-1] = (blocks[-1][0], line.end())
        else:
            blocks.append((line.start(), line.end()))
        kind_before, end_before = kind, line.end()
    return blocks


def _rows(text: str, start: int, end: int) -> list[Statement]:
    lines = [(start + m.start(), start + m.end()) for m in _LINE.finditer(text[start:end])]
    rows = [(begin, stop) for begin, stop in lines if not _RULE.match(text, begin, stop)]
    has_header = len(lines) > 1 and len(rows) < len(lines) and bool(_RULE.match(text, *lines[1]))
    header = text[slice(*lines[0])].strip() if has_header else ""
    return [
        Statement(statement.start, statement.end, "" if has_header and begin == start else header)
        for begin, stop in rows
        for statement in _trimmed(text, begin, stop)
    ]


def _trimmed(text: str, start: int, end: int) -> list[Statement]:
    content = text[start:end]
    begin = start + len(content) - len(content.lstrip())
    stop = start + len(content.rstrip())
    return [Statement(begin, stop)] if begin < stop else []
