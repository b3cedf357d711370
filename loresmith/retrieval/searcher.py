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
from loresmith.retrieval.fuse import Candidates, reordered
from loresmith.retrieval.index_files import VECTORS, IndexFacts, read_facts
from loresmith.retrieval.late import LateInteraction, TokenEmbedder
from loresmith.retrieval.on_disk import taken
from loresmith.retrieval.only import Only
from loresmith.retrieval.vectors import EmbedderCard, card, count_tokens, open_embedder

CANDIDATES = 100
"""Chunks that each half hands to the fusion."""
RERANKED = 30
"""Fused candidates that late interaction compares; 60 gave the same nDCG@10 on the train queries of SciFact."""
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
        candidates = self._candidates(query, max(CANDIDATES, k), only)
        ranked = candidates.ranked(self.facts.fusion, self.facts.weight)
        late: Scores = {}
        if self.facts.rerank == "late":
            late = self._compared(query, [position for position, _ in ranked[:RERANKED]])
            ranked = reordered(ranked, candidates.sums(self.facts.cosine_weight), late, self.facts.late_weight)
        chosen = self._spread(ranked, k) if self.facts.diversity else ranked[:k]
        chunks = self._table.by_position([position for position, _ in chosen])
        dense_ranks = {position: rank for rank, position in enumerate(candidates.dense, 1)}
        lexical_ranks = {position: rank for rank, position in enumerate(candidates.lexical, 1)}
        found = []
        for position, score in chosen:
            ranks = (dense_ranks.get(position), lexical_ranks.get(position))
            cosine, bm25 = candidates.dense.get(position), candidates.lexical.get(position)
            seen = (candidates.others.get(position) if cosine is None else cosine, bm25, late.get(position))
            found.append(Hit(_passage(chunks[position], score, ranks, seen), cosine, bm25))
        return found

    def candidates(self, query: str) -> Candidates:
        """What both halves find for `query`, before they are fused."""
        return self._candidates(query, CANDIDATES, None)

    def get(self, chunk_id: str) -> Chunk | None:
        """The chunk called `chunk_id`, if the index holds it."""
        return self._table.by_id(chunk_id)

    def stored(self) -> Iterator[tuple[Chunk, NDArray[np.float32]]]:
        """Every chunk with its vectors, one row per window, in order."""
        order, starts = self._windows
        for position, chunk in self._table.everything():
            yield chunk, self._vectors[order[starts[position] : starts[position + 1]]]

    def likeness(self, question: str, texts: Sequence[str]) -> list[float]:
        """The cosine between `question` and each of `texts`, by the index's own embedder."""
        vectors = self._embedder.encode([question, *texts])
        return [float(cosine) for cosine in vectors[1:] @ vectors[0]]

    def embedder(self) -> EmbedderCard:
        """The embedder whose vectors the index holds."""
        return card(self._embedder)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The vectors of `texts` by that embedder: rows of length 1; what is longer than its window is cut off."""
        return self._embedder.encode(texts)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text for that embedder; words where it does not count them."""
        return count_tokens(self._embedder, texts)

    def __len__(self) -> int:
        return self.facts.chunks

    def _candidates(self, query: str, depth: int, only: Only | None) -> Candidates:
        vector = self._embedder.encode([query])[0]
        if only is None or only.is_everything:
            dense, lexical = dict(self._nearest(vector, depth)), dict(self._table.matching(query, depth))
        else:
            allowed = self._table.allowed(only)
            dense, lexical = (
                self._nearest_of(vector, depth, np.flatnonzero(allowed[self._positions])),
                dict(self._table.matching(query, depth, allowed)),
            )
        others: Scores = {}
        if missing := [position for position in lexical if position not in dense]:
            others = self._nearest_of(vector, len(missing), self._rows_of(missing))
        return Candidates(dense, lexical, others)

    def _nearest(self, vector: NDArray[np.float32], depth: int) -> list[tuple[int, float]]:
        """The `depth` chunks nearest to `vector` as (position, cosine of the best window), best first."""
        best: Scores = {}
        for row, cosine in self._store.search(vector, depth * self._most_windows):
            best.setdefault(int(self._positions[row]), cosine)
        return list(best.items())[:depth]

    def _nearest_of(self, vector: NDArray[np.float32], depth: int, rows: NDArray[np.int64]) -> Scores:
        """As `_nearest`, among the vectors of `rows`, by looking at each of them."""
        cosines = self._cosines(vector, rows)
        best: Scores = {}
        for place in np.lexsort((rows, -cosines)):
            best.setdefault(int(self._positions[rows[place]]), float(cosines[place]))
            if len(best) == depth:
                break
        return best

    def _rows_of(self, positions: Sequence[int]) -> NDArray[np.int64]:
        order, starts = self._windows
        return np.concatenate([order[starts[position] : starts[position + 1]] for position in positions])

    def _cosines(self, vector: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float32]:
        pieces = np.array_split(rows, len(rows) // 8192 + 1)
        return np.concatenate([taken(self._vectors, piece) @ vector for piece in pieces])

    def _compared(self, query: str, positions: Sequence[int]) -> Scores:
        """Late scores of the chunks at `positions`."""
        chunks = self._table.by_position(positions)
        scores = self._late.scores(query, [chunks[position] for position in positions])
        return dict(zip(positions, scores, strict=True))

    def _spread(self, ranked: list[tuple[int, float]], k: int) -> list[tuple[int, float]]:
        first = ranked[: SPREAD_OVER * k]
        order, starts = self._windows
        rows = order[starts[[position for position, _ in first]]]  # the first window stands for the chunk
        return spread(first, taken(self._vectors, rows), k, self.facts.diversity)

    @cached_property
    def _windows(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Vector rows by position, and where those of each position begin in that order."""
        order = np.argsort(self._positions, kind="stable")
        return order, np.searchsorted(self._positions[order], np.arange(self.facts.chunks + 1))

    @cached_property
    def _embedder(self) -> Embedder:
        return open_embedder(self.facts.embedder)

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
