"""Conversations as the packed rows that a network computes."""

from collections.abc import Sequence

from loresmith.plugins import Conversation
from loresmith.recipe import TrainConfig
from loresmith.train import packing
from loresmith.train.objective import opening


def rows_of(
    conversations: Sequence[Conversation], chosen: Sequence[int], config: TrainConfig, row_tokens: int
) -> list[list[Conversation]]:
    """The `chosen` of `conversations`, by index, in rows of at most `row_tokens`; without packing one to a row.

    Raises:
        ValueError: a conversation is longer than a row.
    """
    if not config.packing:
        return [[conversations[index]] for index in chosen]
    shared = opening([conversations[index] for index in chosen])
    lengths = {index: len(conversations[index].ids) - shared for index in chosen}
    return [[conversations[index] for index in row] for row in packing.packed(lengths, row_tokens - shared)]
