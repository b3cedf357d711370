"""The vectors of an index in Chroma: in this process, or in a folder that `LORESMITH_CHROMA` names.

Chroma searches a graph (HNSW) and may miss a neighbour, so that more are asked for than are wanted, and their cosines
computed from the array on disk. The collection is named after the vectors.

Not covered: Chroma's server; filters, which the index applies itself; removing collections of earlier indexes.
"""

import os

import chromadb
import numpy as np
from chromadb.config import Settings
from numpy.typing import NDArray

from loresmith.retrieval.on_disk import fingerprint, nearest, part

FOLDER = "LORESMITH_CHROMA"
SLICE = 1024
"""Rows of one upload; Chroma takes some thousand at most."""
SPARE = 50
"""Rows beyond twice those that are asked for."""


class ChromaStore:
    """A Chroma collection over unit vectors; the array on disk stays the truth."""

    def __init__(self, vectors: NDArray[np.float32]) -> None:
        """`vectors` has shape (rows, dimensions); rows that the collection holds already are not sent again."""
        self._vectors = vectors
        settings = Settings(anonymized_telemetry=False)
        folder = os.environ.get(FOLDER, "")
        client = chromadb.PersistentClient(folder, settings) if folder else chromadb.EphemeralClient(settings)
        self._collection = client.get_or_create_collection(
            f"loresmith-{fingerprint(vectors)}", configuration={"hnsw": {"space": "ip"}}, embedding_function=None
        )
        held = self._collection.count()
        for start in range(held - held % SLICE, len(vectors), SLICE):
            rows = part(vectors, start, min(start + SLICE, len(vectors)))
            self._collection.upsert([str(start + number) for number in range(len(rows))], embeddings=rows)

    def search(self, query: NDArray[np.float32], k: int) -> list[tuple[int, float]]:
        """The `k` best rows that Chroma finds as (row, cosine), best first, equal cosines in row order."""
        held = len(self._vectors)
        if not held or k < 1:
            return []
        found = self._collection.query(query_embeddings=[query], n_results=min(2 * k + SPARE, held), include=[])
        rows = np.array([int(name) for name in found["ids"][0]], dtype=np.int64)
        return nearest(self._vectors, rows, query, k)
