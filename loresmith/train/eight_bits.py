"""Numbers in 8 bits, a block at a time, on the dynamic tree map of 8-bit optimizers (arXiv 2110.02861, section 1.3).

Each block of 256 is divided by its largest magnitude; what is left, -1 to 1, goes to the nearest of 256 values that lie
closer together near zero. Same map and rounding as bitsandbytes 0.50. Not covered: stochastic rounding.
"""

import functools

import torch
from torch import Tensor

BLOCK = 256


@functools.cache
def dynamic_map(signed: bool) -> Tensor:
    """The 256 values in rising order, float32; with `signed` from -1 to 1, else from 0 to 1.

    The number's leading zeros are its decimal exponent, 0 to -6; the bits that are left divide that decade evenly.
    """
    values = [0.0, 1.0]
    for exponent in range(7):
        parts = 2**exponent if signed else 2 ** (exponent + 1)
        edges = torch.linspace(0.1, 1, parts + 1)
        means = (edges[:-1] + edges[1:]) / 2
        decade = (10.0 ** (exponent - 6) * means).tolist()
        values += decade
        if signed:
            values += [-value for value in decade]
    return torch.tensor(sorted(values + [0.0] * (256 - len(values))))


def quantised(numbers: Tensor, signed: bool) -> tuple[Tensor, Tensor]:
    """Codes (uint8, as many as `numbers`) and the largest magnitude of each block of 256 (float32)."""
    codes, scales = coded(numbers, dynamic_map(signed).to(numbers.device), BLOCK)
    return codes.to(torch.uint8), scales


def dequantised(codes: Tensor, scales: Tensor, signed: bool) -> Tensor:
    """What `quantised` stood for, float32, flat."""
    return decoded(codes, scales, dynamic_map(signed).to(codes.device), BLOCK)


def coded(numbers: Tensor, values: Tensor, block: int) -> tuple[Tensor, Tensor]:
    """Where among `values` (rising) each number's nearest stands, flat, and the scale of each block."""
    flat = numbers.reshape(-1).float()
    padded = torch.nn.functional.pad(flat, (0, -len(flat) % block)).view(-1, block)
    scales = padded.abs().amax(dim=1)
    shrunk = padded / torch.where(scales > 0, scales, 1.0)[:, None]
    places = torch.bucketize(shrunk, (values[:-1] + values[1:]) / 2, out_int32=True)
    return places.view(-1)[: len(flat)], scales


def decoded(places: Tensor, scales: Tensor, values: Tensor, block: int) -> Tensor:
    """`values` at `places`, each times the scale of its block; flat."""
    return scaled(values[places.int()], scales, block)


def scaled(found: Tensor, scales: Tensor, block: int) -> Tensor:
    """Each of `found` (flat) times the scale of its block; flat."""
    if len(found) % block == 0:
        return (found.view(-1, block) * scales[:, None]).view(-1)
    return found * scales.repeat_interleave(block)[: len(found)]
