"""The pieces that a page is laid out from: lines cut at the gutters between columns, and tables as one piece each."""

import re
from dataclasses import dataclass

from loresmith.ingest.layout.lines import lines_of, text_of, type_size
from loresmith.ingest.layout.page import Line, Word
from loresmith.ingest.layout.tables import Table

_LETTER_OR_DIGIT = re.compile(r"\w")
_SECTION_NUMBER = re.compile(r"(\d{1,2}|[A-Z])(\.\d{1,2})*\.?")


@dataclass(frozen=True, slots=True)
class Piece:
    """A line of one column, or a whole table."""

    x0: float
    x1: float
    top: float
    bottom: float
    baseline: float
    size: float
    words: Line
    """Empty for a table."""
    table: Table | None = None
    is_equation: bool = False
    """Several lines of one formula."""

    @property
    def stands_alone(self) -> bool:
        """Whether the piece is a block of its own and no line of a paragraph."""
        return self.table is not None or self.is_equation

    @property
    def text(self) -> str:
        """The words as text."""
        return text_of(self.words)

    @property
    def is_bold(self) -> bool:
        """Whether every word with letters or digits is bold, and there is one."""
        return is_all_bold(self.words)


def is_all_bold(words: Line) -> bool:
    """Whether every word with letters or digits is bold, and there is one."""
    lettered = [word for word in words if _LETTER_OR_DIGIT.search(word.text) and not word.raised]
    return bool(lettered) and all(word.bold for word in lettered)


def line_piece(words: Line) -> Piece:
    """The piece that a line of words makes; its height is that of its type, so that accents do not close line gaps."""
    return Piece(
        x0=words[0].x0,
        x1=max(word.x1 for word in words),
        top=min(word.baseline - 0.72 * word.size for word in words),
        bottom=max(word.baseline + 0.2 * word.size for word in words),
        baseline=words[0].baseline,
        size=type_size(words),
        words=words,
    )


def table_piece(table: Table) -> Piece:
    """The piece that a table makes."""
    region = table.region
    return Piece(region.x0, region.x1, region.top, region.bottom, region.bottom, 0.0, [], table)


def pieces_of(words: list[Word]) -> list[Piece]:
    """The lines of a page, cut wherever a gap may be a gutter; from top to bottom."""
    pieces: list[Piece] = []
    for line in lines_of(words):
        start = 0
        for index in range(1, len(line)):
            if _is_gutter(line[start:index], line[index]):
                pieces.append(line_piece(line[start:index]))
                start = index
        pieces.append(line_piece(line[start:]))
    return pieces


def _is_gutter(before: Line, word: Word) -> bool:
    """Whether the gap in front of `word` is too wide for a space; section numbers and run-in titles stay in line."""
    last = before[-1]
    gap, size = word.x0 - last.x1, max(word.size, last.size)
    if gap <= max(0.95 * size, 7):
        return False
    run_in = gap < 2.3 * size and len(before) < 14 and last.bold and not word.bold and is_all_bold(before)
    numbered = (
        gap < 2.6 * size
        and len(before) == 1
        and bool(_SECTION_NUMBER.fullmatch(last.text))
        and last.bold == word.bold
        and abs(last.size - word.size) < 0.6
    )
    return not run_in and not numbered
