"""Shapes of well-known models, so that a plan needs no download; their licences are in `loresmith.licences`.

The shapes are those of the repositories' `config.json`, and the numbers of weights that follow are those that the Hub
counts (tests/sizing/test_known.py). A base model and its `-Instruct` have the same.
"""

import math
from typing import Any

from loresmith import licences
from loresmith.sizing import shape
from loresmith.sizing.shape import Shape

QWEN25 = {"model_type": "qwen2", "vocab_size": 151936, "tie_word_embeddings": True}
QWEN3 = {"model_type": "qwen3", "head_dim": 128, "vocab_size": 151936, "tie_word_embeddings": True}
LLAMA3 = {"model_type": "llama", "num_key_value_heads": 8, "vocab_size": 128256, "tie_word_embeddings": True}
WIDE = {"vocab_size": 152064, "tie_word_embeddings": False}


def _sized(family: dict[str, Any], *sizes: int, **more: Any) -> dict[str, Any]:
    """A configuration from hidden size, inner size, layers, heads, and key heads where the family does not say."""
    keys = ("hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads")
    return {**family, **dict(zip(keys, sizes, strict=False)), **more}


SHAPES: dict[str, dict[str, Any]] = {
    "Qwen/Qwen2.5-0.5B": _sized(QWEN25, 896, 4864, 24, 14, 2),
    "Qwen/Qwen2.5-1.5B": _sized(QWEN25, 1536, 8960, 28, 12, 2),
    "Qwen/Qwen2.5-3B": _sized(QWEN25, 2048, 11008, 36, 16, 2),
    "Qwen/Qwen2.5-7B": _sized(QWEN25, 3584, 18944, 28, 28, 4, **WIDE),
    "Qwen/Qwen2.5-14B": _sized(QWEN25, 5120, 13824, 48, 40, 8, **WIDE),
    "Qwen/Qwen3-0.6B": _sized(QWEN3, 1024, 3072, 28, 16, 8),
    "Qwen/Qwen3-1.7B": _sized(QWEN3, 2048, 6144, 28, 16, 8),
    "Qwen/Qwen3-4B": _sized(QWEN3, 2560, 9728, 36, 32, 8),
    "Qwen/Qwen3-8B": _sized(QWEN3, 4096, 12288, 36, 32, 8, tie_word_embeddings=False),
    "Qwen/Qwen3-14B": _sized(QWEN3, 5120, 17408, 40, 40, 8, tie_word_embeddings=False),
    "meta-llama/Llama-3.2-1B": _sized(LLAMA3, 2048, 8192, 16, 32),
    "meta-llama/Llama-3.2-3B": _sized(LLAMA3, 3072, 8192, 28, 24, head_dim=128),
    "meta-llama/Llama-3.1-8B": _sized(LLAMA3, 4096, 14336, 32, 32, tie_word_embeddings=False),
}
"""Configuration by Hub id, without `-Instruct` or `-Base`."""


def look_up(hub_id: str) -> dict[str, Any] | None:
    """Configuration of a well-known model, or `None`; letter case does not matter."""
    wanted = hub_id.lower().removesuffix("-instruct").removesuffix("-base")
    return next((found for name, found in SHAPES.items() if name.lower() == wanted), None)


def of_shape(wanted: Shape) -> str | None:
    """The well-known model that has exactly these sizes."""
    return next((name for name, config in SHAPES.items() if shape.read(config) == wanted), None)


def open_models() -> dict[str, Shape]:
    """Those under the Apache licence, by Hub id."""
    return {
        name: shape.read(config)
        for name, config in SHAPES.items()
        if licences.licence_of(name, None) == licences.APACHE
    }


def open_models_like(parameters: int, most: int = 4) -> list[str]:
    """Those of them nearest in size by ratio, the nearest first."""
    found = open_models()
    return sorted(found, key=lambda name: abs(math.log(found[name].parameters / parameters)))[:most]
