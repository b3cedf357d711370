"""Footnotes: small type at the foot of a column that begins with a mark, under a short rule or told by the text above.

A note without a rule counts only where the same mark is raised in the text of its page, and never right under a table,
whose own notes look alike. Not covered: notes in the type of the text, endnotes, marks in table cells.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace

from loresmith.ingest.layout.order import Column
from loresmith.ingest.layout.page import Box, Line, Page, Rule, Word
from loresmith.ingest.layout.pieces import Piece, line_piece

_SMALL = 0.94
"""Of the body's type size; notes are set at 0.75 to 0.92 of it."""
_HIGHEST = 0.55
"""Share of the page's height above which no note ends."""
_MARGIN = 0.91
"""Share of the page's height below which a line that stands apart is a running foot."""
_LOOSEST = 2.5
"""Distance between the lines of neighbouring notes, in type sizes."""
_SHORTEST_RULE = 30
_LONGEST_RULE = 0.5
"""Of the page's width; a rule over notes that go on from the page before may be longer."""
_SYMBOLS = "*∗†‡§¶‖⋆"
_RAISED = re.compile(rf"\d{{1,3}}|[a-z]|[{_SYMBOLS}]{{1,3}}")
_LEVEL = re.compile(r"\((\d{1,3})\)|(\d{1,3})\.")
_SYMBOL = re.compile(rf"([{_SYMBOLS}]{{1,3}})(.*)")
_SHARED = re.compile(rf"\d{{1,3}}|[a-z]|([{_SYMBOLS}])\1*")
"""Of the marks that one raised word may hold, as in `1,2` or `∗†`."""
_ENDED = re.compile(r"[.!?][)\]”\"’']*$|(?:://|www\.)\S*$")
_MEASURED = re.compile(r"\W*[\d.,]*\d|\W*[^\W\d]|[cdkmnµ]?m")
"""Words on which a raised number is an exponent: numbers, symbols, lengths."""


@dataclass(frozen=True, slots=True)
class Note:
    """One footnote."""

    mark: str
    """As printed: `3`, `†`."""
    page: int
    box: Box
    lines: list[Piece]
    """Without the mark; some may stand on the pages that follow."""
    label: str = ""
    """The mark, made unlike all others of the document."""


@dataclass(frozen=True, slots=True)
class Footed:
    """The columns of a page without its footnotes, and these."""

    columns: list[Column]
    notes: list[Note] = field(default_factory=list)

    @property
    def labels(self) -> dict[str, str]:
        """The label of each mark of the page; of its first note where two have one mark."""
        return {note.mark: note.label for note in reversed(self.notes)}


@dataclass(frozen=True, slots=True)
class _Foot:
    """The lines of one column that are its footnotes: `column[start:end]`."""

    start: int
    end: int
    goes_on: bool
    """Begins with lines of a note that began before."""


def without_footnotes(pages: Sequence[Page], laid: Sequence[list[Column]], body_size: float) -> list[Footed]:
    """The columns of every page with their footnotes apart; a note that goes on is whole where it begins.

    `laid` has the columns of each page in reading order, running heads and feet left out.
    """
    footed: list[Footed] = []
    last: Note | None = None
    for page, columns in zip(pages, laid, strict=True):
        last = last if last is not None and last.page >= page.number - 1 and not _has_ended(last) else None
        here = Footed([])
        for column in columns:
            foot = _foot_of(column, columns, page, body_size, may_go_on=last is not None)
            if foot is None:
                here.columns.append(column)
                continue
            here.columns.append(column[: foot.start] + column[foot.end :])
            for mark, pieces, lines in _split(column[foot.start : foot.end]):
                if not mark and last is not None:
                    last.lines.extend(lines)
                    continue
                last = Note(mark, page.number, _box_of(pieces), lines)
                here.notes.append(last)
            last = None if last is None or _has_ended(last) else last
        footed.append(replace(here, columns=[column for column in here.columns if column]))
    return _labelled(footed)


def with_references(columns: Sequence[Column], labels: dict[str, str]) -> list[Column]:
    """The columns of a page with each raised mark of one of its notes as `[^label]` on the word in front of it."""
    if not labels:
        return list(columns)
    raised = {mark for column in columns for mark in labels if _is_referred_to(mark, column)}
    return [
        [piece if piece.stands_alone else _referring(piece, labels, raised) for piece in column] for column in columns
    ]


def _foot_of(
    column: Column, columns: Sequence[Column], page: Page, body_size: float, *, may_go_on: bool
) -> _Foot | None:
    end = _end_of_text(column, page)
    start = _start_of_small(column, end, body_size)
    if start == end or column[end - 1].bottom < _HIGHEST * page.height or _has_more_below(column[:end], columns, page):
        return None
    left = min(piece.x0 for piece in column[start:end])
    for index in range(start, end):
        rule = _rule_above(column, index, left, page)
        if rule is None:
            continue
        if _mark_of(column[index].words) is not None and rule.length <= _LONGEST_RULE * page.width:
            return _Foot(index, end, goes_on=False)
        if may_go_on and _mark_of(column[index].words) is None:
            return _Foot(index, end, goes_on=True)
    for index in range(start, end):
        found, first = _mark_of(column[index].words), column[index].words[0]
        if found is None or not (first.raised or first.text[0] in _SYMBOLS):
            continue  # `1.` may as well number a list
        body = [piece for each in columns for piece in (column[:index] if each is column else each)]
        if not (index and column[index - 1].table is not None) and _is_referred_to(found[0], body):
            return _Foot(index, end, goes_on=False)
    return None


def _end_of_text(column: Column, page: Page) -> int:
    """Index behind the last line that is no running foot: without a mark, in the margin and apart from the rest."""
    end = len(column)
    while end > 1:
        piece, above = column[end - 1], column[end - 2]
        apart = piece.baseline - above.baseline > 1.6 * max(piece.size, above.size)
        is_plain = piece.stands_alone or _mark_of(piece.words) is None
        is_ruled = _rule_above(column, end - 1, piece.x0, page) is not None
        if not (apart and is_plain and piece.baseline > _MARGIN * page.height) or is_ruled:
            break
        end -= 1
    return end


def _start_of_small(column: Column, end: int, body_size: float) -> int:
    """Index of the first of the lines in small type that reach down to `end` without a wide gap."""
    start = end
    while start:
        piece = column[start - 1]
        if piece.stands_alone or piece.size > _SMALL * body_size:
            break
        if start < end and column[start].baseline - piece.baseline > _LOOSEST * piece.size:
            break
        start -= 1
    return start


def _has_more_below(column: Column, columns: Sequence[Column], page: Page) -> bool:
    """Whether something else than a running foot stands under the column."""
    x0, x1, bottom = min(piece.x0 for piece in column), max(piece.x1 for piece in column), column[-1].bottom
    others = (piece for each in columns for piece in each if piece.top > bottom and piece.x0 < x1 and piece.x1 > x0)
    return any(piece.baseline < _MARGIN * page.height for piece in others)


def _rule_above(column: Column, index: int, left: float, page: Page) -> Rule | None:
    """The rule between the line and what stands above it, at the left edge of the lines; no rule of a table."""
    piece, above = column[index], column[index - 1] if index else None
    highest = 0.0 if above is None else above.bottom + (2 if above.table is not None else -0.1 * above.size)
    for rule in page.rules:
        at_edge = -2.5 * piece.size < rule.x0 - left < 4
        if at_edge and rule.length >= _SHORTEST_RULE and highest < rule.y < piece.top + 0.2 * piece.size:
            return rule
    return None


def _mark_of(words: Line) -> tuple[str, Line] | None:
    """The mark with which a line begins, and its other words; `None` without one."""
    first = words[0]
    if first.raised and _RAISED.fullmatch(first.text):
        return first.text, words[1:]
    for count in (1, 2, 3):
        level = _LEVEL.fullmatch("".join(word.text for word in words[:count]))
        if level:
            return level[1] or level[2], words[count:]
    symbol = _SYMBOL.fullmatch(first.text)
    if symbol is None:
        return None
    rest = [replace(first, text=symbol[2])] if symbol[2] else []
    return symbol[1], [*rest, *words[1:]]


def _split(pieces: Column) -> Iterator[tuple[str, Column, list[Piece]]]:
    """Mark, lines, and lines without the mark of each note; the first mark is empty if it began before."""
    mark, held, lines = "", list[Piece](), list[Piece]()
    for piece in pieces:
        found = _mark_of(piece.words)
        if found is not None and _may_follow(found[0], mark, piece.words[0]):
            if held:
                yield mark, held, lines
            mark, rest = found
            held, lines = [piece], [line_piece(rest)] if rest else []
        else:
            held.append(piece)
            lines.append(piece)
    yield mark, held, lines


def _may_follow(mark: str, previous: str, first: Word) -> bool:
    """Whether a line with this mark begins a note; a number that is not raised must be the next one."""
    if first.raised or not mark.isdigit() or not previous.isdigit():
        return True
    return int(mark) == int(previous) + 1


def _is_referred_to(mark: str, pieces: Collection[Piece]) -> bool:
    return any(
        word.raised and mark in _marks_in(before, word)
        for piece in pieces
        for before, word in zip(piece.words, piece.words[1:], strict=False)
    )


def _marks_in(before: Word, word: Word) -> list[str]:
    """The marks of notes that `word` may hold, raised behind the word `before`."""
    is_exponent = word.text[:1].isdigit() and _MEASURED.fullmatch(before.text)
    is_symbol = word.text[:1].isalpha() and word.italic
    if before.raised or is_exponent or is_symbol or _SHARED.sub("", word.text).strip(",.;:)"):
        return []
    return [found[0] for found in _SHARED.finditer(word.text)]


def _is_lifted(before: Word, word: Word) -> bool:
    """Whether the word is drawn small and above the line, a space behind the word before it."""
    is_high = word.size < 0.85 * before.size and word.bottom < word.baseline - 0.1 * before.size
    return is_high and word.x0 - before.x1 < 0.6 * before.size


def _referring(piece: Piece, labels: dict[str, str], raised: set[str]) -> Piece:
    """The line with its references; marks in `raised` count only where they are raised beyond doubt."""
    words: list[Word] = []
    for word in piece.words:
        before = words[-1] if words else None
        if before is not None and _is_reference(before, word, labels, raised):
            text = _SHARED.sub(lambda found: f"[^{labels[found[0]]}]" if found[0] in labels else found[0], word.text)
            words[-1] = replace(before, text=before.text + text.replace("],[", "]["), x1=word.x1)
        elif before is not None and before.text.endswith("]") and word.text[0] in ".,;:)" and word.x0 - before.x1 < 3:
            words[-1] = replace(before, text=before.text + word.text, x1=word.x1)
        else:
            words.append(word)
    return replace(piece, words=words)


def _is_reference(before: Word, word: Word, labels: Collection[str], raised: set[str]) -> bool:
    known = [mark for mark in _marks_in(before, word) if mark in labels]
    return bool(known) and (word.raised or (not raised.intersection(known) and _is_lifted(before, word)))


def _labelled(footed: Sequence[Footed]) -> list[Footed]:
    """Every note with a label of its own: its mark, or where that is taken, with its page."""
    taken: set[str] = set()
    labelled: list[Footed] = []
    for page in footed:
        notes: list[Note] = []
        for note in page.notes:
            label = _free_label(note, taken)
            taken.add(label)
            notes.append(replace(note, label=label))
        labelled.append(replace(page, notes=notes))
    return labelled


def _free_label(note: Note, taken: Collection[str]) -> str:
    label = mark = note.mark.replace("*", "∗")  # an asterisk would be a mark of emphasis
    count = 1
    while label in taken:
        label = f"{mark}-p{note.page}" if count == 1 else f"{mark}-p{note.page}-{count}"
        count += 1
    return label


def _has_ended(note: Note) -> bool:
    return not note.lines or bool(_ENDED.search(note.lines[-1].text))


def _box_of(pieces: Sequence[Piece]) -> Box:
    return Box(
        min(piece.x0 for piece in pieces),
        min(piece.top for piece in pieces),
        max(piece.x1 for piece in pieces),
        max(piece.bottom for piece in pieces),
    )
