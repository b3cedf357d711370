"""How large a model and its adapter are, from arithmetic on `config.json` alone.

Covers decoder models of the llama, qwen2 and qwen3 layout. Not covered: activations and logits, which depend on the
trainer and the batch.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from loresmith.errors import UserError
from loresmith.recipe import TrainConfig

# A trained number in fp32: itself, its gradient, and Adam's two moments, or those in 8 bits with a scale for 256.
BYTES_PER_TRAINED_NUMBER = {"adamw_8bit": 4 + 4 + 2 * (1 + 4 / 256)}
BYTES_WITH_WHOLE_MOMENTS = 16.0
# QLoRA (arXiv 2305.14314): 4 bits, an 8-bit scale for 64 weights, a float32 scale for 256 of those.
NF4_BITS = 4 + 8 / 64 + 32 / (64 * 256)
# Bits per weight: q4_k_m mixes Q4_K (4.5) with Q6_K (6.5625) for half of attn_v and ffn_down and for the embedding.
Q4_K_BITS, Q6_K_BITS = 4.5, 6.5625
BYTES_PER_WEIGHT = {"float32": 4, "bfloat16": 2, "float16": 2}


@dataclass(frozen=True)
class Footprint:
    """Sizes; all bytes are of memory or disk that this one thing takes."""

    parameters: int
    weight_bytes: int
    adapter_parameters: int
    training_state_bytes: int
    """What is trained (the adapter, or with `full` every weight), its gradients and the optimizer."""
    adapter_file_bytes: int
    """With `full` there is no adapter: the whole model in its own precision."""
    gguf_bytes: int
    """About, for q4_k_m, without the tokenizer."""


def footprint(config: Mapping[str, Any], train: TrainConfig, dtype: str) -> Footprint:
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
    trained = parameters if train.method == "full" else adapter
    state = int(trained * BYTES_PER_TRAINED_NUMBER.get(train.optim, BYTES_WITH_WHOLE_MOMENTS))
    weights = parameters * BYTES_PER_WEIGHT[dtype]
    if train.method == "qlora":
        weights += int(layers * per_layer * (NF4_BITS / 8 - BYTES_PER_WEIGHT[dtype]))
    return Footprint(
        parameters=parameters,
        weight_bytes=0 if train.method == "full" else weights,  # they are part of the training state
        adapter_parameters=trained,
        training_state_bytes=state,
        adapter_file_bytes=parameters * BYTES_PER_WEIGHT[dtype] if train.method == "full" else adapter * 4,
        gguf_bytes=_gguf_bytes(linears, layers, embedding * heads),
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


def _gguf_bytes(linears: dict[str, tuple[int, int]], layers: int, embedding: int) -> int:
    sizes = {name: rows * columns for name, (rows, columns) in linears.items()}
    finer = sizes["v_proj"] + sizes["down_proj"]
    coarse = sum(sizes.values()) - finer
    per_layer_bits = coarse * Q4_K_BITS + finer * (Q4_K_BITS + Q6_K_BITS) / 2
    return int((layers * per_layer_bits + embedding * Q6_K_BITS) / 8)
