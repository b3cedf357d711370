"""The peak of memory while training, part by part.

Trained numbers, their gradients and the moments of AdamW stay through the whole run; what the forward pass keeps and
what it works with come and go with each row. On a CPU come on top: the C library's allocator, the program itself, and
in 16 bits the code that is compiled for products. Not covered: that code where training chose the other products in
float32 (`train.precision`).
"""

from dataclasses import dataclass
from typing import Literal

from loresmith.recipe import TrainConfig
from loresmith.sizing import activations
from loresmith.sizing.rows import Row
from loresmith.sizing.shape import Shape
from loresmith.sizing.weights import adapter_parameters, nf4_bytes, weight_bytes
from loresmith.sizing.working import Work, after_row, in_row

Device = Literal["cpu", "cuda"]
# AdamW (arXiv 1711.05101): two 32-bit moments; in 8 bits with one 32-bit scale for each block of 256 numbers
# (arXiv 2110.02861; 256 is the block of bitsandbytes).
MOMENTS = {"adamw_torch": 8.0, "adamw_torch_fused": 8.0, "adamw_8bit": 2 * (1 + 4 / 256)}
# Resident after `import torch, transformers, peft` and a training of a toy model (benchmarks/plan.py), without code
# for products.
PROGRAM = 435_000_000
# oneDNN compiles code for every shape of a product in 16 bits and keeps that of the last 1,024 it met (the default of
# ONEDNN_PRIMITIVE_CACHE_CAPACITY). Measured alone: 0.57 to 0.63 MB each, whatever its size, 0.57 GB when 1,000 had been
# met and 0.59 when 1,600.
PRODUCT_CODE, PRODUCTS = 590_000, 1024
# glibc keeps freed blocks below 32 MB in its heap, where tensors of another size do not fit into them. Share of what
# comes and goes: the difference between peaks with glibc as it is and with each block given back at once, 0.41 to 0.56
# in benchmarks/plan.py.
HOLES = 0.5


@dataclass(frozen=True)
class Peak:
    """Bytes by part at the moment of the peak."""

    weights: int
    """The base, frozen or trained."""
    adapter: int
    """What stands beside the base: the adapter, or for full training on a GPU the 16-bit copy that it multiplies."""
    gradients: int
    optimizer: int
    activations: int
    """What the forward pass keeps of one row."""
    working: int
    """What comes and goes beside it."""
    work: Work
    """What that is."""
    allocator: int = 0
    """CPU: memory that was freed and lies in holes of the heap."""
    program: int = 0
    """CPU: Python, torch, transformers and peft themselves."""
    compiled: int = 0
    """CPU in 16 bits: code for products, at most, which a run of hundreds of steps comes near."""

    @property
    def total(self) -> int:
        """All parts together."""
        return self.lasting + self.activations + self.working + self.allocator + self.program + self.compiled

    @property
    def lasting(self) -> int:
        """What stays through the run, whatever the row."""
        return self.weights + self.adapter + self.gradients + self.optimizer


def training_peak(shape: Shape, train: TrainConfig, dtype: str, row: Row, device: Device) -> Peak:
    """The peak of a run whose fullest row is `row`.

    Args:
        shape: The model.
        train: How it is trained.
        dtype: Of the frozen base (for `qlora` of what is not in NF4); for `full` of the products, whose weights are in
            32 bits.
        row: The fullest row.
        device: Where it is trained.

    Raises:
        UserError: `target_modules` names a layer that the layout does not have.
    """
    weights, adapter, gradients, trained = _numbers(shape, train, dtype)
    kept = activations.kept_bytes(shape, train, dtype, row)
    on_cpu = device == "cpu"
    found = in_row(shape, train, dtype, row, on_gpu=not on_cpu)
    gone = kept + (adapter if train.method == "full" else 0)  # the 16-bit copy is there for one row as well
    found |= {what: size - gone for what, size in after_row(shape, train, trained, on_gpu=not on_cpu).items()}
    work, passing = max(found.items(), key=lambda one: one[1])
    return Peak(
        weights=weights,
        adapter=adapter,
        gradients=gradients,
        optimizer=int(MOMENTS[train.optim] * trained),
        activations=kept,
        working=passing,
        work=work,
        allocator=int(HOLES * (kept + passing)) if on_cpu else 0,
        program=PROGRAM if on_cpu else 0,
        compiled=PRODUCT_CODE * PRODUCTS if on_cpu and dtype != "float32" else 0,
    )


def _numbers(shape: Shape, train: TrainConfig, dtype: str) -> tuple[int, int, int, int]:
    """Bytes of the base, of what stands beside it, of the gradients; and how many numbers are trained.

    Full training keeps weights, gradients and moments in 32 bits, 16 bytes a weight (as ZeRO counts, arXiv 1910.02054,
    section 3.1), and where a GPU multiplies in 16 bits the copy that autocast makes of each matrix: 18.
    """
    numbers = shape.parameters if train.method == "full" else adapter_parameters(shape, train)
    if train.method == "full":
        matrices = shape.linear_parameters + shape.vocabulary * shape.hidden
        return 4 * numbers, 0 if dtype == "float32" else 2 * matrices, 4 * numbers, numbers
    base = nf4_bytes(shape, dtype) if train.method == "qlora" else weight_bytes(shape, dtype)
    return base, 4 * numbers, 4 * numbers, numbers
