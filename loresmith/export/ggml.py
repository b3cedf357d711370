"""llama.cpp's own quantiser, called in the shared library that the xllamacpp wheel carries.

`ggml_quantize_chunk` gives the bytes that `llama-quantize` of the same version writes. ctypes releases the
interpreter's lock during a call, so blocks can be quantised in several threads.
"""

import ctypes
import importlib.util
import math
from functools import cache
from pathlib import Path

import numpy as np
import torch
from gguf import GGMLQuantizationType

from loresmith.errors import MachineError, UserError
from loresmith.export.mixture import TensorType, size_bytes

LARGEST_F16 = 65504.0
Floats = np.ndarray[tuple[int, ...], np.dtype[np.float32]]


def encode(
    block: torch.Tensor, kind: TensorType, name: str, importance: torch.Tensor | None = None
) -> bytes | memoryview:
    """The bytes of a block of whole rows, shape (rows, columns), as GGUF type `kind`.

    Args:
        block: The weights.
        kind: Of the tensor.
        name: Of the tensor, for errors.
        importance: How much an error in each column costs, shape (columns,), float32; `None` for llama.cpp's own guess.

    Raises:
        UserError: the block holds a number that is not finite, or too large for float16.
    """
    weights = block.float().contiguous()
    low, high = (float(bound) for bound in torch.aminmax(weights))  # NaN where any weight is; 10 times `isfinite`
    if not (math.isfinite(low) and math.isfinite(high)):
        raise UserError(f"{name} holds NaN or infinity.", next_step="The training diverged: lower train.learning_rate.")
    if kind == "F32":
        return weights.numpy().data.cast("B")
    if kind == "F16":
        if max(-low, high) > LARGEST_F16:
            raise UserError(
                f"{name} holds numbers too large for float16.", next_step="Set export.quantization to bf16 or q8_0."
            )
        return weights.half().numpy().data.cast("B")
    if kind == "BF16":
        return weights.bfloat16().view(torch.uint8).numpy().data.cast("B")
    return _quantised(weights.numpy(), kind, None if importance is None else importance.numpy())


def _quantised(weights: Floats, kind: TensorType, importance: Floats | None) -> memoryview:
    rows, columns = weights.shape
    result = np.empty(size_bytes(kind, (rows, columns)), dtype=np.uint8)
    written = library().ggml_quantize_chunk(
        int(GGMLQuantizationType[kind]),
        weights.ctypes.data_as(ctypes.POINTER(ctypes.c_float)),
        ctypes.c_void_p(result.ctypes.data),
        0,
        rows,
        columns,
        None if importance is None else importance.ctypes.data_as(ctypes.POINTER(ctypes.c_float)),
    )
    if written != result.nbytes:
        raise MachineError(
            f"llama.cpp wrote {written} bytes where {result.nbytes} were expected.",
            next_step="Install the xllamacpp version that constraints.txt names.",
        )
    return result.data


@cache
def library() -> ctypes.CDLL:
    """The shared library with `ggml_quantize_chunk` declared.

    Raises:
        MachineError: xllamacpp is not installed, or its library does not export the quantiser.
    """
    try:
        loaded = ctypes.CDLL(str(_path()))
        quantise = loaded.ggml_quantize_chunk
    except (OSError, AttributeError) as fault:
        raise MachineError(
            f"The installed xllamacpp has no quantiser that can be called: {fault}.",
            next_step="Install the xllamacpp version that constraints.txt names.",
        ) from fault
    floats = ctypes.POINTER(ctypes.c_float)
    sizes = (ctypes.c_int64, ctypes.c_int64, ctypes.c_int64)
    quantise.argtypes = (ctypes.c_int, floats, ctypes.c_void_p, *sizes, floats)
    quantise.restype = ctypes.c_size_t
    return loaded


def _path() -> Path:
    spec = importlib.util.find_spec("xllamacpp")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        for pattern in ("xllamacpp*.so", "xllamacpp*.dylib", "xllamacpp*.pyd"):
            if found := sorted(Path(folder).glob(pattern)):
                return found[0]
    raise MachineError("xllamacpp is not installed.", next_step="pip install xllamacpp")
