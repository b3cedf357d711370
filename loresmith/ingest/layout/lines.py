"""Words to lines, lines to runs, and runs to text."""

import re
from collections.abc import Iterable

from loresmith.ingest.layout.page import Line, Word

_NUMERAL = re.compile(r"[-−+–]?\d+(?:[.,]\d+)*")


def lines_of(words: Iterable[Word]) -> list[Line]:
    """Words grouped by baseline, from top to bottom, each line from left to right."""
    lines: list[Line] = []
    for word in sorted(words, key=lambda each: each.baseline):
        if lines and abs(lines[-1][0].baseline - word.baseline) < max(1.2, 0.16 * word.size):
            lines[-1].append(word)
        else:
            lines.append([word])
    return [sorted(line, key=lambda each: each.x0) for line in lines]


def runs_of(line: Line, widest_gap: float) -> list[Line]:
    """The line cut wherever a gap is at least `widest_gap` times the type size."""
    runs: list[Line] = []
    for word in line:
        if runs and word.x0 - runs[-1][-1].x1 < widest_gap * max(word.size, runs[-1][-1].size):
            runs[-1].append(word)
        else:
            runs.append([word])
    return runs


def text_of(words: Line) -> str:
    """The words as text: single spaces, none where letters touch; raised numerals as `10^-3`."""
    text = ""
    for index, word in enumerate(words):
        if not index:
            text = "^" + word.text if word.raised and _NUMERAL.fullmatch(word.text) else word.text
            continue
        previous = words[index - 1]
        touching = word.x0 - previous.x1 < 0.06 * max(word.size, previous.size)
        same_line = abs(word.baseline - previous.baseline) < 1
        if same_line and _is_exponent(word, previous):
            text += "^" + word.text
        elif same_line and _is_index(word, previous):
            text += "_" + word.text
        elif same_line and (touching or _are_small_capitals(previous, word)):
            text += word.text
        else:
            text += " " + word.text
    return text


def _is_exponent(word: Word, previous: Word) -> bool:
    """Raised right behind a letter or digit: an exponent or the mark of a note, in any case not part of the word."""
    close = word.raised and not previous.raised and previous.text[-1:].isalnum()
    note = len(word.text) == 1 and word.text.isalpha() and previous.text[-3:].isalpha() and len(previous.text) >= 3
    return close and (bool(_NUMERAL.fullmatch(word.text)) or _is_symbol(previous) or note)


def _are_small_capitals(left: Word, right: Word) -> bool:
    """Parts of one word set in capitals of two sizes, as in titles in small capitals."""
    if not left.text[-1].isupper() or not (right.text[0].isupper() or right.text[0] == "-"):
        return False
    small, large = sorted((left.size, right.size))
    return 0.65 * large < small < 0.92 * large and right.x0 - left.x1 < 0.16 * large


def _is_index(word: Word, previous: Word) -> bool:
    """A lowered letter or number behind a symbol of a formula."""
    return word.lowered and not previous.lowered and _is_symbol(previous) and word.text.isalnum()


def _is_symbol(word: Word) -> bool:
    """A single slanted or Greek letter, as in formulas."""
    return len(word.text) == 1 and word.text.isalpha() and (word.italic or word.text > "\u0370")


def type_size(words: Iterable[Word]) -> float:
    """Median size in points; 9 when there are no words."""
    sizes = sorted(word.size for word in words)
    return sizes[len(sizes) // 2] if sizes else 9.0
