"""Packed attention on a GPU by torch's kernel for stretches of different length: no padding, no gathering of queries.

The documents of a row lie one behind the other, so the queries are used as they are; a shared opening is handed to the
kernel once for each document, as keys and values alone. The kernel takes the last query to see the last key, as
FlashAttention does from 2.1 on. It is not trusted blindly: before its first use with a shape, its results and gradients
are compared with those of `attention`'s own way on this very GPU, and without agreement it is not used. Not covered:
float32, for which there is no such kernel.
"""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import Any

import torch
from torch import Tensor

from loresmith.train.packing import places_in_row

Kernel = Callable[..., Tensor]
TOLERANCE = 0.03
"""Relative, of outputs and gradients in 16 bits; a wrong mask is off by 0.3 and more."""
HALVES = (torch.bfloat16, torch.float16)


@dataclass(frozen=True)
class Stretches:
    """Where the documents of a row begin and end, for the kernel."""

    queries: Tensor
    """(documents + 1), int32: the places where each document's own tokens begin, and the end."""
    keys: Tensor
    """(documents + 1), int32: the same over the documents with their opening."""
    longest: tuple[int, int]
    """Most own tokens of a document, and most tokens with the opening."""
    places: Tensor | None
    """Place in the row of every key; `None` where there is no shared opening."""

    @classmethod
    def of(cls, lengths: Sequence[int], shared: int, device: torch.device) -> "Stretches":
        """Of documents of such `lengths`, opening included, that share `shared` tokens; the first owns the opening."""
        own = [length if number == 0 else length - shared for number, length in enumerate(lengths)]
        places = None
        if shared:
            found = [place for line in places_in_row(lengths, shared) for place in line]
            places = torch.tensor(found, device=device)
        return cls(_edges(own, device), _edges(lengths, device), (max(own), max(lengths)), places)


def attend(kernel: Kernel, stretches: Stretches, states: tuple[Tensor, Tensor, Tensor], scale: float | None) -> Tensor:
    """Query, key and value, each (heads, time, width), through the kernel; (time, heads, width)."""
    query, key, value = (part.transpose(0, 1) for part in states)
    if stretches.places is not None:
        key, value = key.index_select(0, stretches.places), value.index_select(0, stretches.places)
    grouped = {"enable_gqa": True} if key.shape[1] != query.shape[1] and _takes_groups(kernel) else {}
    return kernel(
        query, key, value, stretches.queries, stretches.keys, *stretches.longest, scale=scale, window_size=(-1, 0),
        **grouped,
    )  # fmt: skip


def kernel_for(query: Tensor, key: Tensor) -> Kernel | None:
    """The kernel for states of this shape and type, (heads, time, width); `None` off the GPU or without agreement."""
    if query.device.type != "cuda" or query.dtype not in HALVES:
        return None
    return _trusted((query.shape[0], key.shape[0]), query.shape[2], query.dtype, query.device)


@cache
def _trusted(heads: tuple[int, int], width: int, dtype: torch.dtype, device: torch.device) -> Kernel | None:
    try:
        from torch.nn.attention.varlen import varlen_attn
    except ImportError:
        return None
    kernel: Kernel = varlen_attn  # type: ignore[assignment]  # without `return_aux` it gives one tensor
    try:
        return kernel if agrees(kernel, heads, width, dtype, device) else None
    except (RuntimeError, TypeError, ValueError):  # a card or a shape that the kernel does not know
        return None


def agrees(kernel: Kernel, heads: tuple[int, int], width: int, dtype: torch.dtype, device: torch.device) -> bool:
    """Whether `kernel` gives the plain way's outputs and gradients on a small row with and without an opening."""
    from loresmith.train.attention import Documents, grouped

    generator = torch.Generator().manual_seed(0)
    for lengths, shared in (((9, 4, 17), 0), ((9, 4, 17), 3)):
        time = sum(lengths) - shared * (len(lengths) - 1)
        shapes = [(heads[0], time, width), *[(heads[1], time, width)] * 2]
        states = [torch.randn(shape, generator=generator).to(device, dtype).requires_grad_() for shape in shapes]
        pull = torch.randn(time, heads[0], width, generator=generator).to(device, dtype)
        query, key, value = states
        plain = grouped(Documents.of(lengths, shared, device), query, key, value, {})
        fast = attend(kernel, Stretches.of(lengths, shared, device), (query, key, value), None)
        for one, other in zip(_pulled(plain, states, pull), _pulled(fast, states, pull), strict=True):
            if not float((one - other).float().norm() / one.float().norm()) < TOLERANCE:
                return False
    return True


def _pulled(result: Tensor, states: Sequence[Tensor], pull: Tensor) -> tuple[Tensor, ...]:
    return result.detach(), *torch.autograd.grad((result * pull).sum(), states)


def _edges(lengths: Sequence[int], device: torch.device) -> Tensor:
    return torch.tensor([0, *accumulate(lengths)], dtype=torch.int32, device=device)


@cache
def _takes_groups(kernel: Any) -> bool:
    """Torch 2.11 takes fewer key heads without being told, and knows no word for it."""
    return "enable_gqa" in inspect.signature(kernel).parameters
