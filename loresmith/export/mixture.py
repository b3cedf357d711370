"""Which GGUF type each tensor gets: llama.cpp's own mixture, so that the file is what `llama-quantize` would write.

Source: `llama_tensor_get_type` and its fallbacks in llama.cpp (src/llama-quant.cpp), for dense models without an
importance matrix. Not covered: mixtures of experts.
"""

from dataclasses import dataclass
from typing import Literal

Quantization = Literal["q4_k_m", "q8_0", "f16"]
TensorType = Literal["F32", "F16", "Q4_K", "Q5_K", "Q6_K", "Q5_0", "Q5_1", "Q8_0"]

FILE_TYPE = {"f16": 1, "q8_0": 7, "q4_k_m": 15}
"""`general.file_type` as llama.cpp numbers it (enum llama_ftype)."""
MAIN: dict[str, TensorType] = {"f16": "F16", "q8_0": "Q8_0", "q4_k_m": "Q4_K"}
BLOCK: dict[TensorType, tuple[int, int]] = {
    "F32": (1, 4),
    "F16": (1, 2),
    "Q4_K": (256, 144),
    "Q5_K": (256, 176),
    "Q6_K": (256, 210),
    "Q5_0": (32, 22),
    "Q5_1": (32, 24),
    "Q8_0": (32, 34),
}
"""Weights in a block, and the bytes they take."""
FALLBACK: dict[TensorType, TensorType] = {
    "Q4_K": "Q5_0",
    "Q5_K": "Q5_1",
    "Q6_K": "Q8_0",
    "Q5_0": "F16",
    "Q5_1": "F16",
    "Q8_0": "F16",
}
"""For rows that are no multiple of a type's block."""
# An 80-layer model is the one size where 8 heads share a value projection, small enough to spend bits on.
LAYERS_OF_70B = 80


@dataclass(frozen=True)
class Model:
    """What the mixture asks about the whole model."""

    layers: int
    has_output: bool
    """Whether the head is a tensor of its own; otherwise the embedding is used twice and quantised like a head."""


def tensor_type(name: str, shape: tuple[int, ...], quantization: Quantization, model: Model) -> TensorType:
    """The type of the GGUF tensor `name`; `shape` is (rows, columns) or (length,)."""
    if len(shape) < 2 or not name.endswith(".weight") or name.endswith("_norm.weight"):
        return "F32"
    wanted = _q4_k_m(name, model) if quantization == "q4_k_m" else MAIN[quantization]
    return _fitting(wanted, shape[1])


def size_bytes(kind: TensorType, shape: tuple[int, ...]) -> int:
    """Bytes that a tensor of this type takes."""
    weights, taken = BLOCK[kind]
    count = 1
    for side in shape:
        count *= side
    return count // weights * taken


def _q4_k_m(name: str, model: Model) -> TensorType:
    if _is_head(name, model):
        return "Q6_K"
    _, _, rest = name.partition("blk.")
    layer, _, part = rest.partition(".")
    if part in ("attn_v.weight", "ffn_down.weight") and _more_bits(int(layer), model.layers):
        return "Q6_K"
    if part == "attn_v.weight" and model.layers == LAYERS_OF_70B:
        return "Q5_K"
    return "Q4_K"


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
