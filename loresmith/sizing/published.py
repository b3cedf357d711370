"""A published table of GPU memory for fine-tuning, beside this package's arithmetic, for 3B, 7B and 14B.

The table is that of a guide to fine-tuning Qwen models; it says neither precision, nor sequence length, nor what is
counted, and has no line for QLoRA.
"""

from dataclasses import dataclass

from loresmith.recipe import TrainConfig
from loresmith.sizing import known, shape
from loresmith.sizing.fitting import LEAST, Case, longest_row
from loresmith.sizing.memory import Peak, training_peak

SIZES = {"3B": "Qwen/Qwen2.5-3B", "7B": "Qwen/Qwen2.5-7B", "14B": "Qwen/Qwen2.5-14B"}
METHODS = ("full", "lora", "qlora")
PUBLISHED_GB = {
    ("3B", "full"): (12, 24), ("3B", "lora"): (6, 12),
    ("7B", "full"): (24, 40), ("7B", "lora"): (12, 24),
    ("14B", "full"): (40, 80), ("14B", "lora"): (20, 40),
}  # fmt: skip
"""Gigabytes, least and recommended."""


@dataclass(frozen=True)
class Line:
    """One size and method."""

    size: str
    method: str
    peak: Peak
    published: tuple[int, int] | None
    """Gigabytes, least and recommended."""
    remark: str
    """How the published figures compare."""


def table(tokens: int, train: TrainConfig) -> list[Line]:
    """All sizes by all methods, 16-bit weights on a GPU, rows of `tokens` tokens."""
    lines = []
    for size, name in SIZES.items():
        for method in METHODS:
            asked = train.model_copy(update={"method": method})
            case = Case(shape.read(known.SHAPES[name]), asked, "bfloat16", "cuda")
            peak = training_peak(case.shape, asked, case.dtype, case.row(tokens), case.device)
            published = PUBLISHED_GB.get((size, method))
            remark = "; ".join(_compared(case, peak, figure) for figure in published) if published else "not published"
            lines.append(Line(size, method, peak, published, remark))
    return lines


def _compared(case: Case, peak: Peak, gigabytes: int) -> str:
    """What `gigabytes` are enough for."""
    memory = gigabytes * 10**9
    tokens = longest_row(case, memory)
    if tokens >= LEAST:
        return f"{gigabytes}: rows of {tokens:,}"
    beside = "16-bit copy" if case.train.method == "full" else "adapter"
    needed = {
        "weights": peak.weights,
        "gradients": peak.gradients,
        beside: peak.adapter,
        "moments": peak.optimizer,
    }
    used = 0
    for what, size in needed.items():
        used += size
        if used > memory:
            return f"{gigabytes}: no room for {what}"
    return f"{gigabytes}: no room for a row"
