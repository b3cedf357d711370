"""Late interaction (ColBERT, arXiv 2004.12832, eq. 3) with the token vectors of the embedder that is there anyway.

Each token of a question looks for its best match among a passage's tokens; rare tokens count more. MiniLM was not
trained for this, and it still tells apart passages whose one vector says the same.

Not covered: token vectors on disk. They would take 100 KB a passage in 8 bits; so they are made when a passage becomes
a candidate, 20 ms each, and those in use are kept in memory.
"""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from loresmith.records import Chunk
from loresmith.retrieval.embedding import texts_of

KEPT_BYTES = 256 << 20
"""Token vectors kept in memory, in 16 bits: those of some 1,500 passages."""


@runtime_checkable
class TokenEmbedder(Protocol):
    """An embedder that also gives a vector for each token."""

    def token_vectors(self, texts: Sequence[str]) -> list[NDArray[np.float32]]:
        """Vectors of length 1, shape (tokens, dimensions) for each text."""
        ...


class LateInteraction:
    """Scores passages by their tokens; safe from several threads."""

    def __init__(self, embedder: TokenEmbedder, kept_bytes: int = KEPT_BYTES) -> None:
        self._embedder = embedder
        self._kept_bytes = kept_bytes
        self._kept: OrderedDict[str, NDArray[np.float16]] = OrderedDict()
        self._held = 0
        self._lock = threading.Lock()

    def scores(self, question: str, chunks: Sequence[Chunk]) -> list[float]:
        """The mean over the question's tokens of the cosine of the best match in each of `chunks`; 0 to 1 mostly."""
        asked = self._embedder.token_vectors([question])[0]  # (question tokens, dimensions)
        if not len(asked):
            return [0.0 for _ in chunks]
        return [float((asked @ tokens.T.astype(np.float32)).max(1).mean()) for tokens in self._tokens(chunks)]

    def _tokens(self, chunks: Sequence[Chunk]) -> list[NDArray[np.float16]]:
        """Vectors of all tokens of each chunk, over all its windows."""
        with self._lock:
            found = {chunk.id: self._kept[chunk.id] for chunk in chunks if chunk.id in self._kept}
            for name in found:
                self._kept.move_to_end(name)
        missing = [chunk for chunk in chunks if chunk.id not in found]
        windows = [texts_of(chunk, self._embedder) for chunk in missing]
        vectors = iter(self._embedder.token_vectors([text for texts in windows for text in texts]) if missing else ())
        for chunk, texts in zip(missing, windows, strict=True):
            found[chunk.id] = np.concatenate([next(vectors) for _ in texts]).astype(np.float16)
        self._keep({chunk.id: found[chunk.id] for chunk in missing})
        return [found[chunk.id] for chunk in chunks]

    def _keep(self, made: dict[str, NDArray[np.float16]]) -> None:
        with self._lock:
            for name, tokens in made.items():
                if name not in self._kept:
                    self._kept[name] = tokens
                    self._held += tokens.nbytes
            while self._held > self._kept_bytes:
                _, tokens = self._kept.popitem(last=False)
                self._held -= tokens.nbytes
