"""The fullest row of tokens of a run, as training lays it out; the peak of memory follows from it.

Not covered: documents of very different lengths in one row, which a plan takes to be all as long as their mean.
"""

from dataclasses import dataclass
from typing import Literal

from loresmith.recipe import TrainConfig

TOLD = 0.5
"""Share of tokens that carry loss where the questions are not known yet: long answers to short questions."""
LENGTH = 115
"""Tokens of a question with its answer where there are none yet: the mean of short questions on papers."""
GRAIN, PARTS = 32, 16
"""To multiples of so many tokens `train.objective` fills documents up, and rows to multiples of that and of this part
of the power of two below them."""
LONGEST_SHORT = 256
"""Tokens of a document up to which `train.short` attends."""
Way = Literal["groups", "filled groups", "stretches"]
"""How attention sees a row: documents padded to the longest of their group; the same with all filled up to few lengths,
on a CPU in 16 bits (`train.short`); stretches without padding, by a kernel of the GPU in 16 bits (`train.varlen`)."""
# Keys that attention computes over what the row holds, for conversations of 60 to 200 tokens that share a system
# message of 20: each looks at the opening (1.10 to 1.20), and has padding (1.14 to 1.41 together, filled up 1.23 to
# 1.50; rows of 230 to 4,090 tokens of benchmarks/plan.py).
KEYS: dict[Way, float] = {"groups": 1.3, "filled groups": 1.3, "stretches": 1.15}


@dataclass(frozen=True)
class Row:
    """Tokens of one row, and how many of them each part of the network sees."""

    tokens: int
    told: int
    """Tokens that carry loss."""
    queries: int
    """Places that attend, with padding."""
    keys: int
    """Places that are attended to: shared openings once for each conversation, and padding."""
    short: int = 0
    """Of both, places in documents that are attended to by plain products, which keep a weight for each pair."""
    pairs: int = 0
    """Pairs of places within these documents."""


def way(train: TrainConfig, dtype: str, device: str) -> Way:
    """How attention sees a row; for `full` the positions, and so the queries, are in 32 bits, which no kernel takes."""
    if train.method == "full" or dtype == "float32":
        return "groups"
    return "stretches" if device == "cuda" else "filled groups"


def packed(tokens: int, way: Way, told: float = TOLD, length: float = LENGTH) -> Row:
    """A row of `tokens` tokens, of which the share `told` carries loss, of conversations `length` tokens long."""
    if way == "filled groups":
        tokens = filled(tokens)
    return _laid_out(tokens, round(tokens * told), way, int(tokens * KEYS[way]), length)


def alone(tokens: int, way: Way, told: float = TOLD) -> Row:
    """A row of one conversation, as there are without packing."""
    whole = filled(tokens) if way == "filled groups" else tokens
    return _laid_out(whole, round(tokens * told), way, whole, tokens)


def filled(length: int) -> int:
    """So many places a row of `length` tokens takes where rows are filled up to few lengths."""
    part = (1 << length.bit_length()) // 2 // PARTS
    grain = max(GRAIN, part)
    return -(-length // grain) * grain


def _laid_out(tokens: int, told: int, way: Way, keys: int, length: float) -> Row:
    if way != "filled groups":
        return Row(tokens, max(1, told), tokens if way == "stretches" else keys, keys)
    longest = int(-(-length // GRAIN)) * GRAIN
    short = keys if longest <= LONGEST_SHORT else 0
    return Row(tokens, filled(max(1, told)), keys, keys, short, short * longest)
