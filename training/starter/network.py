"""A lean forward pass over the parameters of a `Qwen2ForCausalLM`: bf16 matrix products on fp32 weights, weighted loss.

It computes what transformers computes (a test compares the two) with fewer passes over memory: rows are packed and
full, so there is no padding mask, and logits live for 512 tokens at a time. No cache and no generation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from training.starter.shape import Shape

Weights = Mapping[str, Tensor]
HeadAims = tuple[int, Tensor, Tensor, Tensor]
"""A head, and rows (n,), places (n,) and the places wanted from there (n, time): see `guiding`."""
CHUNK_TOKENS = 512
"""Logits of 512 tokens x 4,096 entries are 8 MB in 32 bits: they stay in the cache."""

PLAIN_LENGTH = 512


def turns(shape: Shape, length: int) -> tuple[Tensor, Tensor]:
    """Cosine and sine tables of the rotary embedding, each (length, head_size)."""
    half = torch.arange(0, shape.head_size, 2, dtype=torch.float32) / shape.head_size
    angles = torch.outer(torch.arange(length, dtype=torch.float32), shape.rope_theta**-half)
    doubled = torch.cat([angles, angles], dim=-1)
    return doubled.cos(), doubled.sin()


def rotate(x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    """RoPE (arXiv 2104.09864) in the half-split layout; `x` is (rows, heads, time, head_size)."""
    left, right = x.chunk(2, dim=-1)
    return x * cosine + torch.cat([-right, left], dim=-1) * sine


def hidden_states(
    weights: Weights,
    shape: Shape,
    tokens: Tensor,
    tables: tuple[Tensor, Tensor],
    aims: Mapping[int, Sequence[HeadAims]] | None = None,
    missed: list[Tensor] | None = None,
) -> Tensor:
    """The normed last hidden states (rows, time, hidden) of `tokens` (rows, time), in the dtype of `tables`.

    `missed` takes, for every head in `aims` (by layer), how far it looks from where it should, in nats.
    """
    dtype = tables[0].dtype
    x = functional.embedding(tokens, weights["model.embed_tokens.weight"]).to(dtype)
    for layer in range(shape.layers):
        prefix = f"model.layers.{layer}."
        query, key, value = _projected(weights, shape, prefix, _norm(weights, f"{prefix}input_layernorm", x), tables)
        if aims and missed is not None:
            missed += [_missed(query, key, *one) for one in aims.get(layer, ())]
        read = _looked_up(query, key, value).transpose(1, 2).flatten(2)
        x = x + functional.linear(read, weights[f"{prefix}self_attn.o_proj.weight"].to(dtype))
        x = x + _gated(weights, prefix, _norm(weights, f"{prefix}post_attention_layernorm", x))
    return _norm(weights, "model.norm", x)


def _norm(weights: Weights, name: str, x: Tensor) -> Tensor:
    return functional.rms_norm(x, (x.shape[-1],), weights[f"{name}.weight"].to(x.dtype), eps=1e-6)


def _projected(
    weights: Weights, shape: Shape, prefix: str, x: Tensor, tables: tuple[Tensor, Tensor]
) -> tuple[Tensor, Tensor, Tensor]:
    """Queries, keys and values, each (rows, heads, time, head_size)."""
    rows, time, _ = x.shape
    names = [f"{prefix}self_attn.{part}_proj" for part in "qkv"]
    matrix = torch.cat([weights[f"{name}.weight"] for name in names]).to(x.dtype)
    bias = torch.cat([weights[f"{name}.bias"] for name in names]).to(x.dtype)
    mixed = functional.linear(x, matrix, bias).view(rows, time, -1, shape.head_size).transpose(1, 2)
    turned = rotate(mixed[:, : shape.heads + shape.key_heads], *tables)
    return turned[:, : shape.heads], turned[:, shape.heads :], mixed[:, shape.heads + shape.key_heads :]


def _missed(query: Tensor, key: Tensor, head: int, rows: Tensor, places: Tensor, wanted: Tensor) -> Tensor:
    """Mean over n of minus the logarithm of the attention that falls on the wanted places; see `HeadAims`."""
    time, size = query.shape[2:]
    scores = (query[:, head] @ key[:, head].mT)[rows, places].float() * size**-0.5  # (n, time)
    is_later = torch.arange(time, device=scores.device) > places[:, None]
    all_of_them = scores.masked_fill(is_later, -torch.inf).logsumexp(dim=1)
    off: Tensor = all_of_them - scores.masked_fill(~wanted, -torch.inf).logsumexp(dim=1)
    return off.mean()


def _looked_up(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Causal attention, all (rows, heads, time, head_size).

    On a CPU short rows are faster with plain products over all pairs than with torch's blocked kernel: forward and
    backward of 16 rows of 512 take 36 ms against 88 (2 cores of Zen 5, bf16, 4 heads of 64).
    """
    if query.device.type != "cpu" or query.shape[2] > PLAIN_LENGTH or query.shape[1] != key.shape[1]:
        return functional.scaled_dot_product_attention(query, key, value, is_causal=True, enable_gqa=True)
    rows, heads, time, size = query.shape
    future = torch.full((time, time), -torch.inf, dtype=query.dtype).triu(1)
    flat = (part.reshape(rows * heads, time, size) for part in (query, key, value))
    query, key, value = flat
    scores = torch.baddbmm(future.expand(rows * heads, time, time), query, key.mT, alpha=size**-0.5)
    return torch.bmm(scores.softmax(dim=-1), value).view(rows, heads, time, size)


def _gated(weights: Weights, prefix: str, x: Tensor) -> Tensor:
    both = torch.cat([weights[f"{prefix}mlp.gate_proj.weight"], weights[f"{prefix}mlp.up_proj.weight"]]).to(x.dtype)
    gate, up = functional.linear(x, both).chunk(2, dim=-1)
    return functional.linear(functional.silu(gate) * up, weights[f"{prefix}mlp.down_proj.weight"].to(x.dtype))


class _ChunkedLoss(torch.autograd.Function):
    """Weighted cross-entropy whose gradients are made chunk by chunk in the forward pass."""

    @staticmethod
    def forward(context: Any, hidden: Tensor, table: Tensor, targets: Tensor, shares: Tensor) -> tuple[Tensor, Tensor]:
        cast = table.to(hidden.dtype)
        hidden_grad, table_grad = torch.empty_like(hidden), torch.zeros_like(table)
        each = torch.empty(hidden.shape[0], device=hidden.device)
        for start in range(0, hidden.shape[0], CHUNK_TOKENS):
            part = slice(start, start + CHUNK_TOKENS)
            wanted, share = targets[part, None], shares[part, None]
            logs = (hidden[part] @ cast.t()).float().log_softmax(dim=-1)
            each[part] = -logs.gather(1, wanted).squeeze(1)
            pull = logs.exp_().mul_(share).scatter_add_(1, wanted, -share).to(hidden.dtype)  # (chunk, vocabulary)
            torch.mm(pull, cast, out=hidden_grad[part])
            table_grad += pull.t() @ hidden[part]
        context.save_for_backward(hidden_grad, table_grad)
        context.mark_non_differentiable(each)
        return (each * shares).sum(), each

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, None, None]:
        hidden_grad, table_grad = context.saved_tensors
        return hidden_grad * gradients[0], table_grad * gradients[0], None, None


def weighted_loss(weights: Weights, hidden: Tensor, targets: Tensor, shares: Tensor) -> tuple[Tensor, Tensor]:
    """Sum over tokens of `shares` (n,) times the cross-entropy in nats of `targets` (n,), and the n cross-entropies.

    `hidden` is (n, hidden). Only the sum has a gradient; it is complete after the call and can be taken once.
    """
    table = weights["model.embed_tokens.weight"]
    loss, each = _ChunkedLoss.apply(hidden, table, targets, shares)  # type: ignore[no-untyped-call]
    return loss, each


def token_losses(weights: Weights, hidden: Tensor, targets: Tensor) -> Tensor:
    """Cross-entropy in nats of each target (n,), from hidden states (n, hidden); for measuring."""
    logits = functional.linear(hidden, weights["model.embed_tokens.weight"].to(hidden.dtype))
    return functional.cross_entropy(logits.float(), targets, reduction="none")
