"""Rounding to 4 bits in blocks of 32 (scale and minimum), as GGUF's q4_k does, so that training can get used to it.

The real q4_k also rounds scale and minimum to 6 bits and searches for better ones; this is the plain version.
"""

from __future__ import annotations

import torch
from torch import Tensor

BLOCK = 32
LEVELS = 15


def rounded(weight: Tensor) -> Tensor:
    """`weight` (rows, columns) with every block of 32 along a row put on 16 equally spaced values."""
    blocks = weight.view(-1, BLOCK)
    low, high = blocks.aminmax(dim=1, keepdim=True)
    low = low.clamp(max=0.0)  # q4_k's minimum cannot be positive
    scale = (high.clamp(min=0.0) - low).clamp(min=1e-8) / LEVELS
    steps = ((blocks - low) / scale).round_().clamp_(0, LEVELS)
    return torch.addcmul(low, steps, scale).view_as(weight)


def is_rounded(name: str, weight: Tensor) -> bool:
    """Whether the 4-bit file rounds this tensor: the layers' matrices, not the embedding (6 bits), biases or norms."""
    return weight.dim() == 2 and "embed_tokens" not in name
