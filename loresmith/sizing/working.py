"""What a step works with for a moment, beside what it keeps: the largest of these decides.

Counted where nothing of what the forward pass keeps is free yet, at the loss or in the last layer's feed-forward block,
and in the layer before it, which may see more places. Not covered: what kernels of a GPU, oneDNN or MKL take for
themselves; the masks that `train.short` keeps, 0.4 MB at most for each query head that shares its keys.
"""

from typing import Literal

from loresmith.recipe import TrainConfig
from loresmith.sizing import activations
from loresmith.sizing.activations import is_fused, size_bytes
from loresmith.sizing.rows import Row
from loresmith.sizing.shape import Shape
from loresmith.sizing.weights import BYTES_PER_WEIGHT

Work = Literal[
    "logits",
    "gradients of a norm",
    "gradients of a block",
    "gradients of attention",
    "a 4-bit matrix made whole",
    "norms of DoRA",
    "update of the weights",
    "gradient of the embedding",
]

LOGIT_ROWS = {"cpu": 256, "cuda": 1024}
"""Tokens whose logits are made at once under a frozen head (`train.fused`)."""
# Of the blockwise code of `train.nf4`: places (1 byte and 4), values, scales and their product in 32 bits; bitsandbytes
# writes the 16-bit matrix alone.
WHOLE, WHOLE_BY_KERNEL = 13, 2
UPDATE = {"adamw_torch": (8, 4), "adamw_torch_fused": (0, 0), "adamw_8bit": (0, 0)}
"""Bytes a number on a CPU and on a GPU: torch's plain AdamW holds the root of the second moment in 32 bits, on a CPU
its quotient as well."""


def in_row(shape: Shape, train: TrainConfig, dtype: str, row: Row, *, on_gpu: bool) -> dict[Work, int]:
    """Bytes by what they are for, while all that the forward pass keeps is there."""
    small = BYTES_PER_WEIGHT[dtype]
    matrix = shape.inner * shape.hidden
    is_full = train.method == "full"
    places = _places(shape, train, dtype, row)
    found: dict[Work, int] = {
        "logits": _trained_head(shape, small, row) if is_full else _frozen_head(shape, dtype, row, on_gpu=on_gpu),
        "gradients of a norm": max(_norm(shape, train, small, seen) - free for seen, free in places),
        "gradients of a block": max(_block(shape, train, small, seen) - free for seen, free in places),
    }
    if row.pairs:  # of scores and of weights, at most: groups of one length come one after the other
        free = size_bytes(activations.feeding(shape, train, dtype, row.told))
        found["gradients of attention"] = 2 * small * shape.heads * row.pairs - free
    if train.method == "qlora":
        found["a 4-bit matrix made whole"] = (WHOLE_BY_KERNEL if on_gpu else WHOLE) * matrix
    if train.use_dora and not is_full:
        # the identity, and four of the size of the weights: the adapter's product, that scaled, the base, their sum
        found["norms of DoRA"] = 4 * (shape.inner * shape.inner + 4 * matrix)
    return found


def after_row(shape: Shape, train: TrainConfig, trained: int, *, on_gpu: bool) -> dict[Work, int]:
    """The same when nothing is there any more of what the forward pass kept; the trained numbers are one tensor."""
    found: dict[Work, int] = {"update of the weights": UPDATE[train.optim][on_gpu] * trained}
    if train.method == "full":
        # where the embedding is the head too: the gradients of both, and their sum
        found["gradient of the embedding"] = (3 if shape.tied else 1) * 4 * shape.vocabulary * shape.hidden
    return found


def _places(shape: Shape, train: TrainConfig, dtype: str, row: Row) -> list[tuple[int, int]]:
    """Places that feed-forward blocks and their norms see, and what is free again of all kept when they come.

    Under a frozen head the last ones see the tokens with loss alone; those before come when the last layer is done.
    """
    if train.method == "full":
        return [(row.tokens, 0)]
    before = [(row.tokens, size_bytes(activations.last_layer(shape, train, dtype, row)))]
    return [(row.told, 0), *before[: shape.layers - 1]]


def _norm(shape: Shape, train: TrainConfig, small: int, places: int) -> int:
    """Gradients of a norm, which computes in 32 bits.

    A frozen one has the gradients of its result, of the normed values and of its input, in 16 bits beside copies of
    the first and last in 32 and of the normed values.
    """
    if train.method == "full":
        return (4 * 4 + small) * shape.hidden * places
    return (3 * 4 if small == 4 else 3 * 4 + 2 * small) * shape.hidden * places


def _frozen_head(shape: Shape, dtype: str, row: Row, *, on_gpu: bool) -> int:
    """Most that the fused head takes at once, beside the hidden states that it is given.

    Of one part the logits, in 16 bits a 32-bit copy of them, and their shares in 32 bits, of which the gradient is made
    in place (a GPU needs no copy of float16). While those of the next are made, the shares are still there, and at
    first the logits too.
    """
    small = BYTES_PER_WEIGHT[dtype]
    first = min(row.told, LOGIT_ROWS["cuda" if on_gpu else "cpu"])
    second = min(row.told - first, first)
    # of float16 a GPU makes the shares at once, and a 16-bit copy of them later
    one = {"float32": 4 + 4, "bfloat16": 2 + 4 + 4, "float16": 2 + 4 + 2 if on_gpu else 2 + 4 + 4}[dtype]
    most = max(one * first, (small + 4) * first + small * second, 4 * first + one * second)
    return most * shape.vocabulary + small * shape.hidden * row.told


def _trained_head(shape: Shape, small: int, row: Row) -> int:
    """Three 32-bit copies of the logits; then the gradient of the head's weights beside that of the logits."""
    return max(3 * 4 * row.told, 4 * row.told + _gradient(small) * shape.hidden) * shape.vocabulary


def _block(shape: Shape, train: TrainConfig, small: int, tokens: int) -> int:
    """Gradients of a feed-forward block: of gate and up, when that of their product has its input's place.

    PEFT's layers have a 32-bit one beside a 16-bit one; with all weights trained there is that of a matrix, and of a
    head that is the embedding too, which waits for the embedding's own.
    """
    if train.method != "full":
        return (2 * small if is_fused(train) or small == 4 else 4 + small) * shape.inner * tokens
    waiting = 4 * shape.vocabulary * shape.hidden if shape.tied else 0
    return 2 * small * shape.inner * tokens + _gradient(small) * shape.inner * shape.hidden + waiting


def _gradient(small: int) -> int:
    """Bytes a weight of its gradient before it is added up: where products are in 16 bits, in both precisions."""
    return 4 if small == 4 else 2 + 4
