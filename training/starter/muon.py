"""Muon for many small matrices: equal shapes are stacked, so that a step takes a third of `torch.optim.Muon`'s time.

The update of each matrix is its Nesterov momentum with all singular values brought near one (Jordan et al. 2024, "Muon:
An optimizer for hidden layers in neural networks"), at the scale of an AdamW update (Liu et al., arXiv 2502.16982,
equation 4). `torch.optim.Muon` computes the same one matrix at a time; a test compares the two.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

COEFFICIENTS = (3.4445, -4.7750, 2.0315)
STEPS = 5
SCALE = 0.2
"""Root mean square of an AdamW update."""


class StackedMuon(torch.optim.Optimizer):
    """Muon with decoupled weight decay; every parameter is a matrix with a gradient."""

    def __init__(self, matrices: Iterable[Tensor], lr: float, weight_decay: float, momentum: float = 0.95) -> None:
        super().__init__(list(matrices), {"lr": lr, "weight_decay": weight_decay, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """One update of all matrices; a closure is not called."""
        for group in self.param_groups:
            alike: dict[torch.Size, list[Tensor]] = {}
            for matrix in group["params"]:
                alike.setdefault(matrix.shape, []).append(matrix)
            for shape, matrices in alike.items():
                pulls = torch.stack([self._momentum(matrix, group["momentum"]) for matrix in matrices])
                size = group["lr"] * SCALE * math.sqrt(max(shape))
                torch._foreach_mul_(matrices, 1 - group["lr"] * group["weight_decay"])
                torch._foreach_add_(matrices, list(orthogonal(pulls).to(matrices[0].dtype)), alpha=-size)

    def _momentum(self, matrix: Tensor, share: float) -> Tensor:
        state = self.state[matrix]
        if not state:
            state["momentum_buffer"] = torch.zeros_like(matrix)
        pull = matrix.grad
        assert pull is not None
        kept = state["momentum_buffer"].lerp_(pull, 1 - share)
        return torch.lerp(pull, kept, share)


def orthogonal(pulls: Tensor) -> Tensor:
    """`pulls` (count, rows, columns) with singular values near one, by Newton-Schulz steps in bfloat16."""
    a, b, c = COEFFICIENTS
    x = pulls.bfloat16()
    is_tall = x.shape[1] > x.shape[2]
    x = x.mT if is_tall else x
    x = x / x.norm(dim=(1, 2), keepdim=True).clamp(min=1e-7)
    for _ in range(STEPS):
        square = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(square, square, square, beta=b, alpha=c), x, beta=a)
    return x.mT if is_tall else x
