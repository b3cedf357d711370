"""Floating-point operations of a training, and the minutes they take at a rate.

Counted as in most published figures: a multiplication and an addition are two operations, recomputation is not counted.
"""

from dataclasses import dataclass

from loresmith.recipe import TrainConfig
from loresmith.sizing.shape import Shape
from loresmith.sizing.weights import adapter_parameters

FRONT_AND_BACK = 3
"""The backward pass of a trained product costs two forward passes: one for its input, one for its weights."""


@dataclass(frozen=True)
class Work:
    """What there is to learn from, once."""

    conversations: int
    tokens: int
    """Of all conversations, prompts and answers."""
    told: int
    """Of these, tokens that carry loss."""

    @property
    def length(self) -> float:
        """Mean tokens of a conversation."""
        return self.tokens / max(1, self.conversations)


def operations(shape: Shape, train: TrainConfig, work: Work) -> float:
    """Operations of all epochs.

    Per token: 2 for each weight of a linear in the forward pass, as many for the gradient of its input, and as many
    again for the gradient of the weights where they are trained (6N in arXiv 2001.08361, 4N with frozen weights);
    4 * vocabulary * hidden for a token that carries loss, 6 where the head is trained; attention 4 * width for each
    earlier token of its conversation, half of them on average, three times; the adapter 2 for each number, three times.
    """
    passes = FRONT_AND_BACK if train.method == "full" else 2
    linear = 2 * passes * shape.linear_parameters * work.tokens
    head = 2 * passes * shape.vocabulary * shape.hidden * work.told
    attention = FRONT_AND_BACK * shape.layers * 4 * shape.query_width * work.length / 2 * work.tokens
    adapter = 0 if train.method == "full" else FRONT_AND_BACK * 2 * adapter_parameters(shape, train) * work.tokens
    return (linear + head + attention + adapter) * train.num_train_epochs


def minutes(total_operations: float, operations_per_second: float) -> float:
    """Minutes at that rate."""
    return total_operations / operations_per_second / 60
