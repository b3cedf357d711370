"""The lines of a column gathered into paragraphs, list items and tables."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from loresmith.ingest.layout.captions import CAPTION
from loresmith.ingest.layout.order import Column
from loresmith.ingest.layout.outline import Spans
from loresmith.ingest.layout.page import OutlineEntry, Word
from loresmith.ingest.layout.pieces import Piece, line_piece

BULLET = re.compile(r"[•◦▪‣∙●■➢❖⁃○]\s*")
SECTION_NUMBER = re.compile(
    r"^(?:(?:Appendix|Section)\s+)?((?:\d{1,2}|[A-Z])(?:\.\d{1,2}){0,3})\.?\s+(?=[A-Z(“\"‘'\d])"
)
_ITEM = re.compile(r"(?:[•◦▪‣∙●■➢❖⁃○–]|\(\d{1,2}\)|\[\d{1,3}\])\s*(?=\S)")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines that belong together."""

    lines: list[Piece]
    gap_above: float | None
    """Distance from the line above in line spacings; `None` at the top of a column or below a table or
    an equation."""
    entry: OutlineEntry | None = None
    """The outline's title that these lines are."""

    @property
    def words(self) -> list[Word]:
        """All words in order."""
        return [word for line in self.lines for word in line.words]


@dataclass(frozen=True, slots=True)
class _Shape:
    """How the lines of a column are set."""

    leading: float
    left: float
    right: float
    hanging: bool
    """First lines stand further left than the rest of their paragraph, as in lists of references."""
    body: float


def paragraphs_of(column: Column, spans: Spans, body_size: float) -> Iterator[Paragraph | Piece]:
    """The paragraphs of a column and the pieces that stand alone, downwards.

    `spans` are the places of the outline's titles in it.
    """
    shape = _shape(column, body_size)
    lines: list[Piece] = []
    gap: float | None = None
    index = 0
    while index < len(column):
        piece = column[index]
        ends_here = index in spans or piece.stands_alone or (bool(lines) and _starts(piece, lines, shape))
        if lines and ends_here:
            yield Paragraph(lines, gap)
            lines = []
        if piece.stands_alone:
            yield piece
            index += 1
            continue
        if not lines:
            gap = _gap(column, index, shape)
        if index in spans:
            end, entry = spans[index]
            yield Paragraph(column[index:end], gap, entry)
            index = end
            continue
        lines = [*lines, piece]
        index += 1
    if lines:
        yield Paragraph(lines, gap)


def with_lines_whole(column: Column) -> Column:
    """Pieces of one line that are a stretched space apart put together again."""
    whole: Column = []
    for piece in column:
        if whole and not piece.stands_alone and not whole[-1].stands_alone:
            above = whole[-1]
            gap = piece.x0 - above.x1
            same_line = abs(piece.baseline - above.baseline) < 1
            if same_line and 0 <= gap < 2.2 * min(piece.size, above.size):
                whole[-1] = line_piece([*above.words, *piece.words])
                continue
        whole.append(piece)
    return whole


def _shape(column: Column, body_size: float) -> _Shape:
    lines = [piece for piece in column if not piece.stands_alone]
    steps = sorted(b.baseline - a.baseline for a, b in pairwise(lines) if b.baseline > a.baseline + 2)
    left = Counter(round(piece.x0) for piece in lines).most_common(1)[0][0] if lines else 0
    return _Shape(
        leading=steps[len(steps) // 2] if steps else 1.2 * body_size,
        left=left,
        right=max((piece.x1 for piece in lines), default=0),
        hanging=_is_hanging(lines, body_size),
        body=body_size,
    )


def _is_hanging(lines: list[Piece], body_size: float) -> bool:
    """Whether lines at the left edge are usually followed by an indented one."""
    if len(lines) < 6:
        return False
    edge = min(line.x0 for line in lines)
    first = [(line, below) for line, below in pairwise(lines) if line.x0 < edge + 2]
    indented = sum(edge + 0.5 * body_size < below.x0 < edge + 3 * body_size for _, below in first)
    return len(first) >= 3 and indented >= 0.6 * len(first)


def _gap(column: Column, index: int, shape: _Shape) -> float | None:
    if index == 0 or column[index - 1].stands_alone:
        return None
    return (column[index].baseline - column[index - 1].baseline) / shape.leading


def _starts(piece: Piece, lines: list[Piece], shape: _Shape) -> bool:
    """Whether `piece` begins a new paragraph below `lines`."""
    above = lines[-1]
    gap = piece.baseline - above.baseline
    if _goes_on_as_title(piece, above, shape):
        return False
    resized = abs(piece.size - above.size)
    if gap > 1.32 * shape.leading or gap < 1 or resized > 0.12 * shape.body:
        return True
    if resized > 0.05 * shape.body and piece.x0 < above.x0 - 5 * shape.body:  # below a caption in the middle
        return True
    ended = above.x1 < shape.right - 2 * shape.body or above.text[-1:] in ".:;"
    if BULLET.match(piece.text) or (ended and (_ITEM.match(piece.text) or CAPTION.match(piece.text))):
        return True
    return _changes_weight(piece, above, shape, gap) or _is_indented_anew(piece, lines, shape)


def _goes_on_as_title(piece: Piece, above: Piece, shape: _Shape) -> bool:
    """Whether both lines are of one large type and stand as close as lines of a title do."""
    gap = piece.baseline - above.baseline
    sizes = [max(word.size for word in line.words) for line in (above, piece)]
    alike = abs(sizes[0] - sizes[1]) < 0.5 and piece.is_bold == above.is_bold
    return min(sizes) > 1.25 * shape.body and alike and 0 < gap < 1.6 * sizes[1]


def _changes_weight(piece: Piece, above: Piece, shape: _Shape, gap: float) -> bool:
    """Whether a bold title ends above or begins here."""
    if piece.is_bold == above.is_bold:
        return False
    if above.is_bold:
        return above.x1 < shape.right - 0.15 * (shape.right - shape.left)
    return bool(SECTION_NUMBER.match(piece.text)) or gap > 1.15 * shape.leading


def _is_indented_anew(piece: Piece, lines: list[Piece], shape: _Shape) -> bool:
    above, step = lines[-1], 0.7 * shape.body
    if _ITEM.match(lines[0].text):  # an item goes on at its own indent and ends where a line comes back left of it
        return piece.x0 < lines[0].x0 - 0.3 * shape.body
    if shape.hanging:
        return piece.x0 < shape.left - step or (piece.x0 < above.x0 - step and len(lines) > 1)
    indented = shape.left + step < piece.x0 < shape.left + 3.5 * shape.body
    return indented and above.x0 <= shape.left + 0.5 * shape.body


def without_bullet(paragraph: Paragraph) -> Paragraph | None:
    """The item without its bullet; `None` if it has none."""
    first = paragraph.lines[0]
    bullet = BULLET.match(first.words[0].text)
    if bullet is None:
        return None
    rest = first.words[0].text[bullet.end() :]
    words = [replace(first.words[0], text=rest), *first.words[1:]] if rest else first.words[1:]
    lines = [line_piece(words), *paragraph.lines[1:]] if words else paragraph.lines[1:]
    return Paragraph(lines, paragraph.gap_above) if lines else None
