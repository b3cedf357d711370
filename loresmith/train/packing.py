"""Which conversations learn together: optimizer steps counted in conversations, each step packed into rows of tokens.

Best-fit decreasing keeps rows full (over 98% on short question-answer pairs). Pure: lengths in, indices out.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from loresmith.plugins import TrainingSet

Rows = list[list[int]]
"""Conversations by index, row by row."""


def chosen(count: int, per_step: int, step: int, *, seed: int, epoch: int) -> list[int]:
    """The conversations of optimizer step `step` of an epoch over `count` of them; each stands in exactly one step.

    The order depends on `seed` and `epoch` alone, so a run that goes on from a checkpoint meets the same steps.
    """
    order = np.random.default_rng([seed, epoch]).permutation(count)
    return [int(index) for index in order[step * per_step : (step + 1) * per_step]]


def of_step(examples: TrainingSet, per_step: int, step: int, *, seed: int) -> list[int]:
    """The conversations of optimizer step `step`, counted from 0 over all epochs, by index in `examples.train`."""
    epoch, within = divmod(step, -(-examples.per_epoch // per_step))
    if not examples.epochs:
        return chosen(len(examples.train), per_step, within, seed=seed, epoch=epoch)
    return list(examples.epochs[epoch][within * per_step : (within + 1) * per_step])


def packed(lengths: Mapping[int, int], row_tokens: int) -> Rows:
    """Conversations, given by index with their length, in as few rows as best-fit decreasing finds.

    No row holds more than `row_tokens`; of the rows with room for a conversation it goes to the fullest.

    Raises:
        ValueError: a conversation is longer than a row.
    """
    rows: Rows = []
    room: list[int] = []
    for index in sorted(lengths, key=lambda index: (-lengths[index], index)):
        need = lengths[index]
        if need > row_tokens:
            raise ValueError(f"conversation {index} has {need} tokens, a row {row_tokens}")
        fits = [row for row, free in enumerate(room) if free >= need]
        if not fits:
            rows.append([])
            room.append(row_tokens)
            fits = [len(rows) - 1]
        best = min(fits, key=lambda row: (room[row], row))
        rows[best].append(index)
        room[best] -= need
    return rows


def places_in_row(lengths: Sequence[int], shared: int) -> list[list[int]]:
    """For each document the places of its tokens in a row that begins with the opening they share."""
    places, start = [], shared
    for length in lengths:
        places.append([*range(shared), *range(start, start + length - shared)])
        start += length - shared
    return places
