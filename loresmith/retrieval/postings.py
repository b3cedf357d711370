"""BM25 over large collections: what FTS5 computes, from posting lists that numpy adds up.

FTS5 walks every row that holds any word of a question: 60 ms at 100,000 chunks. Here each stem has its rows, and what
it adds to each of them before its rarity counts, as two arrays in the same SQLite file. They come from FTS5's own
vocabulary, so that stems, scores and order are those of FTS5 (to 1e-6). Phrases need places, which only FTS5 has; they
match few rows and are asked there.

Not covered: changing lists in place; they are built anew with the index.
"""

import math
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from loresmith.retrieval import lexical

FEWEST_CHUNKS = 20_000
"""From here on lists are built: below, FTS5 answers in about 10 ms."""
K1, B = 1.2, 0.75  # those of FTS5
LEAST_IDF = 1e-6  # what FTS5 gives a word that stands in more than half of the rows

_SCHEMA = (
    "CREATE TABLE postings (term TEXT PRIMARY KEY, documents BLOB NOT NULL, worths BLOB NOT NULL)",
    "CREATE TABLE posted (chunks INTEGER NOT NULL)",
)


def build(connection: sqlite3.Connection, chunks: int) -> None:
    """Write the lists of the finished full-text index over positions 0 to `chunks` - 1."""
    for statement in _SCHEMA:
        connection.execute(statement)
    connection.execute("CREATE VIRTUAL TABLE temp.instances USING fts5vocab(main, words, instance)")
    found = list(_counted(connection))
    lengths = np.zeros(chunks)
    for _, documents, counts in found:
        lengths[documents] += counts
    norms = K1 * (1 - B + B * lengths / max(float(lengths.mean()), 1e-12))
    rows = (
        (term, documents.astype("<i4").tobytes(), _worths(counts, norms[documents]).tobytes())
        for term, documents, counts in found
    )
    connection.executemany("INSERT INTO postings VALUES (?, ?, ?)", rows)
    connection.execute("INSERT INTO posted VALUES (?)", (chunks,))
    connection.execute("DROP TABLE temp.instances")


def has_lists(connection: sqlite3.Connection) -> bool:
    """Whether the file holds posting lists."""
    found = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'postings'").fetchone()
    return found is not None


class Postings:
    """What is kept in memory of the lists of one file, for connections to it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._stems = _Stems()
        self._rows: int = connection.execute("SELECT chunks FROM posted").fetchone()[0]

    def search(self, connection: sqlite3.Connection, question: str, k: int) -> list[tuple[int, float]]:
        """As `lexical.search`."""
        terms = lexical.terms_of(question)
        if not terms or k < 1:
            return []
        scores = np.zeros(self._rows, dtype=np.float32)
        for term, stems in zip(terms, self._stems.of(terms), strict=True):
            if len(stems) == 1:
                self._add(connection, scores, stems[0])
            elif stems:
                for position, score in lexical.matches(connection, lexical.quoted([term])):
                    scores[position] += score
        return _best(scores, k)

    def _add(self, connection: sqlite3.Connection, scores: NDArray[np.float32], stem: str) -> None:
        row = connection.execute("SELECT documents, worths FROM postings WHERE term = ?", (stem,)).fetchone()
        if row is None:
            return
        documents, worths = np.frombuffer(row[0], dtype="<i4"), np.frombuffer(row[1], dtype="<f4")
        held = len(documents)
        idf = math.log((self._rows - held + 0.5) / (held + 0.5))
        scores[documents] += worths * np.float32(max(idf, LEAST_IDF))


class _Stems:
    """The stems that FTS5 makes of words, by asking it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self._connection.execute(f"CREATE VIRTUAL TABLE asked USING fts5(word, {lexical.TOKENIZE})")
        self._connection.execute("CREATE VIRTUAL TABLE instances USING fts5vocab(asked, instance)")

    def of(self, words: Iterable[str]) -> list[list[str]]:
        """The stems of each of `words`, in order."""
        given = list(words)
        found: list[list[str]] = [[] for _ in given]
        with self._lock:
            self._connection.executemany("INSERT INTO asked (rowid, word) VALUES (?, ?)", enumerate(given))
            rows = self._connection.execute("SELECT doc, term FROM instances ORDER BY doc, offset").fetchall()
            self._connection.execute("DELETE FROM asked")
        for number, stem in rows:
            found[number].append(stem)
        return found


def _counted(connection: sqlite3.Connection) -> Iterator[tuple[str, NDArray[np.int32], NDArray[np.int32]]]:
    """Each stem with its rows in order and its count in each."""
    instances = connection.execute("SELECT term, doc FROM temp.instances")  # by stem, then by row: FTS5's own order
    for term, group in groupby(instances, key=itemgetter(0)):
        documents, counts = np.unique(np.fromiter((doc for _, doc in group), dtype=np.int32), return_counts=True)
        yield term, documents, counts.astype(np.int32)


def _worths(counts: NDArray[np.int32], norms: NDArray[np.float64]) -> NDArray[np.float32]:
    """BM25 of one stem in each of its rows, over its rarity."""
    return ((K1 + 1) * counts / (counts + norms)).astype("<f4")


def _best(scores: NDArray[np.float32], k: int) -> list[tuple[int, float]]:
    """The `k` highest of the scores above 0, equal ones in row order."""
    if k < len(scores):
        bound = np.partition(scores, len(scores) - k)[len(scores) - k]
        candidates = np.flatnonzero((scores >= bound) & (scores > 0))
    else:
        candidates = np.flatnonzero(scores > 0)
    order = np.lexsort((candidates, -scores[candidates]))[:k]
    return [(int(row), float(scores[row])) for row in candidates[order]]
