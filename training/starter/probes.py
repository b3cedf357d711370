"""What is watched while training: held-out text, copying of random tokens, and exact answers to unseen exercises."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from training.starter import network, packing
from training.starter.packing import Packed
from training.starter.shape import Shape

COPY_LENGTH = 40
"""Tokens of the repeated random span."""


def text_loss(weights: network.Weights, shape: Shape, text: Packed, rows: int = 16) -> float:
    """Mean cross-entropy in nats a token over the first `rows` rows of 512 of `text`, in 32 bits."""
    length = min(512, len(text) - 1)
    count = min(rows, (len(text) - 1) // length)
    words = torch.from_numpy(text[: count * length + 1].astype("int64")) & packing.TOKEN_MASK
    inputs = words[:-1].view(count, length)
    with torch.no_grad():
        losses = _losses(weights, shape, inputs, words[1:].view(count, length))
    return float(losses.mean())


def copy_share(weights: network.Weights, shape: Shape, seed: int = 1) -> float:
    """Share of tokens predicted in the second half of a random span told twice."""
    generator = torch.Generator().manual_seed(seed)
    span = torch.stack([torch.randperm(shape.vocabulary // 2, generator=generator)[:COPY_LENGTH] for _ in range(16)])
    rows = torch.cat([span, span], dim=1)
    with torch.no_grad():
        best = _logits(weights, shape, rows).argmax(dim=-1)
    return float((best[:, COPY_LENGTH:-1] == rows[:, COPY_LENGTH + 1 :]).float().mean())


def exact_answers(weights: network.Weights, shape: Shape, exchanges: Sequence[Packed]) -> list[bool]:
    """For every answer of `exchanges`, whether greedy decoding after the true turns before it would give all of it."""
    found: list[bool] = []
    for start in range(0, len(exchanges), 16):
        group = exchanges[start : start + 16]
        width = max(len(words) for words in group)
        rows = torch.zeros(len(group), width, dtype=torch.int64)
        marks = torch.zeros(len(group), width, dtype=torch.int64)
        for number, words in enumerate(group):
            whole = torch.from_numpy(words.astype("int64"))
            rows[number, : len(words)] = whole & packing.TOKEN_MASK
            marks[number, : len(words)] = whole & packing.ANSWER
        with torch.no_grad():
            best = _logits(weights, shape, rows).argmax(dim=-1)
        is_right = torch.cat([torch.ones(len(group), 1, dtype=torch.bool), best[:, :-1] == rows[:, 1:]], dim=1)
        for right, is_answer in zip(is_right.tolist(), (marks > 0).tolist(), strict=True):
            run: list[bool] = []
            for is_good, is_inside in zip([*right, True], [*is_answer, False], strict=True):
                if is_inside:
                    run.append(is_good)
                elif run:
                    found.append(all(run))
                    run = []
    return found


def exact_share(weights: network.Weights, shape: Shape, exchanges: Sequence[Packed]) -> float:
    """Share of exact answers."""
    found = exact_answers(weights, shape, exchanges)
    return sum(found) / max(1, len(found))


def _hidden(weights: network.Weights, shape: Shape, rows: Tensor) -> Tensor:
    device = weights["model.embed_tokens.weight"].device
    cosine, sine = network.turns(shape, rows.shape[1])
    return network.hidden_states(weights, shape, rows.to(device), (cosine.to(device), sine.to(device)))


def _logits(weights: network.Weights, shape: Shape, rows: Tensor) -> Tensor:
    return (_hidden(weights, shape, rows) @ weights["model.embed_tokens.weight"].t()).cpu()


def _losses(weights: network.Weights, shape: Shape, inputs: Tensor, targets: Tensor) -> Tensor:
    hidden = _hidden(weights, shape, inputs).reshape(-1, shape.hidden)
    return network.token_losses(weights, hidden, targets.reshape(-1).to(hidden.device))
