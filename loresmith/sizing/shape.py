"""The sizes of a decoder model, read from its `config.json`.

Covers the llama, mistral, qwen2 and qwen3 layouts: per layer seven linears, two norms, and no other weights but biases
and the norms on queries and keys of qwen3. Not covered: mixtures of experts (refused).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from loresmith.errors import UserError

EXPERTS = ("num_experts", "num_local_experts", "n_routed_experts")
Linears = dict[str, tuple[int, int]]
"""(rows, columns) by name; rows are outputs."""


@dataclass(frozen=True)
class Shape:
    """What decides how large a model is; widths in numbers, not bytes."""

    layers: int
    hidden: int
    inner: int
    heads: int
    key_heads: int
    head_width: int
    vocabulary: int
    tied: bool
    """Whether the embedding is the output head as well."""
    biased: bool
    """Whether queries, keys and values have biases."""
    normed_heads: bool
    """Whether queries and keys have a norm each, as in qwen3."""

    @property
    def query_width(self) -> int:
        """Numbers of all query heads of one token."""
        return self.heads * self.head_width

    @property
    def key_width(self) -> int:
        """Numbers of all key heads of one token; those of the values are as many."""
        return self.key_heads * self.head_width

    @property
    def linears(self) -> Linears:
        """The linears of one layer."""
        return {
            "q_proj": (self.query_width, self.hidden),
            "k_proj": (self.key_width, self.hidden),
            "v_proj": (self.key_width, self.hidden),
            "o_proj": (self.hidden, self.query_width),
            "gate_proj": (self.inner, self.hidden),
            "up_proj": (self.inner, self.hidden),
            "down_proj": (self.hidden, self.inner),
        }

    @property
    def linear_parameters(self) -> int:
        """Weights of all linears of all layers, without biases; what NF4 stores in four bits."""
        return self.layers * sum(rows * columns for rows, columns in self.linears.values())

    @property
    def embedding_parameters(self) -> int:
        """Weights of the embedding, and of the head where it is another matrix."""
        return (1 if self.tied else 2) * self.vocabulary * self.hidden

    @property
    def parameters(self) -> int:
        """All weights."""
        norms = (2 * self.layers + 1) * self.hidden
        biases = self.layers * (self.query_width + 2 * self.key_width) if self.biased else 0
        heads = 2 * self.layers * self.head_width if self.normed_heads else 0
        return self.linear_parameters + self.embedding_parameters + norms + biases + heads


def read(config: Mapping[str, Any]) -> Shape:
    """The shape that `config`, the content of a `config.json`, describes.

    Raises:
        UserError: the configuration lacks a size, has one that is no number, or is that of a mixture of experts.
    """
    if experts := next((key for key in EXPERTS if config.get(key)), None):
        raise UserError(
            f"The model's config.json has {experts}: {config[experts]}; mixtures of experts are not planned.",
            next_step="Use a model of the llama, mistral, qwen2 or qwen3 layout.",
        )
    try:
        heads, hidden = int(config["num_attention_heads"]), int(config["hidden_size"])
        return Shape(
            layers=int(config["num_hidden_layers"]),
            hidden=hidden,
            inner=int(config["intermediate_size"]),
            heads=heads,
            key_heads=int(config.get("num_key_value_heads") or heads),
            head_width=int(config.get("head_dim") or hidden // heads),
            vocabulary=int(config["vocab_size"]),
            tied=bool(config.get("tie_word_embeddings")),
            biased=bool(config.get("attention_bias", config.get("model_type") == "qwen2")),
            normed_heads=config.get("model_type") == "qwen3",
        )
    except KeyError as fault:
        raise UserError(
            f"The model's config.json names no {fault.args[0]}.",
            next_step="Use a model of the llama, mistral, qwen2 or qwen3 layout.",
        ) from fault
    except (TypeError, ValueError, ZeroDivisionError) as fault:
        raise UserError(f"The model's config.json has a size that is none: {fault}.", next_step="Mend it.") from fault
