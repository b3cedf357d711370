"""Runs of words that texts have in common, in memory that grows with the texts by some ten bytes a word.

Each run is a 64-bit hash in a sorted array with the place where it begins; a hit is compared word by word, so that a
collision of hashes names nothing. A dictionary of tuples takes thirty times as much.
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint32]
Hashes = NDArray[np.uint64]

COMMON = 10
"""A run that occurs more often than this is a phrase of the benchmark, no trace of an item. GPT-3 passed over what
more than ten documents share (arXiv 2005.14165, appendix C)."""
_FACTOR = np.uint64(0x9E3779B97F4A7C15)  # odd, so that multiplying loses nothing
_SEED = 17


@dataclass(frozen=True, slots=True)
class Run:
    """Words that a text shares with the held ones."""

    text: int
    """The number of the held text."""
    words: str


class Runs:
    """Holds texts; then finds the first run of words that another text shares with one of them."""

    def __init__(self, length: int, shortest: int) -> None:
        self._length = length
        self._shortest = shortest
        self._vocabulary: dict[str, int] = {}
        self._words = array("I")
        self._starts = array("Q")
        self._labels = array("I")
        self._is_whole = array("B")
        self._seen: set[bytes] = set()
        self._tables: dict[int, tuple[Hashes, NDArray[np.int64]]] = {}
        self.common = 0
        """Runs that are passed over, being too common."""

    def add(self, text: int, words: Sequence[str], *, whole: bool) -> None:
        """Hold the words of a text, of equal ones the first; with `whole`, one shorter than a run counts as a run.

        Nothing can be found before `seal`.
        """
        if len(words) < (self._shortest if whole else self._length):
            return
        digest = blake2b(" ".join(words).encode(), digest_size=12).digest()
        if digest in self._seen:
            return
        self._seen.add(digest)
        self._starts.append(len(self._words))
        self._labels.append(text)
        self._is_whole.append(whole)
        self._words.extend(self._vocabulary.setdefault(word, len(self._vocabulary) + 1) for word in words)

    def seal(self) -> None:
        """Sort what was added."""
        self._seen.clear()
        self._held = np.array(self._words, dtype=np.uint32)
        self._words = array("I")
        rng = np.random.default_rng(_SEED)
        self._codes = rng.integers(0, 2**64, size=len(self._vocabulary) + 1, dtype=np.uint64)
        self._begins = starts = np.array(self._starts, dtype=np.int64)
        ends = np.append(starts[1:], len(self._held))
        for length in range(self._shortest, self._length + 1):
            is_short = length < self._length
            chosen = ends - starts == length if is_short else ends - starts >= length
            if is_short:
                chosen &= np.array(self._is_whole, dtype=bool)
            if chosen.any():
                self._tables[length] = self._table(length, starts[chosen], ends[chosen])

    def find(self, words: Sequence[str]) -> Run | None:
        """The first run that `words` share with a held text; longer runs are looked for first."""
        known = np.array([self._vocabulary.get(word, 0) for word in words], dtype=np.uint32)
        for length in sorted(self._tables, reverse=True):
            if len(known) < length:
                continue
            hashes, places = self._tables[length]
            asked = self._hashed(known, length)
            nearest = np.minimum(np.searchsorted(hashes, asked), len(hashes) - 1)
            for start in np.flatnonzero(hashes[nearest] == asked):
                begin, place = int(start), int(places[nearest[start]])
                if np.array_equal(self._held[place : place + length], known[begin : begin + length]):
                    text = int(np.searchsorted(self._begins, place, side="right")) - 1
                    return Run(self._labels[text], " ".join(words[begin : begin + length]))
        return None

    def _table(
        self, length: int, starts: NDArray[np.int64], ends: NDArray[np.int64]
    ) -> tuple[Hashes, NDArray[np.int64]]:
        """Hashes of the runs in order, each with the place where it first begins; common ones are left out."""
        inside = np.zeros(len(self._held) + 1, dtype=np.int32)
        np.add.at(inside, starts, 1)
        np.add.at(inside, ends - length + 1, -1)
        begins = np.flatnonzero(np.cumsum(inside[:-1]) > 0)
        hashes, first, counts = np.unique(
            self._hashed(self._held, length)[begins], return_index=True, return_counts=True
        )
        rare = counts <= COMMON
        self.common += int((~rare).sum())
        return hashes[rare], begins[first[rare]]

    def _hashed(self, words: Words, length: int) -> Hashes:
        """The hash of every run of `length` words, by where it begins."""
        codes = self._codes[words]
        count = len(words) - length + 1
        hashes = np.zeros(count, dtype=np.uint64)
        for offset in range(length):
            hashes = hashes * _FACTOR + codes[offset : offset + count]
        return hashes
