"""The files of an index, written so that the same chunks and vectors give the same bytes."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from loresmith.recipe import IndexConfig
from loresmith.records import Chunk, Question
from loresmith.retrieval import chunk_table
from loresmith.retrieval.embedding import Embedded
from loresmith.retrieval.index_files import FACTS, VECTORS, IndexFacts
from loresmith.retrieval.searcher import Searcher
from loresmith.retrieval.tuning import Tuned, sampled, tuned

SEED = 17
"""Of the sample of questions."""


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
        fusion=settings.fusion,
        cosine_weight=settings.cosine_weight,
        rerank=settings.rerank,
        late_weight=settings.late_weight,
        diversity=settings.diversity,
    )
    write_facts(folder, facts)
    return facts


def tune(folder: Path, chunks: Sequence[Chunk], questions: Sequence[Question], facts: IndexFacts) -> Tuned:
    """Search the files in `folder` for training `questions`; keep the weight that comes out, and how it did, there."""
    vectors = np.load(folder / VECTORS, mmap_mode="r", allow_pickle=False)
    with Searcher(chunk_table.ChunkTable(folder / chunk_table.FILE), vectors, facts) as searcher:
        found = tuned(sampled(questions, SEED), chunks, searcher.candidates, facts.fusion, facts.weight)
    write_facts(folder, facts.weighted(found.chosen).model_copy(update={"tuned": found}))
    return found


def write_facts(folder: Path, facts: IndexFacts) -> None:
    """Write `index.json`."""
    (folder / FACTS).write_text(facts.model_dump_json(indent=1) + "\n", encoding="utf-8")
