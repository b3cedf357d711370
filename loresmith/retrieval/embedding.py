"""Chunks to vectors, a slice at a time so that progress shows and stopping early is cheap."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from loresmith.plugins import Embedder
from loresmith.progress import Work
from loresmith.records import Chunk, Progress
from loresmith.retrieval.index_files import lead
from loresmith.retrieval.journal import Journal
from loresmith.retrieval.vectors import open_embedder

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


Kept = Mapping[tuple[str, str], NDArray[np.float32]]
"""Vectors that are there already, by heading path and text of their chunk: one row per window."""


def embedded(
    chunks: Sequence[Chunk],
    embedder_name: str,
    *,
    stage: str,
    kept: Kept | None = None,
    journals: Path | None = None,
) -> Work[Embedded]:
    """The vectors of all `chunks` in order, one per window; progress comes under the name of `stage`.

    A chunk in `kept` is not embedded again; nor is what an earlier attempt at the same chunks left in the folder
    `journals`, where every slice lies before it is reported; whoever keeps the vectors removes it (`journal.remove`).
    """
    embedder = open_embedder(embedder_name)
    known = kept or {}
    found = {place: known[key] for place, chunk in enumerate(chunks) if (key := key_of(chunk)) in known}
    texts, positions = [], []
    for position, chunk in enumerate(chunks):
        if position not in found:
            for text in texts_of(chunk, embedder):
                texts.append(text)
                positions.append(position)
    rows = yield from _rows(texts, embedder, journals, lambda done: (stage, chunks[positions[done - 1]].source))
    owners = np.array(positions, dtype=np.int64)
    bounds = np.searchsorted(owners, np.arange(len(chunks) + 1))
    parts = [found.get(place, rows[bounds[place] : bounds[place + 1]]) for place in range(len(chunks))]
    owner_of_row = tuple(place for place, part in enumerate(parts) for _ in part)
    return Embedded(np.concatenate(parts).astype(np.float32), owner_of_row)


def _rows(
    texts: Sequence[str], embedder: Embedder, folder: Path | None, named: Callable[[int], tuple[str, str]]
) -> Work[NDArray[np.float32]]:
    """The vectors of `texts`; `named` gives the stage and the source at a number of texts done."""
    journal = Journal(folder, texts, embedder.dimensions, SLICE) if folder else None
    new = []
    for start in range(journal.done if journal else 0, len(texts), SLICE):
        rows = embedder.encode(texts[start : start + SLICE])
        if journal:
            journal.append(rows)
        else:
            new.append(rows)
        done = min(start + SLICE, len(texts))
        stage, source = named(done)
        yield Progress(stage=stage, done=done, total=len(texts), note=source)
    if journal is None:
        return np.concatenate([np.zeros((0, embedder.dimensions), dtype=np.float32), *new])
    return journal.rows()


def key_of(chunk: Chunk) -> tuple[str, str]:
    """What the vectors of `chunk` depend on."""
    return lead(chunk), chunk.text


def texts_of(chunk: Chunk, embedder: object) -> list[str]:
    """What `embedder` is given for `chunk`: its text behind its headings, in windows where it has such."""
    before = lead(chunk)
    if isinstance(embedder, Windowed):
        return embedder.windows(chunk.text, before)
    return [f"{before}\n{chunk.text}" if before else chunk.text]
