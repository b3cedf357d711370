"""What a step works with for a moment, beside what it keeps: the largest of these decides.

Counted where nothing of what the forward pass keeps is free yet: at the loss, or in the last layer's feed-forward
block. Not covered: what kernels of a GPU, oneDNN or MKL take for themselves.
"""

from typing import Literal

from loresmith.recipe import TrainConfig
from loresmith.sizing.activations import Row, is_fused
from loresmith.sizing.shape import Shape
from loresmith.sizing.weights import BYTES_PER_WEIGHT

Work = Literal[
    "logits",
    "gradients of a norm",
    "gradients of a block",
    "a 4-bit matrix made whole",
    "norms of DoRA",
    "update of the weights",
    "gradient of the embedding",
]

LOGIT_ROWS = 1024
"""Tokens whose logits are there at once under a frozen head (`train.fused`)."""
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
    found: dict[Work, int] = {
        "logits": _logits(shape, train, small, row),
        "gradients of a norm": (4 * 4 + small) * shape.hidden * row.tokens,  # it computes in 32 bits
        "gradients of a block": _block(shape, train, small, row.tokens),
    }
    if train.method == "qlora":
        found["a 4-bit matrix made whole"] = (WHOLE_BY_KERNEL if on_gpu else WHOLE) * matrix
    if train.use_dora and train.method != "full":
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


def _logits(shape: Shape, train: TrainConfig, small: int, row: Row) -> int:
    """Most that the head takes at once.

    A frozen one holds logits and their log-probabilities, of which the gradient is made in place, in 32 bits. A trained
    one holds three 32-bit copies, and then the gradient of its weights beside that of the logits.
    """
    if train.method != "full":
        return 2 * 4 * shape.vocabulary * min(row.told, LOGIT_ROWS)
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
