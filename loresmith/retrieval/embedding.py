"""Chunks to vectors, a slice at a time so that progress shows and stopping early is cheap."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from loresmith import plugins
from loresmith.plugins import Embedder
from loresmith.progress import Work
from loresmith.records import Chunk, Progress
from loresmith.retrieval.index_files import lead

SLICE = 64
"""Texts between two reports: some seconds of work."""


@runtime_checkable
class Windowed(Protocol):
    """An embedder that reads no more than a window and can say where to cut."""

    def windows(self, text: str, lead: str = "") -> list[str]:
        """`text` in pieces that each fit the window behind `lead`."""
        ...


@dataclass(frozen=True)
class Embedded:
    """Vectors, and the position of the chunk that each row belongs to."""

    vectors: NDArray[np.float32]
    positions: tuple[int, ...]


def embedded(chunks: Sequence[Chunk], embedder_name: str, *, stage: str) -> Work[Embedded]:
    """The vectors of all `chunks` in order, one per window; progress comes under the name of `stage`."""
    made: Callable[[], Embedder] = plugins.load(plugins.EMBEDDERS, embedder_name)
    embedder = made()
    texts, positions = [], []
    for position, chunk in enumerate(chunks):
        for text in _texts(chunk, embedder):
            texts.append(text)
            positions.append(position)
    rows = []
    for start in range(0, len(texts), SLICE):
        rows.append(embedder.encode(texts[start : start + SLICE]))
        done = min(start + SLICE, len(texts))
        yield Progress(stage=stage, done=done, total=len(texts), note=chunks[positions[done - 1]].source)
    return Embedded(np.concatenate(rows).astype(np.float32), tuple(positions))


def _texts(chunk: Chunk, embedder: Embedder) -> list[str]:
    before = lead(chunk)
    if isinstance(embedder, Windowed):
        return embedder.windows(chunk.text, before)
    return [f"{before}\n{chunk.text}" if before else chunk.text]
