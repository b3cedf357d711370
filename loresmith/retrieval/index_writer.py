"""The files of an index, written so that the same chunks and vectors give the same bytes."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from loresmith.recipe import IndexConfig
from loresmith.records import Chunk
from loresmith.retrieval import chunk_table
from loresmith.retrieval.embedding import Embedded
from loresmith.retrieval.index_files import FACTS, VECTORS, IndexFacts


def write_files(folder: Path, chunks: Sequence[Chunk], made: Embedded, settings: IndexConfig) -> IndexFacts:
    """Write the chunk table, the vectors and the facts, which are given back, into `folder`."""
    chunk_table.write(folder / chunk_table.FILE, chunks, made.positions)
    np.save(folder / VECTORS, made.vectors, allow_pickle=False)
    facts = IndexFacts(
        embedder=settings.embedder,
        dimensions=int(made.vectors.shape[1]),
        store=settings.store,
        dense_weight=settings.dense_weight,
        chunks=len(chunks),
        vectors=len(made.vectors),
    )
    (folder / FACTS).write_text(facts.model_dump_json(indent=1) + "\n", encoding="utf-8")
    return facts
