"""What enters each matrix of a merged model when it reads texts: the squares of its inputs, summed for each column.

One layer at a time: its weights are merged, all texts go through it, and it is given up again. So no merged model is
ever in memory; what stays is the state of each token between two layers. Covers the layouts that are exported.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from transformers import AutoModelForCausalLM

from loresmith.errors import UserError
from loresmith.models.merging import MergedWeights
from loresmith.models.weights import quiet

EMBEDDING = "model.embed_tokens.weight"
# Rows of the embedding that are picked at once.
PICKED = 256
# Of one text in a layer, at once: states and their norms, queries, keys and values; the parts of the feed-forward.
LIVE_STATES, LIVE_INNER = 8, 3

Sums = dict[str, torch.Tensor]


@dataclass(frozen=True)
class Running:
    """Where and how exactly the layers are computed."""

    place: torch.device
    dtype: torch.dtype


def memory_bytes(config: Any, texts: Sequence[Sequence[int]], dtype: torch.dtype) -> int:
    """What `squares` takes beyond the mapped files and the adapter."""
    hidden, inner = int(config.hidden_size), int(config.intermediate_size)
    layer = hidden * (4 * hidden + 3 * inner)
    states = sum(map(len, texts)) * hidden
    reading = max(map(len, texts)) * (LIVE_STATES * hidden + LIVE_INNER * inner)
    return dtype.itemsize * (layer + states + reading)


@torch.no_grad()
def squares(weights: MergedWeights, config: Any, texts: Sequence[Sequence[int]], how: Running) -> Iterator[Sums]:
    """For one layer after the other: base tensor name to the sums over all tokens, shape (columns,), float64.

    Args:
        weights: The model; what is measured are its weights as rounded to 16 bits.
        config: The model's, as transformers reads it.
        texts: Token ids, each text on its own and none longer than the model's window.
        how: Device and precision.

    Raises:
        UserError: what enters some matrix is not finite.
    """
    with quiet(), torch.device("meta"):
        network = AutoModelForCausalLM.from_config(config, attn_implementation="sdpa", dtype=how.dtype).eval().model
    rotary = type(network.rotary_emb)(config=config).to(how.place)  # computed, not stored: nothing to fill in
    states = _embedded(weights, texts, how)
    longest = torch.arange(max(map(len, texts)), device=how.place)[None]  # (1, time)
    turns = rotary(states[0], longest)  # cosines and sines, (1, time, head width) each
    for number, layer in enumerate(network.layers):
        prefix = f"model.layers.{number}."
        _fill(layer, weights, prefix, how)
        sums: Sums = {}
        _listen(layer, prefix, sums)
        for place, state in enumerate(states):
            length = state.shape[1]
            states[place] = layer(state, position_embeddings=tuple(part[:, :length] for part in turns))
        layer.to("meta")  # its weights go
        yield {name: _finite(name, total) for name, total in sums.items()}


def _embedded(weights: MergedWeights, texts: Sequence[Sequence[int]], how: Running) -> list[torch.Tensor]:
    """Each text as (1, time, hidden); of the embedding only the rows in use are read."""
    used = torch.tensor(sorted({token for text in texts for token in text}))
    parts = [used[start : start + PICKED] for start in range(0, len(used), PICKED)]
    rows = [weights.block(EMBEDDING, part, weights.sixteen_bit).to(how.dtype) for part in parts]
    table = torch.cat(rows)  # (tokens in use, hidden)
    return [table[torch.searchsorted(used, torch.tensor(text))][None].to(how.place) for text in texts]


def _fill(layer: Any, weights: MergedWeights, prefix: str, how: Running) -> None:
    """`layer`, which had none, has its merged weights."""
    found = {}
    for name, parameter in layer.named_parameters():
        whole = torch.empty(parameter.shape, dtype=how.dtype)
        for rows in weights.parts(prefix + name):
            part = whole[rows]
            part.copy_(weights.block(prefix + name, rows, weights.sixteen_bit).reshape(part.shape))
        found[name] = whole.to(how.place)
    layer.load_state_dict(found, assign=True)


def _listen(layer: Any, prefix: str, sums: Sums) -> None:
    """From now on, what enters each linear part of `layer` is added to `sums`."""

    def adding(name: str) -> Callable[[Any, tuple[torch.Tensor]], None]:
        def add(_: Any, given: tuple[torch.Tensor]) -> None:
            inputs = given[0].float().flatten(0, -2)  # (time, columns)
            total = inputs.square().sum(0, dtype=torch.float64).cpu()
            sums[name] = sums[name] + total if name in sums else total

        return add

    for name, module in layer.named_modules():
        if isinstance(module, torch.nn.Linear):
            module.register_forward_pre_hook(adding(f"{prefix}{name}.weight"))


def _finite(name: str, total: torch.Tensor) -> torch.Tensor:
    if not bool(torch.isfinite(total).all()):
        raise UserError(
            f"What enters {name} on the training text is not finite.",
            next_step="The training diverged: lower train.learning_rate.",
        )
    return total
