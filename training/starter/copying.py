"""Start the network with a copying circuit, so that training refines reading instead of having to discover it.

A small network trained on ten million tokens does not find copying by itself. Two heads make it ("induction heads",
arXiv 2209.11895): one in the first layer writes to each token who came before it, one in the next layer looks for the
earlier place whose predecessor equals the present token, and reads what stood there. Both can be written as weights:

- "the token before" needs no content: constant biases of query and key, turned by RoPE, score a distance, best at 1;
- "equal predecessor" compares two random projections of the same token in the slow rotary pairs, which hardly turn;
- "read what stood there" is a projection and its transpose, since input and output embedding are one table.

Nothing here comes from data, and nothing is frozen: the optimiser may undo it.
"""

from __future__ import annotations

import torch
from torch import Tensor
from transformers import Qwen2ForCausalLM

from training.starter.shape import Shape

DISTANCE_GAIN = 7.0
"""Bias size per rotary pair: distance 1 then gets 99% of the first head's attention."""
MATCH_GAIN = 3.5
EMBEDDING_SIZE = 0.02
"""Standard deviation of the embedding; everything else here is sized relative to it. Larger ones keep the circuit alive
longer (copying after 250 steps: 69% at 0.2, nothing at 0.02) but slow the rest down, and at a few million tokens the
rest counts more."""
READ_GAIN = 7.5 * EMBEDDING_SIZE
NOTE_GAIN = 1.5 * EMBEDDING_SIZE
"""Size of the note "who came before me" in the residual stream: about three quarters of a token embedding."""
FINAL_NORM = 0.02 / EMBEDDING_SIZE
"""Weight of the last norm, so that the first logits are as small as with an embedding of the usual size."""
SLOW_TURN = 0.003
"""Radians per position below which a rotary pair counts as slow: 300 positions turn it by less than one radian."""


def is_circuit(name: str) -> bool:
    """Whether this parameter belongs to the two attention layers that hold the circuit."""
    return name.startswith(("model.layers.0.self_attn.", "model.layers.1.self_attn."))


def directions(rows: int, columns: int, generator: torch.Generator) -> Tensor:
    """`rows` random orthonormal directions, (rows, columns)."""
    square: Tensor = torch.linalg.qr(torch.randn(columns, columns, generator=generator))[0]
    return square[:rows]


def install(model: Qwen2ForCausalLM, shape: Shape, generator: torch.Generator) -> None:
    """Write the two heads into layers 0 and 1 of `model`: key head 0 and the query heads that share it."""
    with torch.no_grad():
        table = model.model.embed_tokens.weight
        table.copy_(torch.randn(table.shape, generator=generator) * EMBEDDING_SIZE)
        model.model.norm.weight.fill_(FINAL_NORM)
        for layer in model.model.layers:  # quiet residual stream: every block starts by adding nothing
            layer.self_attn.o_proj.weight.zero_()
            layer.mlp.down_proj.weight.zero_()
        notes = _install_predecessor(model, shape, generator)
        _install_reader(model, shape, notes, generator)


def _install_predecessor(model: Qwen2ForCausalLM, shape: Shape, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Layer 0: attend to distance 1, write a projection of that token. Returns what is read and where it is written."""
    attention, size, half = model.model.layers[0].self_attn, shape.head_size, shape.head_size // 2
    speed = shape.rope_theta ** (-torch.arange(half) / half)
    bias = torch.zeros(2, size)
    bias[0, :half] = DISTANCE_GAIN
    bias[1, :half], bias[1, half:] = DISTANCE_GAIN * speed.cos(), -DISTANCE_GAIN * speed.sin()
    attention.k_proj.weight[:size] = 0
    attention.k_proj.bias[:size] = bias[0]
    seen = directions(size, shape.hidden, generator)  # (head_size, hidden)
    place = directions(size, shape.hidden, generator)
    attention.v_proj.weight[:size] = seen
    attention.q_proj.weight[:size] = 0
    attention.q_proj.bias[:size] = bias[1]
    attention.o_proj.weight[:, :size] = place.t() * NOTE_GAIN
    return seen, place


def _install_reader(
    model: Qwen2ForCausalLM, shape: Shape, notes: tuple[Tensor, Tensor], generator: torch.Generator
) -> None:
    """Layer 1: match the present token with the notes of layer 0, and write the token found there."""
    attention, size, half = model.model.layers[1].self_attn, shape.head_size, shape.head_size // 2
    seen, place = notes
    speed = shape.rope_theta ** (-torch.arange(half) / half)
    slow = torch.nonzero(speed < SLOW_TURN).flatten()
    slots = torch.cat([slow, slow + half])
    group = shape.heads // shape.key_heads
    attention.k_proj.weight[:size] = 0
    attention.k_proj.weight[slots] = MATCH_GAIN * place[: len(slots)]
    attention.v_proj.weight[:size] = read = directions(size, shape.hidden, generator)
    for head in range(group):
        rows = slice(head * size, (head + 1) * size)
        attention.q_proj.weight[rows] = 0
        attention.q_proj.weight[slots + head * size] = MATCH_GAIN * seen[: len(slots)]
        attention.o_proj.weight[:, rows] = read.t() * READ_GAIN
