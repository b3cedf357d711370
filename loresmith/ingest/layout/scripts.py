"""Superscripts and subscripts take the baseline of the word that they hang on, so that lines stay whole."""

from bisect import bisect_right
from dataclasses import replace

from loresmith.ingest.layout.page import Word

_LOOK_BACK = 40
"""Words, in order of their right ends, among which the carrier of a script is looked for."""


def with_scripts_attached(words: list[Word]) -> list[Word]:
    """The same words in the same order; small raised or lowered ones marked and moved to their carrier's baseline."""
    by_end = sorted(words, key=lambda word: word.x1)
    ends = [word.x1 for word in by_end]
    attached: list[Word] = []
    for word in words:
        last = bisect_right(ends, word.x0 + 1.5)
        carrier = _carrier(word, by_end[max(0, last - _LOOK_BACK) : last])
        if carrier is None:
            attached.append(word)
        else:
            up = carrier.baseline > word.baseline
            attached.append(replace(word, baseline=carrier.baseline, raised=up, lowered=not up))
    return attached


def _carrier(word: Word, candidates: list[Word]) -> Word | None:
    """The larger word that ends where `word` begins, with a baseline that differs by less than its own height."""
    best: Word | None = None
    for other in candidates:
        if other is word or other.size < word.size * 1.12:
            continue
        gap, shift = word.x0 - other.x1, abs(other.baseline - word.baseline)
        if -1 <= gap < 0.3 * other.size and 0.08 * other.size < shift < 0.62 * other.size:
            best = other if best is None or gap < word.x0 - best.x1 else best
    return best
