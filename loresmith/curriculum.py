"""How hard a row is, and the order from easy to hard.

    difficulty = (rarity + length + help) / 3, from 0 to 1

- rarity: over the distinct words of question and answer, the mean of 1 − ln(rows with the word) / ln(rows): 0 for
  words in every row, 1 for words in one row alone;
- length: words of the answer / 40, at most 1; the answer of a choice is the option, not its letter;
- help: 0 with the evidence in view, 1/2 with options to choose from, 1 from memory.

It is a measure of the rows, not of a model: what a model finds hard, its loss would say. Ordering by such cheap
measures is the oldest form of curriculum learning (Bengio et al. 2009, sections 3 and 5).
"""

import math
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from loresmith.likeness import words

LONGEST_WORDS = 40
Row = TypeVar("Row")


@dataclass(frozen=True)
class Task:
    """What a row asks of a model."""

    question: str
    answer: str
    """In words; of a choice the option, not its letter."""
    has_sources: bool = False
    has_options: bool = False


def difficulties(rows: Sequence[Task]) -> list[float]:
    """The difficulty of each row among all of them."""
    held = [set(words(f"{row.question} {row.answer}")) for row in rows]
    counts = Counter(word for distinct in held for word in distinct)
    return [
        (_rarity(distinct, counts, len(rows)) + _length(row) + _help(row)) / 3
        for row, distinct in zip(rows, held, strict=True)
    ]


def easy_to_hard(rows: Sequence[Row], difficulty: Sequence[float], is_replay: Sequence[bool]) -> list[Row]:
    """Domain rows by difficulty, with the rows of replay, in their order, spread evenly among them."""
    domain = [number for number in range(len(rows)) if not is_replay[number]]
    domain.sort(key=lambda number: difficulty[number])
    replay = [number for number in range(len(rows)) if is_replay[number]]
    placed = [((place + 0.5) / len(part), number) for part in (domain, replay) for place, number in enumerate(part)]
    return [rows[number] for _, number in sorted(placed)]


def shuffled(rows: Sequence[Row], seed: int) -> list[Row]:
    """All rows in an order that `seed` decides."""
    order = list(rows)
    random.Random(f"{seed} order").shuffle(order)
    return order


def _rarity(distinct: set[str], counts: Counter[str], rows: int) -> float:
    if not distinct or rows < 2:
        return 0.0
    # sorted: the sum of floats in the order of a set differs from run to run
    return sum(1 - math.log(counts[word]) / math.log(rows) for word in sorted(distinct)) / len(distinct)


def _length(row: Task) -> float:
    return min(len(row.answer.split()), LONGEST_WORDS) / LONGEST_WORDS


def _help(row: Task) -> float:
    if row.has_sources:
        return 0.0
    return 0.5 if row.has_options else 1.0
