"""Which GGUF type each tensor gets: llama.cpp's own mixture, so that the file is what `llama-quantize` would write.

Source: `llama_tensor_get_type` and its fallbacks in llama.cpp (src/llama-quant.cpp), for dense models. Not covered:
mixtures of experts.
"""

from dataclasses import dataclass
from typing import Literal

from loresmith.recipe.export import Quantization

TensorType = Literal["F32", "F16", "BF16", "Q4_K", "Q5_K", "Q6_K", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0"]

FILE_TYPE: dict[Quantization, int] = {
    "f16": 1, "q4_0": 2, "q8_0": 7, "q4_k_m": 15, "q5_k_m": 17, "q6_k": 18, "bf16": 32
}  # fmt: skip
"""`general.file_type` as llama.cpp numbers it (enum llama_ftype)."""
MAIN: dict[Quantization, TensorType] = {
    "f16": "F16", "bf16": "BF16", "q8_0": "Q8_0", "q6_k": "Q6_K", "q5_k_m": "Q5_K", "q4_k_m": "Q4_K", "q4_0": "Q4_0"
}  # fmt: skip
MIXED: tuple[Quantization, ...] = ("q4_k_m", "q5_k_m")
"""Files whose more sensitive half of attn_v and ffn_down has 6 bits."""
FINE_HEADS: tuple[Quantization, ...] = (*MIXED, "q6_k", "q4_0")
"""Files whose head has 6 bits whatever the rest has."""
BLOCK: dict[TensorType, tuple[int, int]] = {
    "F32": (1, 4),
    "F16": (1, 2),
    "BF16": (1, 2),
    "Q4_K": (256, 144),
    "Q5_K": (256, 176),
    "Q6_K": (256, 210),
    "Q4_0": (32, 18),
    "Q4_1": (32, 20),
    "Q5_0": (32, 22),
    "Q5_1": (32, 24),
    "Q8_0": (32, 34),
}
"""Weights in a block, and the bytes they take."""
FALLBACK: dict[TensorType, TensorType] = {
    "Q4_K": "Q5_0",
    "Q5_K": "Q5_1",
    "Q6_K": "Q8_0",
    "Q4_0": "F16",
    "Q4_1": "F16",
    "Q5_0": "F16",
    "Q5_1": "F16",
    "Q8_0": "F16",
}
"""For rows that are no multiple of a type's block."""
# The one size whose value projections llama.cpp spends more bits on, for 8 heads share each of them.
LAYERS_OF_70B = 80


@dataclass(frozen=True)
class Model:
    """What the mixture asks about the whole model."""

    layers: int
    has_output: bool
    """Whether the head is a tensor of its own; otherwise the embedding is used twice and quantised like a head."""
    shares_values: bool = True
    """Whether several heads share a value projection, which the first llama of 65B did not."""
    has_importance: bool = False
    """Whether an importance matrix is used, which changes the mixture of q4_0."""


def tensor_type(name: str, shape: tuple[int, ...], quantization: Quantization, model: Model) -> TensorType:
    """The type of the GGUF tensor `name`; `shape` is (rows, columns) or (length,)."""
    if len(shape) < 2 or not name.endswith(".weight") or name.endswith("_norm.weight"):
        return "F32"
    return _fitting(_wanted(name, quantization, model), shape[1])


def size_bytes(kind: TensorType, shape: tuple[int, ...]) -> int:
    """Bytes that a tensor of this type takes."""
    weights, taken = BLOCK[kind]
    count = 1
    for side in shape:
        count *= side
    return count // weights * taken


def _wanted(name: str, quantization: Quantization, model: Model) -> TensorType:
    """The type for rows of any length."""
    main = MAIN[quantization]
    if _is_head(name, model):
        return "Q6_K" if quantization in FINE_HEADS else main
    _, _, rest = name.partition("blk.")
    layer, _, part = rest.partition(".")
    if quantization in MIXED and part in ("attn_v.weight", "ffn_down.weight") and _more_bits(int(layer), model.layers):
        return "Q6_K"
    if main == "Q4_K" and part == "attn_v.weight" and model.layers == LAYERS_OF_70B and model.shares_values:
        return "Q5_K"
    if main == "Q4_0" and part == "ffn_down.weight" and model.has_importance and int(layer) < model.layers // 8:
        return "Q4_1"
    return main


def _is_head(name: str, model: Model) -> bool:
    return name == "output.weight" or (name == "token_embd.weight" and not model.has_output)


def _more_bits(layer: int, layers: int) -> bool:
    """The first and last eighth of the layers, and every third between."""
    eighth = layers // 8
    return layer < eighth or layer >= 7 * layers // 8 or (layer - eighth) % 3 == 2


def _fitting(wanted: TensorType, columns: int) -> TensorType:
    """`wanted`, or the next type whose block divides a row of `columns` weights."""
    while columns % BLOCK[wanted][0]:
        wanted = FALLBACK[wanted]
    return wanted
