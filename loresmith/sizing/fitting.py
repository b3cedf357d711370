"""Whether a plan fits into a memory, how long a row may be, and what to change where it does not."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from loresmith.recipe import TrainConfig
from loresmith.sizing import known, rows
from loresmith.sizing.memory import Device, training_peak
from loresmith.sizing.rows import LENGTH, TOLD, Row
from loresmith.sizing.shape import Shape

MARGIN = 1.15
"""The arithmetic is held to 15% of what is measured (benchmarks/plan.py), so it fits surely with that much to spare."""
LEAST, MOST = 32, 1 << 20
STEP = 32
Verdict = Literal["fits", "is tight", "does not fit"]


@dataclass(frozen=True)
class Case:
    """A training to be planned."""

    shape: Shape
    train: TrainConfig
    dtype: str
    device: Device
    told: float = TOLD
    """Share of tokens that carry loss."""
    length: float = LENGTH
    """Mean tokens of a conversation."""

    def row(self, tokens: int) -> Row:
        """A row of that many tokens; without packing it is one conversation, which attention sees once."""
        way = rows.way(self.train, self.dtype, self.device)
        if not self.train.packing:
            return rows.alone(tokens, way, self.told)
        return rows.packed(tokens, way, self.told, self.length)

    def total(self, tokens: int) -> int:
        """Bytes at the peak with rows of `tokens` tokens."""
        return training_peak(self.shape, self.train, self.dtype, self.row(tokens), self.device).total


def verdict(needed: int, memory: int) -> Verdict:
    """`is tight` where the margin of the arithmetic decides."""
    if needed * MARGIN <= memory:
        return "fits"
    return "is tight" if needed <= memory else "does not fit"


def longest_row(case: Case, memory: int) -> int:
    """Most tokens in one row with which the peak surely fits into `memory`, in steps of 32; 0 where not even 32 do."""

    def fits(tokens: int) -> bool:
        return case.total(tokens) * MARGIN <= memory

    if not fits(LEAST):
        return 0
    low, high = LEAST // STEP, MOST // STEP  # `low` fits
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle * STEP) else (low, middle - 1)
    return low * STEP


def changes(case: Case, row: int, memory: int) -> Iterator[str]:
    """What would make a training with rows of `row` tokens fit; the smallest change first, each enough by itself."""
    train = case.train
    if LEAST <= (tokens := longest_row(case, memory)) < row:
        yield f"--max-length {tokens} or less: a row may hold {tokens:,} tokens, not {row:,}"
    if case.dtype == "float32" and train.method != "full":
        yield from _tried(case, train, "bfloat16", memory, "--dtype bfloat16 (model.dtype)")
    if train.method == "full":
        eight_bits = train.model_copy(update={"optim": "adamw_8bit"})
        yield from _tried(case, eight_bits, case.dtype, memory, "--optim adamw_8bit")
        yield from _tried(case, train.model_copy(update={"method": "lora"}), case.dtype, memory, "--method lora")
    if train.method != "qlora":
        dtype = "bfloat16" if case.dtype == "float32" else case.dtype
        yield from _tried(case, train.model_copy(update={"method": "qlora"}), dtype, memory, "--method qlora")
    if smaller := _smaller(case, row, memory):
        yield f"--model {smaller}: a smaller model, of an open licence"


def _tried(case: Case, train: TrainConfig, dtype: str, memory: int, said: str) -> Iterator[str]:
    tokens = longest_row(replace(case, train=train, dtype=dtype), memory)
    if tokens >= LEAST:
        yield f"{said}: then rows of up to {tokens:,} tokens fit"


def _smaller(case: Case, row: int, memory: int) -> str | None:
    """The largest known open model below this one that fits with the same row."""
    fitting = {
        name: other.parameters
        for name, other in known.open_models().items()
        if other.parameters < case.shape.parameters and replace(case, shape=other).total(row) * MARGIN <= memory
    }
    return max(fitting, key=lambda name: fitting[name]) if fitting else None
