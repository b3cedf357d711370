"""Small parts of a line that the PDF draws off its baseline are put back into the line.

Roots, the halves of inline fractions and the raised marks in front of footnotes have baselines of their own; left
alone, each would cut its paragraph in two.
"""

import re
from dataclasses import replace

from loresmith.ingest.layout.page import Word
from loresmith.ingest.layout.pieces import Piece, line_piece

_MOST_WORDS = 3
_MIN_SHARE = 0.3
"""Of the fragment's height that must stand beside its line."""
_LEAST_LIFT, _MOST_LIFT = 0.2, 0.7
"""Of the line's type size, by which a mark in front of it is raised."""
_MARK = re.compile(r"\d{1,2}|[*†‡§¶∗]+")
_PLAIN_WORD = re.compile(r"[A-Za-z]{4,}")


def with_fragments_in_line(pieces: list[Piece]) -> list[Piece]:
    """The pieces of a page, with short formula parts and note marks inside the lines that they belong to."""
    fragments = [piece for piece in pieces if _is_fragment(piece)]
    lines = [piece for piece in _bridged(pieces, fragments) if len(piece.words) > _MOST_WORDS]
    within = {id(word) for line in lines for word in line.words}
    homes: dict[int, list[Word]] = {}
    kept = [piece for piece in pieces if piece.table is not None or not within & {id(word) for word in piece.words}]
    rest: list[Piece] = []
    for piece in kept:
        home = _home(piece, lines) if piece in fragments else None
        if home is None:
            rest.append(piece)
            continue
        in_front = piece.x1 <= home.x0 + 1
        moved = [replace(word, baseline=home.baseline, raised=word.raised or in_front) for word in piece.words]
        homes.setdefault(id(home), []).extend(moved)
    return _with_marks([*rest, *(_with(line, homes[id(line)]) if id(line) in homes else line for line in lines)])


def _with_marks(pieces: list[Piece]) -> list[Piece]:
    """The lines with the small mark that stands high in front of them, as in a note that is only an address."""
    marks = [piece for piece in pieces if len(piece.words) == 1 and _MARK.fullmatch(piece.words[0].text)]
    whole: dict[int, Piece] = {}
    for mark in marks:
        line = next((piece for piece in pieces if _is_note(piece, mark)), None)
        if line is not None and id(line) not in whole:
            word = replace(mark.words[0], baseline=line.baseline, raised=True)
            whole[id(line)] = _with(line, [word])
            whole[id(mark)] = whole[id(line)]
    kept = [piece for piece in pieces if id(piece) not in whole]
    return kept + list({id(piece): piece for piece in whole.values()}.values())


def _is_note(line: Piece, mark: Piece) -> bool:
    lift = line.baseline - mark.baseline
    close = _stands_in_front(mark, line) and _LEAST_LIFT * line.size < lift < _MOST_LIFT * line.size
    return close and any(_PLAIN_WORD.search(word.text) for word in line.words)


def _is_fragment(piece: Piece) -> bool:
    return 0 < len(piece.words) <= _MOST_WORDS and not any(_PLAIN_WORD.search(word.text) for word in piece.words)


def _bridged(pieces: list[Piece], fragments: list[Piece]) -> list[Piece]:
    """The lines of the page, joined where a fragment fills the gap between two of one baseline."""
    bridged: list[Piece] = []
    for piece in sorted((each for each in pieces if each.words), key=lambda each: (round(each.baseline), each.x0)):
        last = bridged[-1] if bridged else None
        if last is not None and abs(last.baseline - piece.baseline) < 0.6 and _is_filled(last, piece, fragments):
            bridged[-1] = line_piece([*last.words, *piece.words])
            continue
        bridged.append(piece)
    return bridged


def _is_filled(left: Piece, right: Piece, fragments: list[Piece]) -> bool:
    """Whether fragments leave no more than a wide space of the gap between two pieces; a gutter stays one."""
    if not 0 <= right.x0 - left.x1 < 4 * right.size:
        return False
    between = [
        each
        for each in fragments
        if left.x1 - 2 <= each.x0 and each.x1 <= right.x0 + 2 and _share(each, right) > _MIN_SHARE
    ]
    end, free = left.x1, 0.0
    for each in sorted(between, key=lambda fragment: fragment.x0):
        free += max(0.0, each.x0 - end)
        end = max(end, each.x1)
    return bool(between) and free + max(0.0, right.x0 - end) < 0.8 * right.size


def _share(fragment: Piece, line: Piece) -> float:
    """Share of the fragment's drawn height at which the line stands."""
    top, bottom = min(word.top for word in fragment.words), max(word.bottom for word in fragment.words)
    return (min(bottom, line.bottom) - max(top, line.top)) / max(0.1, bottom - top)


def _home(fragment: Piece, lines: list[Piece]) -> Piece | None:
    """The line that the fragment overlaps in height and stands in, or stands in front of as a mark."""
    near = [line for line in lines if abs(fragment.baseline - line.baseline) >= 0.3 and _belongs(fragment, line)]
    best = max(near, key=lambda line: _share(fragment, line), default=None)
    return best if best is not None and _share(fragment, best) > _MIN_SHARE else None


def _belongs(fragment: Piece, line: Piece) -> bool:
    inside = fragment.x0 >= line.x0 - 1 and fragment.x1 <= line.x1 + 1.5 * line.size
    is_mark = _stands_in_front(fragment, line) and bool(_MARK.fullmatch(fragment.text))
    return (inside and fragment.size <= 1.1 * line.size) or is_mark


def _stands_in_front(fragment: Piece, line: Piece) -> bool:
    """Whether the fragment is in smaller type and no wider space in front of the line."""
    return fragment.size < 0.85 * line.size and -1 <= line.x0 - fragment.x1 < 0.6 * line.size


def _with(line: Piece, words: list[Word]) -> Piece:
    whole = line_piece(sorted([*line.words, *words], key=lambda word: (word.x0, word.top)))
    return replace(whole, baseline=line.baseline, size=line.size, top=line.top, bottom=line.bottom)
