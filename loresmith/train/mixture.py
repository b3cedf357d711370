"""How many rows of each source an epoch has, which they are, and in which order they are learned.

Pure: all follows from numbers and the seed, so that a run that goes on meets the same batches. The mixture is made of
whole conversations before rows are packed.
"""

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from loresmith.curriculum import difficulties, easy_to_hard
from loresmith.plugins import Conversation
from loresmith.recipe import TrainConfig
from loresmith.recipe.mixing import REPLAY
from loresmith.train.pools import Row


@dataclass(frozen=True)
class Part:
    """What one source gives to a mixture."""

    name: str
    rows: Sequence[Row]
    per_epoch: int
    """Examples; beyond the number of rows they are repeated."""


@dataclass(frozen=True)
class Mixture:
    """The conversations of a course, and what each epoch takes of them."""

    train: tuple[Conversation, ...]
    parts: tuple[str, ...]
    """Of each conversation, the name of its part."""
    epochs: tuple[tuple[int, ...], ...]
    """By index; empty where each epoch takes all in an order of its own."""

    def seen(self, steps: int, per_step: int) -> dict[str, int]:
        """Examples of each part that `steps` optimizer steps of `per_step` examples met."""
        size = len(self.epochs[0]) if self.epochs else len(self.train)
        whole, rest = divmod(steps, -(-size // per_step))
        met: Counter[str] = Counter()
        for epoch in range(whole + (rest > 0)):
            order = self.epochs[epoch] if self.epochs else range(size)
            met.update(self.parts[index] for index in (order if epoch < whole else order[: rest * per_step]))
        return dict(met)


def quotas(
    own: int, own_weight: float, weights: Mapping[str, float], held: Mapping[str, int], replay: float
) -> dict[str, int]:
    """Examples of each source in an epoch, at least one; `own` are the project's questions, which are all met.

    Without own questions an epoch is as long as it can be without a repetition.

    Args:
        own: How many there are.
        own_weight: Their weight.
        weights: Of the other sources.
        held: Rows that these have.
        replay: Share of the replay in the whole epoch; 0 for none.
    """
    unit = own / own_weight if own else min((held[name] / weight for name, weight in weights.items()), default=0.0)
    found = {name: max(1, round(unit * weight)) for name, weight in weights.items()}
    if replay:
        found[REPLAY] = max(1, round((own + sum(found.values())) * replay / (1 - replay)))
    return found


def drawn(held: int, per_epoch: int, epochs: int, seed: str) -> list[list[tuple[int, int]]]:
    """What each epoch takes of `held` rows, as (row, how often it came before in this epoch).

    Every row is met once before any is met again; the first time in their order, later in one that `seed` decides.
    """
    stream = _passes(held, seed)
    found = []
    for _ in range(epochs):
        times: Counter[int] = Counter()
        taken = []
        for row in islice(stream, per_epoch):
            taken.append((row, times[row]))
            times[row] += 1
        found.append(taken)
    return found


def mixed(parts: Sequence[Part], config: TrainConfig) -> Mixture:
    """The mixture of `parts`; own questions alone are left to the order that they always had."""
    if len(parts) == 1 and not config.curriculum:
        only = parts[0]
        if only.per_epoch == len(only.rows):
            return Mixture(tuple(row.conversation for row in only.rows), (only.name,) * len(only.rows), ())
    places: dict[tuple[str, int, int], int] = {}
    rows: list[Row] = []
    chosen: list[list[int]] = [[] for _ in range(config.num_train_epochs)]
    for part in parts:
        seed = f"{config.seed} again {part.name}"
        for epoch, taken in enumerate(drawn(len(part.rows), part.per_epoch, config.num_train_epochs, seed)):
            for row, copy in taken:
                place = places.setdefault((part.name, row, copy), len(places))
                if place == len(rows):
                    rows.append(part.rows[row])
                chosen[epoch].append(place)
    names = tuple(name for name, _, _ in places)
    return Mixture(tuple(row.conversation for row in rows), names, _ordered(chosen, rows, names, config))


def _ordered(
    chosen: Sequence[Sequence[int]], rows: Sequence[Row], names: Sequence[str], config: TrainConfig
) -> tuple[tuple[int, ...], ...]:
    """Each epoch in the order of learning."""
    shuffled = [
        [epoch[place] for place in np.random.default_rng([config.seed, number]).permutation(len(epoch))]
        for number, epoch in enumerate(chosen)
    ]
    if config.curriculum:
        by_words = difficulties([row.task for row in rows])
        hard = [known if (known := row.difficulty) is not None else by_words[n] for n, row in enumerate(rows)]
        shuffled = [
            easy_to_hard(epoch, [hard[place] for place in epoch], [names[place] == REPLAY for place in epoch])
            for epoch in shuffled
        ]
    return tuple(map(tuple, shuffled))


def _passes(held: int, seed: str) -> Iterator[int]:
    """All rows, again and again."""
    number = 0
    while held:
        order = list(range(held))
        if number:
            random.Random(f"{seed} {number}").shuffle(order)
        yield from order
        number += 1
