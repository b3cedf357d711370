"""The chunks of an index in one SQLite file: the truth that vectors and full-text search point into.

A vector row belongs to one chunk; a chunk longer than the embedder's window has several rows. Chunks are keyed by their
own id, so that single ones can be replaced.

Not covered: changing a finished index in place; the stage writes it anew.
"""

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from loresmith.errors import ArtifactCorrupt
from loresmith.records import Chunk
from loresmith.retrieval import lexical, postings
from loresmith.retrieval.only import Only
from loresmith.retrieval.postings import Postings

FILE = "chunks.sqlite"
SCHEMA_VERSION = 1

_CHUNKS = """
CREATE TABLE chunks (
    position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, document TEXT NOT NULL, source TEXT NOT NULL,
    title TEXT NOT NULL, headings TEXT NOT NULL, page INTEGER, span_start INTEGER NOT NULL, span_end INTEGER NOT NULL,
    kind TEXT NOT NULL, text TEXT NOT NULL
)
"""
_WINDOWS = "CREATE TABLE windows (row INTEGER PRIMARY KEY, position INTEGER NOT NULL REFERENCES chunks(position))"
_COLUMNS = "position, id, document, source, title, headings, page, span_start, span_end, kind, text"


def write(path: Path, chunks: Sequence[Chunk], windows: Iterable[int]) -> None:
    """Write `chunks` in order, their full-text index, and the position of the chunk that each vector row belongs to.

    The same input gives the same bytes: one transaction, fixed order, then VACUUM.
    """
    path.unlink(missing_ok=True)  # half of one, where an earlier run was killed
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = OFF")  # the folder counts only once it is whole
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("BEGIN")
        connection.execute(_CHUNKS)
        connection.execute(_WINDOWS)
        connection.executemany(
            f"INSERT INTO chunks ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (_row(position, chunk) for position, chunk in enumerate(chunks)),
        )
        connection.executemany("INSERT INTO windows (row, position) VALUES (?, ?)", enumerate(windows))
        lexical.build(connection)
        if len(chunks) >= postings.FEWEST_CHUNKS:
            postings.build(connection, len(chunks))
        connection.execute("COMMIT")
        connection.execute("VACUUM")
    finally:
        connection.close()


class ChunkTable:
    """The file opened for reading; usable from several threads."""

    def __init__(self, path: Path) -> None:
        """Open the file.

        Raises:
            ArtifactCorrupt: it is no index of this version.
        """
        uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        try:
            self._connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
            version = self._connection.execute("PRAGMA user_version").fetchone()[0]
        except sqlite3.DatabaseError as fault:
            raise ArtifactCorrupt(path.parent, f"{path.name} cannot be opened", made_by="index") from fault
        if version != SCHEMA_VERSION:
            raise ArtifactCorrupt(path.parent, f"{path.name} has the layout {version}", made_by="index")
        self._lock = threading.Lock()
        self._postings = Postings(self._connection) if postings.has_lists(self._connection) else None

    def __len__(self) -> int:
        return int(self._rows("SELECT count(*) FROM chunks")[0][0])

    def close(self) -> None:
        """Release the file."""
        self._connection.close()

    def by_position(self, positions: Sequence[int]) -> dict[int, Chunk]:
        """The chunks at `positions`."""
        marks = ", ".join("?" * len(positions))
        rows = self._rows(f"SELECT {_COLUMNS} FROM chunks WHERE position IN ({marks})", tuple(positions))
        return {int(row[0]): _chunk(row) for row in rows}

    def everything(self) -> Iterator[tuple[int, Chunk]]:
        """Every chunk with its position, in order."""
        for row in self._rows(f"SELECT {_COLUMNS} FROM chunks ORDER BY position"):
            yield int(row[0]), _chunk(row)

    def by_id(self, chunk_id: str) -> Chunk | None:
        """The chunk called `chunk_id`, if it is there."""
        rows = self._rows(f"SELECT {_COLUMNS} FROM chunks WHERE id = ?", (chunk_id,))
        return _chunk(rows[0]) if rows else None

    def window_positions(self) -> NDArray[np.int64]:
        """The position of the chunk that each vector row belongs to."""
        found = (position for (position,) in self._rows("SELECT position FROM windows ORDER BY row"))
        return np.fromiter(found, dtype=np.int64)

    def allowed(self, only: Only) -> NDArray[np.bool_]:
        """Whether `only` lets the chunk at each position be found."""
        documents = self._rows("SELECT DISTINCT document, source FROM chunks")
        named = {document for document, source in documents if only.allows(document, source)}
        rows = self._rows("SELECT document FROM chunks ORDER BY position")
        return np.fromiter((document in named for (document,) in rows), dtype=np.bool_)

    def matching(self, question: str, k: int, allowed: NDArray[np.bool_] | None = None) -> list[tuple[int, float]]:
        """The `k` chunks that share the most telling words with `question`, as (position, BM25), best first.

        With `allowed`, only those whose position is True there.
        """
        with self._lock:
            search = lexical.search if self._postings is None else self._postings.search
            if allowed is None:
                return search(self._connection, question, k)
            found = search(self._connection, question, len(allowed))
        return [(position, score) for position, score in found if allowed[position]][:k]

    def _rows(self, statement: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._connection.execute(statement, values).fetchall()


def _row(position: int, chunk: Chunk) -> tuple[Any, ...]:
    headings = json.dumps(chunk.headings, ensure_ascii=False)
    place = (chunk.page, chunk.start, chunk.end)
    return (position, chunk.id, chunk.document, chunk.source, chunk.title, headings, *place, chunk.kind, chunk.text)


def _chunk(row: tuple[Any, ...]) -> Chunk:
    _, identity, document, source, title, headings, page, start, end, kind, text = row
    return Chunk(
        id=identity,
        document=document,
        source=source,
        title=title,
        headings=tuple(json.loads(headings)),
        page=page,
        start=start,
        end=end,
        kind=kind,
        text=text,
    )
