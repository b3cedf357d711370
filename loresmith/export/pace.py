"""How long an export still takes, from the tensors that are written and what each type costs."""

from collections.abc import Sequence

from loresmith.export.gguf_file import Planned
from loresmith.export.mixture import TensorType

# Nanoseconds a weight on one core of 2026; only their proportions matter. Measured with the wheel of xllamacpp.
COST: dict[TensorType, float] = {"Q4_K": 50.0, "Q5_K": 43.0, "Q6_K": 27.0}
OTHERWISE = 4.0
# A shorter start says nothing yet.
LEAST_SECONDS = 2.0


def cost(tensors: Sequence[Planned]) -> float:
    """What these tensors cost, in no particular unit."""
    total = 0.0
    for tensor in tensors:
        weights = 1
        for side in tensor.shape:
            weights *= side
        total += weights * COST.get(tensor.kind, OTHERWISE)
    return total


def words_left(done: float, left: float, seconds: float) -> str:
    """`41 s left`, or nothing as long as that cannot be told.

    Args:
        done: Cost of what this run has written.
        left: Cost of what is still to be written.
        seconds: That this run has taken.
    """
    if seconds < LEAST_SECONDS or done <= 0:
        return ""
    remaining = round(seconds * left / done)
    minutes = f"{remaining // 60} min {remaining % 60} s" if remaining >= 60 else f"{remaining} s"
    return f"{minutes} left"
