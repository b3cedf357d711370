"""How large a model and its adapter are, from arithmetic on `config.json` alone.

Covers decoder models of the llama, qwen2 and qwen3 layout. Not covered: activations and logits, which depend on the
trainer and the batch.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from loresmith.errors import UserError
from loresmith.recipe import TrainConfig
from loresmith.recipe.export import Quantization

# A trained number in fp32: itself, its gradient, and Adam's two moments.
BYTES_PER_TRAINED_NUMBER = 16
BITS: dict[Quantization, tuple[float, float, float]] = {
    "q4_k_m": (4.5, 6.5625, 6.5625),
    "q5_k_m": (5.5, 6.5625, 6.5625),
    "q6_k": (6.5625, 6.5625, 6.5625),
    "q8_0": (8.5, 8.5, 8.5),
    "q4_0": (4.5, 4.5, 6.5625),
    "f16": (16.0, 16.0, 16.0),
    "bf16": (16.0, 16.0, 16.0),
}
"""Bits per weight of an exported file: most tensors, the finer half of attn_v and ffn_down, the head."""
BYTES_PER_WEIGHT = {"float32": 4, "bfloat16": 2, "float16": 2}


@dataclass(frozen=True)
class Footprint:
    """Sizes; all bytes are of memory or disk that this one thing takes."""

    parameters: int
    weight_bytes: int
    adapter_parameters: int
    training_state_bytes: int
    """Adapter, gradients and optimizer."""
    adapter_file_bytes: int
    gguf_bytes: int
    """About, without the tokenizer, for rows that need no fallback."""


def footprint(
    config: Mapping[str, Any], train: TrainConfig, dtype: str, quantization: Quantization = "q4_k_m"
) -> Footprint:
    """Sizes of the model that `config` (a `config.json`) describes and of an adapter fitted as `train` says.

    Raises:
        UserError: the configuration lacks a size, or `target_modules` names a layer that the layout does not have.
    """
    linears = _linears(config)
    layers = int(config["num_hidden_layers"])
    per_layer = sum(rows * columns for rows, columns in linears.values())
    embedding = int(config["vocab_size"]) * int(config["hidden_size"])
    heads = 1 if config.get("tie_word_embeddings") else 2
    norms = (2 * layers + 1) * int(config["hidden_size"])
    biases = layers * sum(linears[name][0] for name in ("q_proj", "k_proj", "v_proj")) if _has_biases(config) else 0
    parameters = layers * per_layer + heads * embedding + norms + biases
    adapter = layers * sum(train.r * sum(shape) for shape in _targets(linears, train).values())
    return Footprint(
        parameters=parameters,
        weight_bytes=parameters * BYTES_PER_WEIGHT[dtype],
        adapter_parameters=adapter,
        training_state_bytes=adapter * BYTES_PER_TRAINED_NUMBER,
        adapter_file_bytes=adapter * 4,
        gguf_bytes=_gguf_bytes(linears, layers, (embedding, heads), quantization),
    )


def _linears(config: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    """(rows, columns) of each linear of one layer."""
    try:
        hidden, inner = int(config["hidden_size"]), int(config["intermediate_size"])
        heads = int(config["num_attention_heads"])
        keys = int(config.get("num_key_value_heads") or heads)
        width = int(config.get("head_dim") or hidden // heads)
    except KeyError as fault:
        raise UserError(
            f"The model's config.json names no {fault.args[0]}.",
            next_step="Use a model of the llama, qwen2 or qwen3 layout.",
        ) from fault
    return {
        "q_proj": (heads * width, hidden),
        "k_proj": (keys * width, hidden),
        "v_proj": (keys * width, hidden),
        "o_proj": (hidden, heads * width),
        "gate_proj": (inner, hidden),
        "up_proj": (inner, hidden),
        "down_proj": (hidden, inner),
    }


def _targets(linears: dict[str, tuple[int, int]], train: TrainConfig) -> dict[str, tuple[int, int]]:
    if train.target_modules == "all-linear":
        return linears
    if unknown := sorted(set(train.target_modules) - linears.keys()):
        raise UserError(
            f"train.target_modules names {', '.join(unknown)}, which this model does not have.",
            next_step=f"Choose among {', '.join(linears)}, or `all-linear`.",
        )
    return {name: linears[name] for name in train.target_modules}


def _has_biases(config: Mapping[str, Any]) -> bool:
    return bool(config.get("attention_bias", config.get("model_type") == "qwen2"))


def _gguf_bytes(
    linears: dict[str, tuple[int, int]], layers: int, words: tuple[int, int], quantization: Quantization
) -> int:
    """Args: `words` is the weights of the embedding, and 1 or, with a head of its own size, 2."""
    most, finer_bits, head_bits = BITS[quantization]
    sizes = {name: rows * columns for name, (rows, columns) in linears.items()}
    finer = sizes["v_proj"] + sizes["down_proj"]
    coarse = sum(sizes.values()) - finer
    per_layer_bits = coarse * most + finer * (most + finer_bits) / 2
    embedding, tables = words
    return int((layers * per_layer_bits + embedding * (head_bits + (tables - 1) * most)) / 8)
