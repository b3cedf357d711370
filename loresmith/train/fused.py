"""LoRA linears and the output head as one operation each: PEFT's and transformers' numbers, less memory traffic.

PEFT's layer reads and writes the activations six times around two small products, and in float32 beside a 16-bit base.
Here the adapter's product is added into the base's result where it lies. The layers stay PEFT's own, with their names
and files; only their `forward` is another. What this does not cover keeps PEFT's forward: dropout, DoRA, biases of the
adapter, several adapters, quantised bases.
"""

from collections.abc import Callable
from types import MethodType
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 (torch's own idiom)
from peft.tuners.lora import Linear
from torch import Tensor

CHUNK_ROWS = {"cuda": 1024, "cpu": 256}
"""Positions whose logits are in memory at a time (on a CPU few, so that they stay in its caches)."""
PLAIN_HEADS = {"llama", "mistral", "qwen2", "qwen3"}
"""Model types whose logits are the head's product and nothing else, neither scaled nor capped."""


def fuse(network: Any) -> int:
    """Give every LoRA linear of `network` that is plain the fused forward; how many there are."""
    layers = [layer for layer in network.modules() if type(layer) is Linear and _is_plain(layer)]
    for layer in layers:
        layer.forward = MethodType(_forward, layer)
    return len(layers)


def head_loss(network: Any) -> Callable[[Tensor, Tensor], Tensor] | None:
    """The summed cross-entropy of `network`'s frozen head, from hidden states (n, width) and targets (n); or `None`.

    `None` where the head is trained, has a bias, or is not all there is between hidden states and logits.
    """
    head = network.get_output_embeddings()
    if network.config.model_type not in PLAIN_HEADS or type(head) is not torch.nn.Linear:
        return None
    if "bias" in head.state_dict() or head.weight.requires_grad:
        return None

    def loss(hidden: Tensor, targets: Tensor) -> Tensor:
        return _HeadLoss.apply(hidden, head.weight, targets)  # type: ignore[no-any-return,no-untyped-call]

    return loss


def _is_plain(layer: Linear) -> bool:
    base, names = layer.base_layer, layer.active_adapters
    if type(base) is not torch.nn.Linear or len(names) != 1 or layer.merged or layer.disable_adapters:
        return False
    name = names[0]
    return (
        name in layer.lora_A
        and name not in layer.lora_variant
        and isinstance(layer.lora_dropout[name], torch.nn.Identity)
        and layer.lora_A[name].bias is None
        and layer.lora_B[name].bias is None
        and not base.weight.requires_grad
    )


def _forward(layer: Any, x: Tensor) -> Tensor:
    name = layer.active_adapters[0]
    down, up = layer.lora_A[name].weight, layer.lora_B[name].weight
    return _LoraLinear.apply(x, layer.base_layer, down, up, layer.scaling[name])  # type: ignore[no-any-return,no-untyped-call]


class _LoraLinear(torch.autograd.Function):
    """y = x Wᵀ + b + s (x Aᵀ) Bᵀ with W and b frozen (arXiv 2106.09685, equation 3), in the dtype of x."""

    @staticmethod
    def forward(context: Any, x: Tensor, base: torch.nn.Linear, down: Tensor, up: Tensor, scale: float) -> Tensor:
        rows = x.reshape(-1, x.shape[-1])
        a, b = down.to(x.dtype), up.to(x.dtype)
        result = F.linear(rows, base.weight, base.bias)
        low = rows @ a.t()  # (n, rank)
        result.addmm_(low, b.t(), alpha=scale)
        context.save_for_backward(rows, low, base.weight, a, b)
        context.scale, context.shape, context.dtype = scale, x.shape, down.dtype
        return result.view(*x.shape[:-1], -1)

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        rows, low, weight, a, b = context.saved_tensors
        scale = context.scale
        gradient = gradients[0].reshape(-1, weight.shape[0])
        pulled = gradient @ b  # (n, rank)
        of_x = None
        if context.needs_input_grad[0]:
            of_x = (gradient @ weight).addmm_(pulled, a, alpha=scale).view(context.shape)
        of_down = (pulled.t() @ rows).to(context.dtype).mul_(scale)
        of_up = (gradient.t() @ low).to(context.dtype).mul_(scale)
        return of_x, None, of_down, of_up, None


class _HeadLoss(torch.autograd.Function):
    """Sum of cross-entropies of a frozen head, its gradient made chunk by chunk in the forward pass.

    The logits of all positions are never together in memory (Cut Cross-Entropy, arXiv 2411.09009, has the idea).
    """

    @staticmethod
    def forward(context: Any, hidden: Tensor, weight: Tensor, targets: Tensor) -> Tensor:
        wanted = context.needs_input_grad[0]
        pull = torch.empty_like(hidden) if wanted else hidden
        loss = hidden.new_zeros((), dtype=torch.float32)
        rows = CHUNK_ROWS[hidden.device.type]
        for start in range(0, hidden.shape[0], rows):
            part, told = hidden[start : start + rows], targets[start : start + rows, None]
            counts = told >= 0
            told = told.clamp(min=0)
            logits = part @ weight.t()
            shares = logits.softmax(dim=-1, dtype=torch.float32)
            # the logarithm of the sum, from the largest logit: its share is never too small for a logarithm
            most, where = logits.max(dim=-1, keepdim=True)
            normalizer = most.float() - shares.gather(1, where).log_()
            loss += (normalizer - logits.gather(1, told)).mul_(counts).sum()
            if wanted:
                shares.scatter_add_(1, told, shares.new_full(told.shape, -1.0))
                torch.mm(shares.to(hidden.dtype), weight, out=pull[start : start + rows]).mul_(counts)
        context.save_for_backward(pull)
        return loss

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        (pull,) = context.saved_tensors
        return pull * gradients[0].to(pull.dtype), None, None
