"""Vectors by any model of sentence-transformers: `index.embedder: sentence-transformers:NAME`, a folder or a Hub name.

The model's own prompts for questions and passages are not used: a chunk and a question are embedded alike, as the
index's contract has it. Not covered: models that need code of their own (`trust_remote_code`), multi-vector models.
"""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer
from tokenizers import Tokenizer

from loresmith.errors import UserError
from loresmith.retrieval.windows import pieces

BATCH = 16


class SentenceEmbedder:
    """A sentence-transformers model; rows have length 1, texts longer than its window are cut in `windows`."""

    has_models = True

    def __init__(self, model: str = "") -> None:
        """`model` is a folder or a name on the Hub.

        Raises:
            UserError: there is no such model, or no name was given.
        """
        if not model:
            raise UserError(
                "The embedder sentence-transformers needs a model.",
                next_step="Set index.embedder to sentence-transformers:NAME, where NAME is a folder or a Hub name.",
            )
        try:
            self._model = SentenceTransformer(str(Path(model).expanduser()), device="cpu", trust_remote_code=False)
        except (OSError, ValueError, ImportError) as fault:
            reason = str(fault).splitlines()[0] if str(fault) else type(fault).__name__
            raise UserError(
                f"sentence-transformers cannot open {model!r}: {reason}",
                next_step="Check the name, or name a folder that holds the model.",
            ) from fault
        self.name = f"sentence-transformers:{model}"
        self.dimensions = int(self._model.get_embedding_dimension() or 0)
        self.window_tokens = int(self._model.max_seq_length or 512)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Rows of length 1 in the order of `texts`."""
        if not texts:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        rows: NDArray[np.float32] = self._model.encode(
            list(texts), batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False, convert_to_numpy=True
        )
        return rows.astype(np.float32)

    def windows(self, text: str, lead: str = "") -> list[str]:
        """`text` in overlapping pieces that each fit the window behind `lead`; at least one piece."""
        lead_tokens = len(self._offsets(lead)) if lead else 0
        return pieces(text, self._offsets(text), lead, lead_tokens, self.window_tokens)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text without the special ones, before anything is cut off."""
        return [len(self._offsets(text)) for text in texts]

    def _offsets(self, text: str) -> list[tuple[int, int]]:
        offsets: list[tuple[int, int]] = self._fast.encode(text, add_special_tokens=False).offsets
        return offsets

    @cached_property
    def _fast(self) -> Tokenizer:
        """The tokenizer's core without its window."""
        core = Tokenizer.from_str(self._model.tokenizer.backend_tokenizer.to_str())
        core.no_truncation()
        core.no_padding()
        return core
