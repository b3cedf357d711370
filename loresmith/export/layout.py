"""From the Hugging Face layout of llama, qwen2 and qwen3 to llama.cpp's: names, row order and hyperparameters.

Not covered, and refused by name: other architectures, sliding windows, and rotary scalings other than linear, llama3
and yarn.
"""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import torch

from loresmith.errors import UserError

SUPPORTED = ("llama", "qwen2", "qwen3")
NAMES = {
    "model.embed_tokens": "token_embd",
    "model.norm": "output_norm",
    "lm_head": "output",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
IN_LAYER = re.compile(r"model\.layers\.(\d+)\.(.+)\.(weight|bias)")
OUTSIDE = re.compile(r"(model\.embed_tokens|model\.norm|lm_head)\.(weight|bias)")
ORDER = list(NAMES.values())
# Rotary frequencies that old files store; they follow from the configuration.
RECOMPUTED = ".rotary_emb.inv_freq"
USE_SUPPORTED = f"Choose a model of one of these architectures: {', '.join(SUPPORTED)}."


@dataclass(frozen=True)
class Layout:
    """What llama.cpp needs to know of a model besides its weights and its words."""

    architecture: str
    layers: int
    heads: int
    key_heads: int
    head_width: int
    context: int
    tied: bool
    metadata: dict[str, int | float | str]
    """GGUF keys in the order written."""
    rope_factors: tuple[float, ...]
    """Divisors of the rotary frequencies (llama3 scaling); empty for none."""


def read(config: Mapping[str, Any]) -> Layout:
    """The layout that `config` (a `config.json`) describes.

    Raises:
        UserError: the architecture, or something it asks for, is not supported.
    """
    name = str(config.get("model_type"))
    _require_supported(config, name)
    try:
        return _layout(config, name)
    except KeyError as fault:
        raise UserError(
            f"The base model's config.json names no {fault}.", next_step="Fetch the model again."
        ) from fault


def gguf_names(names: Iterable[str], tied: bool) -> dict[str, str]:
    """Each Hugging Face tensor's name in GGUF, in the order of the file: embedding, layers, final norm, head.

    Raises:
        UserError: a tensor has no place in the layout.
    """
    found = {}
    for name in names:
        if name.endswith(RECOMPUTED) or (tied and name == "lm_head.weight"):
            continue
        inside, outside = IN_LAYER.fullmatch(name), OUTSIDE.fullmatch(name)
        if inside and inside[2] in NAMES:
            found[name] = f"blk.{inside[1]}.{NAMES[inside[2]]}.{inside[3]}"
        elif outside:
            found[name] = f"{NAMES[outside[1]]}.{outside[2]}"
        else:
            raise UserError(
                f"The base model has a tensor {name}, which no supported layout has.", next_step=USE_SUPPORTED
            )
    return dict(sorted(found.items(), key=lambda pair: _place(pair[1])))


def row_order(gguf_name: str, rows: int, layout: Layout) -> torch.Tensor | None:
    """Which row of the Hugging Face tensor comes where; `None` where the order stays.

    llama.cpp rotates neighbouring rows of a llama head together, Hugging Face the two halves of a head.
    """
    if layout.architecture != "llama" or not re.search(r"\.attn_[qk]\.", gguf_name):
        return None
    half = layout.head_width // 2
    return torch.arange(rows).reshape(-1, 2, half).transpose(1, 2).reshape(-1)


def _place(gguf_name: str) -> tuple[int, int, int, str]:
    part = gguf_name.split(".")
    if part[0] == "blk":
        return (1, int(part[1]), ORDER.index(part[2]), part[3])
    return ({"token_embd": 0, "output_norm": 2, "output": 3}[part[0]], 0, 0, part[1])


def _require_supported(config: Mapping[str, Any], name: str) -> None:
    if name not in SUPPORTED:
        raise UserError(f"Models of the architecture {name!r} cannot be exported to GGUF yet.", next_step=USE_SUPPORTED)
    if quantised := config.get("quantization_config"):
        how = quantised.get("quant_method", "unknown") if isinstance(quantised, Mapping) else "unknown"
        raise UserError(
            f"The base model is quantised ({how}), and an adapter cannot be merged into rounded weights.",
            next_step="Name the 16-bit model that it was quantised from as model.base; an adapter that was trained on "
            "the quantised one fits it.",
        )
    if config.get("use_sliding_window"):
        raise UserError(
            "The base model uses sliding windows, which llama.cpp does not for it.", next_step=USE_SUPPORTED
        )
    if config.get("hidden_act", "silu") != "silu":
        raise UserError(f"The base model's activation is {config['hidden_act']}, not silu.", next_step=USE_SUPPORTED)


def _layout(config: Mapping[str, Any], name: str) -> Layout:
    heads = int(config["num_attention_heads"])
    width = int(config.get("head_dim") or config["hidden_size"] // heads)
    rope = _rope(config)
    layout: dict[str, int | float | str] = {
        f"{name}.block_count": int(config["num_hidden_layers"]),
        f"{name}.context_length": int(config["max_position_embeddings"]),
        f"{name}.embedding_length": int(config["hidden_size"]),
        f"{name}.feed_forward_length": int(config["intermediate_size"]),
        f"{name}.attention.head_count": heads,
        f"{name}.attention.head_count_kv": int(config.get("num_key_value_heads") or heads),
        f"{name}.attention.key_length": width,
        f"{name}.attention.value_length": width,
        f"{name}.attention.layer_norm_rms_epsilon": float(config["rms_norm_eps"]),
        f"{name}.vocab_size": int(config["vocab_size"]),
        f"{name}.rope.dimension_count": width,
        f"{name}.rope.freq_base": float(rope.get("rope_theta", 10000.0)),
        **_scaling(rope, name),
    }
    return Layout(
        architecture=name,
        layers=int(config["num_hidden_layers"]),
        heads=heads,
        key_heads=int(config.get("num_key_value_heads") or heads),
        head_width=width,
        context=int(config["max_position_embeddings"]),
        tied=bool(config.get("tie_word_embeddings", False)),
        metadata=layout,
        rope_factors=_llama3_factors(rope, width) if _rope_type(rope) == "llama3" else (),
    )


def _rope(config: Mapping[str, Any]) -> dict[str, Any]:
    """The rotary settings under one roof: transformers 5 has `rope_parameters`, earlier files two separate keys."""
    rope = dict(config.get("rope_parameters") or config.get("rope_scaling") or {})
    if "rope_theta" in config:
        rope.setdefault("rope_theta", config["rope_theta"])
    return rope


def _rope_type(rope: Mapping[str, Any]) -> str:
    return str(rope.get("rope_type") or rope.get("type") or "default")


def _scaling(rope: Mapping[str, Any], name: str) -> dict[str, int | float | str]:
    kind = _rope_type(rope)
    if kind in ("default", "llama3"):  # llama3 travels as a tensor of factors
        return {}
    if kind not in ("linear", "yarn"):
        raise UserError(f"The base model scales its positions by {kind!r}.", next_step=USE_SUPPORTED)
    keys: dict[str, int | float | str] = {
        f"{name}.rope.scaling.type": kind,
        f"{name}.rope.scaling.factor": float(rope["factor"]),
    }
    if kind == "yarn":
        keys[f"{name}.rope.scaling.original_context_length"] = int(rope["original_max_position_embeddings"])
    return keys


def _llama3_factors(rope: Mapping[str, Any], width: int) -> tuple[float, ...]:
    """Divisors of the `width / 2` rotary frequencies, as transformers computes them for `rope_type: llama3`.

    In float32 and in the order of operations of `convert_hf_to_gguf`, which decides the last bits.
    """
    factor, window = float(rope["factor"]), float(rope["original_max_position_embeddings"])
    low, high = float(rope["low_freq_factor"]), float(rope["high_freq_factor"])
    frequencies = 1.0 / (float(rope["rope_theta"]) ** (torch.arange(0, width, 2, dtype=torch.float32) / width))
    wavelengths = 2 * math.pi / frequencies
    smooth = (window / wavelengths - low) / (high - low)
    factors = 1 / ((1 - smooth) / factor + smooth)
    factors[wavelengths > window / low] = factor
    factors[wavelengths < window / high] = 1.0
    return tuple(factors.tolist())
