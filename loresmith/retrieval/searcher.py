"""Search a finished index by words and by meaning at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from loresmith import artifact, plugins
from loresmith.errors import ArtifactCorrupt
from loresmith.plugins import Embedder, Store
from loresmith.records import Chunk, Passage
from loresmith.retrieval.chunk_table import FILE, ChunkTable
from loresmith.retrieval.fuse import fused
from loresmith.retrieval.index_files import VECTORS, IndexFacts, read_facts
from loresmith.retrieval.vectors import EmbedderCard, card, count_tokens

CANDIDATES = 100
"""Chunks that each half hands to the fusion."""


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
        self._most_windows = max(np.bincount(self._positions).tolist(), default=1) if self._positions else 1

    def __enter__(self) -> "Searcher":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release the index's files."""
        self._table.close()

    def search(self, query: str, k: int) -> list[Passage]:
        """The `k` passages that fit `query` best, best first; the same query gives the same list."""
        return [hit.passage for hit in self.hits(query, k)]

    def hits(self, query: str, k: int) -> list[Hit]:
        """As `search`, with the cosine and the BM25 score of each passage."""
        if not query.strip() or k < 1:
            return []
        depth = max(CANDIDATES, k)
        dense, lexical = (
            dict(self._nearest(self._embedder.encode([query])[0], depth)),
            dict(self._table.matching(query, depth)),
        )
        weight = self.facts.dense_weight
        ranked = fused(
            [(weight, list(dense)), (1 - weight, list(lexical))],
            order={position: position for position in (*dense, *lexical)},
        )[:k]
        chunks = self._table.by_position([position for position, _ in ranked])
        dense_ranks = {position: rank for rank, position in enumerate(dense, 1)}
        lexical_ranks = {position: rank for rank, position in enumerate(lexical, 1)}
        return [
            Hit(
                _passage(chunks[position], score, dense_ranks.get(position), lexical_ranks.get(position)),
                dense.get(position),
                lexical.get(position),
            )
            for position, score in ranked
        ]

    def get(self, chunk_id: str) -> Chunk | None:
        """The chunk called `chunk_id`, if the index holds it."""
        return self._table.by_id(chunk_id)

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

    def _nearest(self, vector: NDArray[np.float32], depth: int) -> list[tuple[int, float]]:
        """The `depth` chunks nearest to `vector` as (position, cosine of the best window), best first."""
        best: dict[int, float] = {}
        for row, cosine in self._store.search(vector, depth * self._most_windows):
            best.setdefault(self._positions[row], cosine)
        return list(best.items())[:depth]

    @cached_property
    def _embedder(self) -> Embedder:
        made: Callable[[], Embedder] = plugins.load(plugins.EMBEDDERS, self.facts.embedder)
        return made()

    @cached_property
    def _store(self) -> Store:
        made: Callable[[NDArray[np.float32]], Store] = plugins.load(plugins.STORES, self.facts.store)
        return made(self._vectors)


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


def _passage(chunk: Chunk, score: float, dense_rank: int | None, lexical_rank: int | None) -> Passage:
    return Passage(
        chunk=chunk.id,
        document=chunk.document,
        source=chunk.source,
        title=chunk.title,
        page=chunk.page,
        text=chunk.text,
        score=round(score, 6),
        dense_rank=dense_rank,
        lexical_rank=lexical_rank,
    )
