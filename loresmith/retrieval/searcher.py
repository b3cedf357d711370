"""Search a finished index by words and by meaning at once."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from loresmith import artifact, plugins
from loresmith.errors import ArtifactCorrupt, UserError
from loresmith.plugins import Embedder, Store
from loresmith.records import Chunk, Passage
from loresmith.retrieval.chunk_table import FILE, ChunkTable
from loresmith.retrieval.diversity import spread
from loresmith.retrieval.fuse import fused
from loresmith.retrieval.index_files import VECTORS, IndexFacts, read_facts
from loresmith.retrieval.late import LateInteraction, TokenEmbedder
from loresmith.retrieval.only import Only
from loresmith.retrieval.rerank import CANDIDATES as RERANKED
from loresmith.retrieval.rerank import Evidence, blended

CANDIDATES = 100
"""Chunks that each half hands to the fusion."""
SPREAD_OVER = 4
"""Candidates for each passage that is asked for, where passages are to differ."""

Scores = dict[int, float]
"""Positions, best first, with their scores."""


@dataclass(frozen=True)
class Hit:
    """A passage and the raw evidence behind its rank."""

    passage: Passage
    cosine: float | None
    """Of the chunk's best window; `None` below the candidates."""
    bm25: float | None
    """`None` when no telling word of the question occurs."""


class Searcher:
    """An open index. Searching is safe from several threads; models load at the first search."""

    def __init__(self, table: ChunkTable, vectors: NDArray[np.float32], facts: IndexFacts) -> None:
        self.facts = facts
        self._table = table
        self._vectors = vectors
        self._positions = table.window_positions()
        self._most_windows = int(np.bincount(self._positions).max()) if len(self._positions) else 1

    def __enter__(self) -> "Searcher":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release the index's files."""
        self._table.close()

    def load(self) -> None:
        """Build now what the first search would build: the store of the vectors."""
        assert self._store

    def search(self, query: str, k: int, only: Only | None = None) -> list[Passage]:
        """The `k` passages that fit `query` best, best first; the same query gives the same list.

        `only` narrows what may be found; what it leaves out neither takes a place nor counts as a candidate.
        """
        return [hit.passage for hit in self.hits(query, k, only)]

    def hits(self, query: str, k: int, only: Only | None = None) -> list[Hit]:
        """As `search`, with the cosine and the BM25 score of each passage."""
        if not query.strip() or k < 1:
            return []
        vector = self._embedder.encode([query])[0]
        dense, lexical = self._halves(query, vector, max(CANDIDATES, k), only)
        ranked = self._fused(list(dense), list(lexical))
        late: Scores = {}
        if self.facts.rerank == "late":
            ranked, late = self._reranked(query, vector, ranked, lexical)
        chosen = self._spread(ranked, k) if self.facts.diversity else ranked[:k]
        chunks = self._table.by_position([position for position, _ in chosen])
        dense_ranks = {position: rank for rank, position in enumerate(dense, 1)}
        lexical_ranks = {position: rank for rank, position in enumerate(lexical, 1)}
        found = []
        for position, score in chosen:
            ranks = (dense_ranks.get(position), lexical_ranks.get(position))
            cosine, bm25 = dense.get(position), lexical.get(position)
            passage = _passage(chunks[position], score, ranks, (cosine, bm25, late.get(position)))
            found.append(Hit(passage, cosine, bm25))
        return found

    def halves(self, query: str) -> tuple[list[int], list[int]]:
        """The positions that the vectors find, and those that full-text search finds, each best first."""
        dense, lexical = self._halves(query, self._embedder.encode([query])[0], CANDIDATES, None)
        return list(dense), list(lexical)

    def get(self, chunk_id: str) -> Chunk | None:
        """The chunk called `chunk_id`, if the index holds it."""
        return self._table.by_id(chunk_id)

    def stored(self) -> Iterator[tuple[Chunk, NDArray[np.float32]]]:
        """Every chunk with its vectors, one row per window, in order."""
        starts = [*self._first_rows.tolist(), len(self._positions)]
        for position, chunk in self._table.everything():
            yield chunk, self._vectors[starts[position] : starts[position + 1]]

    def likeness(self, question: str, texts: Sequence[str]) -> list[float]:
        """The cosine between `question` and each of `texts`, by the index's own embedder."""
        vectors = self._embedder.encode([question, *texts])
        return [float(cosine) for cosine in vectors[1:] @ vectors[0]]

    def __len__(self) -> int:
        return self.facts.chunks

    def _halves(self, query: str, vector: NDArray[np.float32], depth: int, only: Only | None) -> tuple[Scores, Scores]:
        """Cosines of the nearest chunks, and BM25 scores of those that share words."""
        if only is None or only.is_everything:
            return dict(self._nearest(vector, depth)), dict(self._table.matching(query, depth))
        allowed = self._table.allowed(only)
        return self._nearest_of(vector, depth, allowed), dict(self._table.matching(query, depth, allowed))

    def _fused(self, dense: Sequence[int], lexical: Sequence[int]) -> list[tuple[int, float]]:
        weight = self.facts.dense_weight
        order = {position: position for position in (*dense, *lexical)}
        return fused([(weight, dense), (1 - weight, lexical)], order)

    def _nearest(self, vector: NDArray[np.float32], depth: int) -> list[tuple[int, float]]:
        """The `depth` chunks nearest to `vector` as (position, cosine of the best window), best first."""
        best: Scores = {}
        for row, cosine in self._store.search(vector, depth * self._most_windows):
            best.setdefault(int(self._positions[row]), cosine)
        return list(best.items())[:depth]

    def _nearest_of(self, vector: NDArray[np.float32], depth: int, allowed: NDArray[np.bool_]) -> Scores:
        """As `_nearest`, among the positions that are `allowed`, by looking at each of them."""
        rows = np.flatnonzero(allowed[self._positions])
        cosines = self._cosines(vector, rows)
        best: Scores = {}
        for place in np.lexsort((rows, -cosines)):
            best.setdefault(int(self._positions[rows[place]]), float(cosines[place]))
            if len(best) == depth:
                break
        return best

    def _cosines(self, vector: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float32]:
        pieces = np.array_split(rows, len(rows) // 8192 + 1)
        return np.concatenate([np.asarray(self._vectors[piece], dtype=np.float32) @ vector for piece in pieces])

    def _reranked(
        self, query: str, vector: NDArray[np.float32], ranked: list[tuple[int, float]], lexical: Scores
    ) -> tuple[list[tuple[int, float]], Scores]:
        """The first candidates in the order of all evidence, the others behind them; and the late scores."""
        first = [position for position, _ in ranked[:RERANKED]]
        chunks = self._table.by_position(first)
        late = dict(zip(first, self._late.scores(query, [chunks[position] for position in first]), strict=True))
        allowed = np.zeros(len(self._table), dtype=np.bool_)
        allowed[first] = True
        cosines = self._nearest_of(vector, len(first), allowed)  # also of those that only words found
        evidence = {
            position: Evidence(cosines[position], lexical.get(position, 0.0), late[position]) for position in first
        }
        blend = blended(evidence, max(lexical.values(), default=0.0), self.facts.rerank_weights)
        # behind them stay those that were not looked at, all below the last
        least = min((score for _, score in blend), default=0.0)
        rest = [(position, least - 1 + score) for position, score in ranked[RERANKED:]]
        return blend + rest, late

    def _spread(self, ranked: list[tuple[int, float]], k: int) -> list[tuple[int, float]]:
        candidates = ranked[: SPREAD_OVER * k]
        rows = self._first_rows[[position for position, _ in candidates]]
        return spread(candidates, np.asarray(self._vectors[rows]), k, self.facts.diversity)

    @cached_property
    def _first_rows(self) -> NDArray[np.int64]:
        """The first vector row of each position."""
        rows: NDArray[np.int64] = np.unique(self._positions, return_index=True)[1]
        return rows

    @cached_property
    def _embedder(self) -> Embedder:
        made: Callable[[], Embedder] = plugins.load(plugins.EMBEDDERS, self.facts.embedder)
        return made()

    @cached_property
    def _store(self) -> Store:
        made: Callable[[NDArray[np.float32]], Store] = plugins.load(plugins.STORES, self.facts.store)
        return made(self._vectors)

    @cached_property
    def _late(self) -> LateInteraction:
        if not isinstance(self._embedder, TokenEmbedder):
            raise UserError(
                f"The embedder {self.facts.embedder!r} gives no token vectors, which index.rerank: late needs.",
                next_step="Set index.rerank to off, or index.embedder to minilm.",
            )
        return LateInteraction(self._embedder)


def open_index(path: Path) -> Searcher:
    """A searcher over the index artifact in the folder `path`.

    Raises:
        ArtifactMissing: `loresmith index` has not finished there.
        ArtifactCorrupt: its files do not fit together.
    """
    artifact.read(path, made_by="index")
    facts = read_facts(path)
    try:
        vectors: NDArray[np.float32] = np.load(path / VECTORS, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as fault:
        raise ArtifactCorrupt(path, f"{VECTORS} cannot be read", made_by="index") from fault
    if vectors.shape != (facts.vectors, facts.dimensions):
        raise ArtifactCorrupt(path, f"{VECTORS} has the shape {vectors.shape}", made_by="index")
    return Searcher(ChunkTable(path / FILE), vectors, facts)


def _passage(
    chunk: Chunk,
    score: float,
    ranks: tuple[int | None, int | None],
    evidence: tuple[float | None, float | None, float | None],
) -> Passage:
    cosine, bm25, late = (None if value is None else round(value, 4) for value in evidence)
    return Passage(
        chunk=chunk.id,
        document=chunk.document,
        source=chunk.source,
        title=chunk.title,
        page=chunk.page,
        text=chunk.text,
        score=round(score, 6),
        dense_rank=ranks[0],
        lexical_rank=ranks[1],
        cosine=cosine,
        bm25=bm25,
        late=late,
    )
