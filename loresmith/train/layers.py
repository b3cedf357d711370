"""Parts of a decoder layer with less work than transformers puts into them, and the same numbers.

RMSNorm and rotary positions in fewer passes, and a last layer whose feed-forward block is computed only where a hidden
state is asked for.
"""

from collections.abc import Callable
from types import MethodType
from typing import Any

import torch
from torch import Tensor

from loresmith.train.attention import packed_attention

NORMS = {"LlamaRMSNorm", "MistralRMSNorm", "Qwen2RMSNorm", "Qwen3RMSNorm"}
"""Classes that compute w · x / rms(x) and nothing else."""
ATTENTIONS = {"LlamaAttention", "MistralAttention", "Qwen2Attention", "Qwen3Attention"}
"""Classes with rotary positions over the whole width of a head, and norms of queries and keys at most."""


def lighten(network: Any) -> int:
    """Give what is known in `network` its lighter forward; how many modules got one."""
    count = 0
    for module in network.modules():
        name = type(module).__name__
        if name in ATTENTIONS:
            module.forward = MethodType(_attended, module)
        elif name in NORMS and not module.weight.requires_grad:
            module.forward = MethodType(_normed, module)
        else:
            continue
        count += 1
    if count:
        last = network.get_decoder().layers[-1]
        last.forward = MethodType(_ending, last)
        count += 1
    return count


def _normed(norm: Any, x: Tensor) -> Tensor:
    return _RmsNorm.apply(x, norm.weight, norm.variance_epsilon)  # type: ignore[no-any-return,no-untyped-call]


class _RmsNorm(torch.autograd.Function):
    """y = w · n with n = x / sqrt(mean(x²) + e), computed in 32 bits, w frozen (arXiv 1910.07467, equation 4).

    Kept for the backward pass is n in the dtype of x, where autograd would keep x in 32 bits.
    """

    @staticmethod
    def forward(context: Any, x: Tensor, weight: Tensor, epsilon: float) -> Tensor:
        exact = x.float()
        length = torch.linalg.vector_norm(exact, dim=-1, keepdim=True)
        scale = length.square_().div_(x.shape[-1]).add_(epsilon).rsqrt_()
        normed = (exact * scale).to(x.dtype)
        context.save_for_backward(normed, weight, scale)
        result: Tensor = normed * weight
        return result

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        normed, weight, scale = context.saved_tensors
        pulled, exact = (gradients[0] * weight).float(), normed.float()
        along = torch.linalg.vecdot(pulled, exact).unsqueeze(-1).div_(-normed.shape[-1])
        return torch.addcmul(pulled, exact, along).mul_(scale).to(normed.dtype), None, None


def _attended(module: Any, hidden_states: Tensor, *, documents: Any = None, **rest: Any) -> tuple[Tensor, None]:
    """The forward of self-attention in a packed row; transformers' own where there are no `documents`."""
    if documents is None:
        plain: Callable[..., tuple[Tensor, None]] = type(module).forward
        return plain(module, hidden_states, **rest)
    query, key, value = (
        linear(hidden_states)[0].unflatten(-1, (-1, module.head_dim))  # (time, heads, width)
        for linear in (module.q_proj, module.k_proj, module.v_proj)
    )
    if hasattr(module, "q_norm"):
        query, key = module.q_norm(query), module.k_norm(key)
    cos, sin = (part[0].unsqueeze(1) for part in rest["position_embeddings"])
    query, key = (_Rotation.apply(states, cos, sin) for states in (query, key))  # type: ignore[no-untyped-call]
    attended, _ = packed_attention(
        module,
        query.transpose(0, 1)[None],
        key.transpose(0, 1)[None],
        value.transpose(0, 1)[None],
        attention_mask=None,
        documents=documents,
        dropout=module.attention_dropout if module.training else 0.0,
        scaling=module.scaling,
        sliding_window=getattr(module, "sliding_window", None),
    )
    return module.o_proj(attended.flatten(2)), None


class _Rotation(torch.autograd.Function):
    """x cos + rot(x) sin with rot(a, b) = (-b, a), on (time, heads, width) (arXiv 2104.09864, equation 34).

    Both halves of `sin` are alike, so the gradient is turned back by the same.
    """

    @staticmethod
    def forward(context: Any, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        context.save_for_backward(cos, sin)
        return _turned(x, cos, sin, 1)

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        cos, sin = context.saved_tensors
        return _turned(gradients[0], cos, sin, -1), None, None


def _turned(x: Tensor, cos: Tensor, sin: Tensor, sign: int) -> Tensor:
    half = x.shape[-1] // 2
    turned = x * cos
    turned[..., :half].addcmul_(x[..., half:], sin[..., :half], value=-sign)
    turned[..., half:].addcmul_(x[..., :half], sin[..., half:], value=sign)
    return turned


def _ending(layer: Any, hidden_states: Tensor, *, told: Tensor | None = None, **rest: Any) -> Tensor:
    """The layer's forward; with `told` it gives the hidden states at these places of the row alone, in their order."""
    if told is None:
        plain: Callable[..., Tensor] = type(layer).forward
        return plain(layer, hidden_states, **rest)
    attended, _ = layer.self_attn(hidden_states=layer.input_layernorm(hidden_states), **rest)
    hidden = (hidden_states + attended).index_select(1, told)
    return hidden + layer.mlp(layer.post_attention_layernorm(hidden))  # type: ignore[no-any-return]
