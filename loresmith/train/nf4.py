"""A frozen linear layer in 4 bits: NF4 with double quantisation (QLoRA, arXiv 2305.14314, section 3).

Each block of 64 weights is divided by its largest magnitude and goes to the nearest of 16 values that split a normal
distribution evenly; the magnitudes, less their mean, are themselves in 8 bits: 4.127 bits a weight. Plain torch, so it
runs where bitsandbytes does not; values are those of bitsandbytes 0.50. Nothing full-size outlives a call: the weights
are made again in the backward pass. Not covered: training the layer itself, and speed on a GPU (bitsandbytes has that).
"""

from collections.abc import Iterator
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 (torch's own idiom)
from torch import Tensor

from loresmith.train import eight_bits

BLOCK = 64
HEADS = ("lm_head", "embed_out")
"""Stay in 16 bits, as in QLoRA: few weights, and the loss hangs on them directly."""


def normal_float() -> Tensor:
    """The 16 values of NF4 in rising order (arXiv 2305.14314, appendix E).

    Quantiles of the standard normal, eight above and seven below zero, with a zero of their own, scaled to -1 and 1.
    """
    outermost = 0.9677083
    above = torch.special.ndtri(torch.linspace(outermost, 0.5, 9, dtype=torch.float64)[:-1])
    below = -torch.special.ndtri(torch.linspace(outermost, 0.5, 8, dtype=torch.float64)[:-1])
    values = torch.cat([above, torch.zeros(1, dtype=torch.float64), below]).sort().values
    return (values / values.max()).float()


class Nf4Linear(torch.nn.Linear):
    """Stands for a `torch.nn.Linear` that it was made from; PEFT puts adapters on it as on that."""

    packed: Tensor
    """Two codes a byte, the first in the upper half."""
    scale_codes: Tensor
    scale_scales: Tensor
    offset: Tensor
    values: Tensor

    def __init__(self, linear: torch.nn.Linear) -> None:
        torch.nn.Module.__init__(self)  # no weights of its own: Linear would allocate them
        self.in_features, self.out_features = linear.in_features, linear.out_features
        self.bias = linear.bias
        self.precision = linear.weight.dtype
        places, scales = eight_bits.coded(linear.weight.data, normal_float().to(linear.weight.device), BLOCK)
        pairs = F.pad(places, (0, len(places) % 2)).view(-1, 2)
        offset = scales.mean()
        codes, outer = eight_bits.quantised(scales - offset, signed=True)
        self.register_buffer("packed", (pairs[:, 0] * 16 + pairs[:, 1]).to(torch.uint8))
        self.register_buffer("scale_codes", codes)
        self.register_buffer("scale_scales", outer)
        self.register_buffer("offset", offset)
        self.register_buffer("values", normal_float().to(linear.weight.device))

    @property
    def weight(self) -> Tensor:  # type: ignore[override]
        """(out_features, in_features), made from the 4-bit codes at each call."""
        values = self.values.float()
        pairs = torch.cartesian_prod(values, values).view(torch.int64).view(-1)  # the two numbers of each byte as one
        scales = eight_bits.dequantised(self.scale_codes, self.scale_scales, signed=True) + self.offset
        count = self.in_features * self.out_features
        flat = eight_bits.scaled(pairs.index_select(0, self.packed.int()).view(torch.float32)[:count], scales, BLOCK)
        return flat.view(self.out_features, self.in_features).to(self.precision)

    def forward(self, inputs: Tensor) -> Tensor:
        """As the layer it stands for."""
        result: Tensor = _Frozen.apply(inputs, self)  # type: ignore[no-untyped-call]
        return result if self.bias is None else result + self.bias.to(result.dtype)


class _Frozen(torch.autograd.Function):
    """inputs @ weight.T, of which only the 4-bit layer is kept for the way back."""

    @staticmethod
    def forward(ctx: Any, inputs: Tensor, layer: Nf4Linear) -> Tensor:
        ctx.layer = layer
        return inputs @ layer.weight.to(inputs.dtype).T

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        return gradients[0] @ ctx.layer.weight.to(gradients[0].dtype), None


def frozen_linears(network: Any) -> Iterator[tuple[torch.nn.Module, str, torch.nn.Linear]]:
    """Each linear layer of the blocks with its parent and its name in it; heads are left out."""
    for parent in list(network.modules()):
        for name, child in list(parent.named_children()):
            if type(child) is torch.nn.Linear and name not in HEADS:
                yield parent, name, child
