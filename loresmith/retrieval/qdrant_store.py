"""The vectors of an index in Qdrant: in this process, in a folder, or on a server that several machines share.

`LORESMITH_QDRANT` says where: an address (`http://host:6333`; its key in `QDRANT_API_KEY`) or a folder; without it the
collection lives in this process. Searches are exact. The collection is named after the vectors, so that an unchanged
index finds what it left there, half of an upload included, and a changed one never meets old rows.

Not covered: removing collections of earlier indexes from a server; filters, which the index applies itself.
"""

import os
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import ApiException

from loresmith.errors import MachineError
from loresmith.retrieval.on_disk import fingerprint, part

ADDRESS, KEY = "LORESMITH_QDRANT", "QDRANT_API_KEY"
SLICE = 1024
"""Rows of one upload: 1.5 MB at 384 dimensions."""
FAULTS = (ApiException, OSError, RuntimeError)
"""RuntimeError: the folder is in use by another process."""


class QdrantStore:
    """A Qdrant collection over unit vectors; the array on disk stays the truth."""

    def __init__(self, vectors: NDArray[np.float32]) -> None:
        """`vectors` has shape (rows, dimensions); rows that the collection holds already are not sent again.

        Raises:
            MachineError: the place cannot be reached, or refuses.
        """
        self._rows = len(vectors)
        self._where = os.environ.get(ADDRESS, "")
        self._name = f"loresmith-{fingerprint(vectors)}"
        try:
            self._client = _client(self._where)
            self._fill(vectors)
        except FAULTS as fault:
            raise self._broken(fault) from fault

    def search(self, query: NDArray[np.float32], k: int) -> list[tuple[int, float]]:
        """The `k` best rows as (row, cosine), best first, equal cosines in row order; fewer when there are fewer.

        Raises:
            MachineError: the server does not answer.
        """
        if not self._rows or k < 1:
            return []
        # in this process and in a folder every search is exact, and says so when it is asked for
        exact = models.SearchParams(exact=True) if _is_server(self._where) else None
        try:
            found = self._client.query_points(self._name, query=query.tolist(), limit=k, search_params=exact).points
        except FAULTS as fault:
            raise self._broken(fault) from fault
        return sorted(((int(point.id), point.score) for point in found), key=lambda pair: (-pair[1], pair[0]))

    def _fill(self, vectors: NDArray[np.float32]) -> None:
        if not self._client.collection_exists(self._name):
            size = models.VectorParams(size=vectors.shape[1], distance=models.Distance.DOT)
            self._client.create_collection(self._name, vectors_config=size)
        held = self._client.count(self._name, exact=True).count
        if held == self._rows:
            return
        for start in range(held - held % SLICE, self._rows, SLICE):  # uploads go in order: the last may be half
            self._client.upsert(self._name, list(_points(vectors, start)), wait=True)

    def _broken(self, fault: Exception) -> MachineError:
        place = self._where or "this process"
        return MachineError(
            f"Qdrant in {place} did not answer: {str(fault).splitlines()[0] if str(fault) else type(fault).__name__}",
            next_step=f"See that it runs and that {ADDRESS} and {KEY} are right, or set index.store to faiss.",
        )


def _client(where: str) -> QdrantClient:
    if _is_server(where):
        return QdrantClient(url=where, api_key=os.environ.get(KEY) or None, timeout=60, check_compatibility=False)
    return QdrantClient(path=where) if where else QdrantClient(":memory:")


def _is_server(where: str) -> bool:
    return where.startswith(("http://", "https://"))


def _points(vectors: NDArray[np.float32], start: int) -> Iterator[models.PointStruct]:
    rows = part(vectors, start, min(start + SLICE, len(vectors)))
    for number, row in enumerate(rows, start):
        yield models.PointStruct(id=number, vector=row.tolist())
