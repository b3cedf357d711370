"""Bytes of the weights, the adapter and the shipped file."""

from loresmith.errors import UserError
from loresmith.recipe import TrainConfig
from loresmith.recipe.export import Quantization
from loresmith.sizing.shape import Linears, Shape

BYTES_PER_WEIGHT = {"float32": 4, "bfloat16": 2, "float16": 2}
# QLoRA (arXiv 2305.14314) section 3: four bits, an 8-bit scale for each 64 weights, a 32-bit one for each 256 scales.
NF4_BITS = 4 + 8 / 64 + 32 / (64 * 256)
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


def weight_bytes(shape: Shape, dtype: str) -> int:
    """Bytes of all weights in `dtype`."""
    return shape.parameters * BYTES_PER_WEIGHT[dtype]


def nf4_bytes(shape: Shape, dtype: str) -> int:
    """Bytes with the linears of the layers in double-quantised NF4 and all else, head and embedding too, in `dtype`."""
    rest = shape.parameters - shape.linear_parameters
    return int(shape.linear_parameters * NF4_BITS / 8) + rest * BYTES_PER_WEIGHT[dtype]


def adapted(shape: Shape, train: TrainConfig) -> Linears:
    """The linears of one layer that get an adapter.

    Raises:
        UserError: `target_modules` names a layer that the layout does not have.
    """
    linears = shape.linears
    if train.target_modules == "all-linear":
        return linears
    if unknown := sorted(set(train.target_modules) - linears.keys()):
        raise UserError(
            f"train.target_modules names {', '.join(unknown)}, which this model does not have.",
            next_step=f"Choose among {', '.join(linears)}, or `all-linear`.",
        )
    return {name: linears[name] for name in train.target_modules}


def adapter_parameters(shape: Shape, train: TrainConfig) -> int:
    """Numbers of a LoRA adapter (arXiv 2106.09685): rank * (rows + columns) for each adapted linear."""
    return shape.layers * sum(train.r * sum(sizes) for sizes in adapted(shape, train).values())


def gguf_bytes(shape: Shape, quantization: Quantization = "q4_k_m") -> int:
    """About what the exported file takes, without the tokenizer, for rows that need no fallback."""
    most, finer_bits, head_bits = BITS[quantization]
    sizes = {name: rows * columns for name, (rows, columns) in shape.linears.items()}
    finer = sizes["v_proj"] + sizes["down_proj"]
    coarse = sum(sizes.values()) - finer
    per_layer_bits = coarse * most + finer * (most + finer_bits) / 2
    head = shape.vocabulary * shape.hidden
    table = shape.embedding_parameters - head  # the embedding where it is not the head as well
    return int((shape.layers * per_layer_bits + head * head_bits + table * most) / 8)
