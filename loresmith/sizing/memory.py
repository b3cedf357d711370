"""The peak of memory while training, part by part.

Trained numbers, their gradients and the moments of AdamW stay through the whole run; what the forward pass keeps and
the logits come and go with each row. On a CPU the C library's allocator and the program itself come on top.
"""

from dataclasses import dataclass
from typing import Literal

from loresmith.recipe import TrainConfig
from loresmith.sizing import activations
from loresmith.sizing.activations import Row
from loresmith.sizing.shape import Shape
from loresmith.sizing.weights import adapter_parameters, nf4_bytes, weight_bytes

Device = Literal["cpu", "cuda"]
# AdamW (arXiv 1711.05101): two 32-bit moments; in 8 bits with one 32-bit scale for each block of 256 numbers
# (arXiv 2110.02861; 256 is the block of bitsandbytes).
MOMENTS = {"adamw_torch": 8.0, "adamw_torch_fused": 8.0, "adamw_8bit": 2 * (1 + 4 / 256)}
# The update of torch's plain AdamW holds the root of the second moment and its quotient, in 32 bits each.
UPDATE = {"adamw_torch": 8, "adamw_torch_fused": 0, "adamw_8bit": 0}
# Resident after `import torch, transformers, peft` and a training of a toy model: 434 to 477 MB measured.
PROGRAM = 450_000_000
# glibc keeps freed blocks in its heap, and rows of changing length do not fit into the holes of earlier ones: measured
# beside the tensors alive in benchmarks/plan.py.
HOLES = 0.85


@dataclass(frozen=True)
class Peak:
    """Bytes by part at the moment of the peak."""

    weights: int
    """The base, frozen or trained."""
    adapter: int
    """Numbers that are trained beside the base: the adapter, or the 32-bit copy of 16-bit weights."""
    gradients: int
    optimizer: int
    activations: int
    """What the forward pass keeps of one row."""
    logits: int
    """Logits with their gradients, or what the backward pass works with where that is more."""
    allocator: int = 0
    """CPU: memory that was freed and lies in holes of the heap."""
    program: int = 0
    """CPU: Python, torch, transformers and peft themselves."""

    @property
    def total(self) -> int:
        """All parts together."""
        return self.lasting + self.activations + self.logits + self.allocator + self.program

    @property
    def lasting(self) -> int:
        """What stays through the run, whatever the row."""
        return self.weights + self.adapter + self.gradients + self.optimizer


def training_peak(shape: Shape, train: TrainConfig, dtype: str, row: Row, device: Device) -> Peak:
    """The peak of a run whose fullest row is `row`; `dtype` is that of the base (for `qlora` of what is not in NF4).

    Raises:
        UserError: `target_modules` names a layer that the layout does not have.
    """
    weights, adapter, gradients, trained = _numbers(shape, train, dtype)
    kept = activations.kept_bytes(shape, train, dtype, row)
    passing = max(activations.logit_bytes(shape, train, row), activations.working_bytes(shape, row))
    # an adapter is one tensor; of a whole model the embedding is the largest
    at_once = shape.vocabulary * shape.hidden if train.method == "full" else trained
    passing = max(passing, UPDATE[train.optim] * at_once - kept)  # the update comes when the activations are gone
    on_cpu = device == "cpu"
    return Peak(
        weights=weights,
        adapter=adapter,
        gradients=gradients,
        optimizer=int(MOMENTS[train.optim] * trained),
        activations=kept,
        logits=passing,
        allocator=_holes(kept + passing) if on_cpu else 0,
        program=PROGRAM if on_cpu else 0,
    )


def answering_bytes(shape: Shape, dtype: str, method: str) -> int:
    """Memory of the weights alone, which is about what the finished model needs to answer."""
    return nf4_bytes(shape, dtype) if method == "qlora" else weight_bytes(shape, dtype)


def _numbers(shape: Shape, train: TrainConfig, dtype: str) -> tuple[int, int, int, int]:
    """Bytes of the base, of what is trained beside it, of the gradients; and how many numbers are trained.

    Full training keeps 16-bit weights and gradients and a 32-bit copy, as in mixed precision (arXiv 1710.03740): with
    the moments 16 bytes a weight (ZeRO, arXiv 1910.02054, section 3.1), which is also the sum for 32-bit weights.
    """
    if train.method == "full":
        base = weight_bytes(shape, dtype)
        copy = 0 if dtype == "float32" else 4 * shape.parameters
        return base, copy, base, shape.parameters
    base = nf4_bytes(shape, dtype) if train.method == "qlora" else weight_bytes(shape, dtype)
    numbers = adapter_parameters(shape, train)
    return base, 4 * numbers, 4 * numbers, numbers


def _holes(passing: int) -> int:
    """What lies in holes of the heap at the peak, of `passing` bytes that come and go with each row."""
    return int(HOLES * passing)
