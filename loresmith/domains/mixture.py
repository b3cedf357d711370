"""How many rows each domain and source gives, and which: by weight, without repetition until a source runs out."""

import random
from collections.abc import Mapping, Sequence
from typing import TypeVar

from loresmith.domains.question import DomainQuestion

Name = TypeVar("Name", bound=str | int)


def quotas(size: int, weights: Mapping[Name, float]) -> dict[Name, int]:
    """`size` divided by weight; what is left over goes to the largest remainders, the first of equal ones."""
    total = sum(weights.values())
    exact = {name: size * weight / total for name, weight in weights.items()}
    whole = {name: int(share) for name, share in exact.items()}
    by_remainder = sorted(exact, key=lambda name: whole[name] - exact[name])
    for name in by_remainder[: size - sum(whole.values())]:
        whole[name] += 1
    return whole


def filled(wanted: int, weights: Mapping[Name, float], held: Mapping[Name, int]) -> dict[Name, int]:
    """What each source of a domain gives: its share, and where one holds less, the others give the rest.

    Fewer than `wanted` in all when they hold fewer together.
    """
    given = dict.fromkeys(weights, 0)
    while (left := wanted - sum(given.values())) > 0:
        open_ones = {name: weight for name, weight in weights.items() if given[name] < held[name]}
        if not open_ones:
            break
        for name, more in quotas(left, open_ones).items():
            given[name] += min(more, held[name] - given[name])
    return given


def drawn(pool: Sequence[DomainQuestion], count: int, seed: int, name: str) -> list[tuple[DomainQuestion, int]]:
    """`count` questions with the number of their repetition, from 0: each once before any comes again."""
    found: list[tuple[DomainQuestion, int]] = []
    repetition = 0
    while len(found) < count and pool:
        order = list(pool)
        random.Random(f"{seed} draw {name} {repetition}").shuffle(order)
        found += [(question, repetition) for question in order[: count - len(found)]]
        repetition += 1
    return found
