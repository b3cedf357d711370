"""What a made-up exercise is: one exchange in the product's prompt format, and how wordings are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from loresmith.models.prompts import LETTERS, REFUSAL
from training.starter.formats import choice, grounded

T = TypeVar("T")


@dataclass(frozen=True)
class Exchange:
    """A user's message and the exact answer."""

    kind: str
    user: str
    answer: str
    more: tuple[tuple[str, str], ...] = ()
    """Further questions about the same sources with their answers, as later turns: more practice per token read."""


def pick(rng: np.random.Generator, items: Sequence[T]) -> T:
    """One item, uniformly."""
    return items[int(rng.integers(len(items)))]


def shuffled(rng: np.random.Generator, items: Sequence[T]) -> list[T]:
    """All items in a random order."""
    return [items[int(i)] for i in rng.permutation(len(items))]


def from_passages(rng: np.random.Generator, asked: Sequence[tuple[str, str]], passages: Sequence[str]) -> Exchange:
    """A grounded exchange about the (question, answer) pairs in `asked`; the order of the passages is drawn."""
    question, answer = asked[0]
    return Exchange("grounded", grounded(question, shuffled(rng, passages)), answer, tuple(asked[1:]))


def untold(rng: np.random.Generator, question: str, passages: Sequence[str]) -> Exchange:
    """A grounded exchange that no passage answers."""
    return Exchange("untold", grounded(question, shuffled(rng, passages)), REFUSAL)


def lettered(
    rng: np.random.Generator, question: str, answer: str, wrong: Sequence[str], passages: Sequence[str] = ()
) -> Exchange:
    """A multiple-choice exchange, grounded if there are passages; `wrong` holds up to three other options."""
    options = shuffled(rng, [answer, *wrong[:3]])
    user = choice(question, options, shuffled(rng, passages))
    return Exchange("choice", user, LETTERS[options.index(answer)])
