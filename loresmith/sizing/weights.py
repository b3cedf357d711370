"""Bytes of the weights, the adapter and the shipped file."""

from loresmith.errors import UserError
from loresmith.recipe import TrainConfig
from loresmith.sizing.shape import Linears, Shape

BYTES_PER_WEIGHT = {"float32": 4, "bfloat16": 2, "float16": 2}
# QLoRA (arXiv 2305.14314) section 3: four bits, an 8-bit scale for each 64 weights, a 32-bit one for each 256 scales.
NF4_BITS = 4 + 8 / 64 + 32 / (64 * 256)
# Bits per weight: q4_k_m mixes Q4_K (4.5) with Q6_K (6.5625) for half of attn_v and ffn_down and for the embedding.
Q4_K_BITS, Q6_K_BITS, Q8_0_BITS = 4.5, 6.5625, 8.5


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


def gguf_bytes(shape: Shape, quantization: str = "q4_k_m") -> int:
    """About what the exported file takes, without the tokenizer."""
    if quantization != "q4_k_m":
        return int(shape.parameters * (16 if quantization == "f16" else Q8_0_BITS) / 8)
    sizes = {name: rows * columns for name, (rows, columns) in shape.linears.items()}
    finer = sizes["v_proj"] + sizes["down_proj"]
    coarse = sum(sizes.values()) - finer
    per_layer_bits = coarse * Q4_K_BITS + finer * (Q4_K_BITS + Q6_K_BITS) / 2
    return int((shape.layers * per_layer_bits + shape.embedding_parameters * Q6_K_BITS) / 8)
