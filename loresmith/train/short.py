"""Attention within short documents on a CPU in 16 bits, as plain products.

Torch's attention for the CPU works through blocks of scores that it computes in small pieces; for documents of a few
hundred tokens in 16 bits four large products are two to four times as fast, forward and backward. Numbers as in
transformers' eager attention: scores rounded to 16 bits, the softmax computed in 32.
"""

from functools import lru_cache
from typing import Any

import torch
from torch import Tensor

LONGEST = 256
"""Tokens of a document. The weights of all its pairs are kept for the backward pass: here at most four times the
queries of a width of 64, and for longer ones torch's blocks catch up."""


def is_better(query: Tensor) -> bool:
    """Whether states like `query`, (heads, documents, longest, width), are attended to here."""
    is_half = query.dtype in (torch.bfloat16, torch.float16)
    return is_half and query.device.type == "cpu" and query.shape[2] <= LONGEST


def attend(query: Tensor, key: Tensor, value: Tensor, scale: float | None) -> Tensor:
    """Causal attention; (heads, documents, longest, width), with fewer heads in `key` and `value` (grouped queries)."""
    factor = query.shape[-1] ** -0.5 if scale is None else scale
    attended: Tensor = _Attention.apply(query, key, value, factor)  # type: ignore[no-untyped-call]
    return attended


class _Attention(torch.autograd.Function):
    """softmax(s Q Kᵀ + M) V with M causal; its gradient as in arXiv 2205.14135, appendix B.2.

    Query heads that share their keys are rows of one product, so that nothing is repeated and nothing summed up.
    """

    @staticmethod
    def forward(context: Any, query: Tensor, key: Tensor, value: Tensor, scale: float) -> Tensor:
        times = query.shape[0] // key.shape[0]
        queries, keys, values = _folded(query, times), key.flatten(0, 1), value.flatten(0, 1)
        scores = torch.baddbmm(_causal(query.shape[2], times, query.dtype), queries, keys.transpose(1, 2), alpha=scale)
        weights = scores.softmax(dim=-1)
        context.save_for_backward(queries, keys, values, weights)
        context.scale, context.times, context.documents = scale, times, query.shape[1]
        return _unfolded(torch.bmm(weights, values), times, query.shape[1])

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        queries, keys, values, weights = context.saved_tensors
        times, documents = context.times, context.documents
        gradient = _folded(gradients[0], times)
        of_weights = torch.bmm(gradient, values.transpose(1, 2))
        of_scores = torch.ops.aten._softmax_backward_data(of_weights, weights, -1, weights.dtype).mul_(context.scale)
        of_query = _unfolded(torch.bmm(of_scores, keys), times, documents)
        of_key, of_value = torch.bmm(of_scores.transpose(1, 2), queries), torch.bmm(weights.transpose(1, 2), gradient)
        shape = -1, documents, *keys.shape[1:]
        return of_query, of_key.view(shape), of_value.view(shape), None


def _folded(states: Tensor, times: int) -> Tensor:
    """From (heads, documents, longest, width) to (key heads * documents, times * longest, width)."""
    heads, documents, longest, width = states.shape
    apart = states.view(heads // times, times, documents, longest, width)
    return apart.transpose(1, 2).reshape(-1, times * longest, width)


def _unfolded(states: Tensor, times: int, documents: int) -> Tensor:
    """From (key heads * documents, times * longest, width) to (heads, documents, longest, width)."""
    pairs, rows, width = states.shape
    apart = states.view(pairs // documents, documents, times, rows // times, width)
    return apart.transpose(1, 2).reshape(-1, documents, rows // times, width)


@lru_cache(maxsize=LONGEST)
def _causal(longest: int, times: int, dtype: torch.dtype) -> Tensor:
    """What is added to the scores, (times * longest, longest)."""
    once = torch.full((longest, longest), float("-inf"), dtype=dtype).triu_(diagonal=1)
    return once.repeat(times, 1)
