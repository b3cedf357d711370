"""Choosing some of many so that documents and kinds all have their share."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TypeVar

Thing = TypeVar("Thing")


def in_turns(things: Iterable[Thing], *groups: Callable[[Thing], Hashable]) -> list[Thing]:
    """`things` reordered so that the groups take turns, and within each group the groups of the next level."""
    if not groups:
        return list(things)
    held: dict[Hashable, list[Thing]] = defaultdict(list)
    for thing in things:
        held[groups[0](thing)].append(thing)
    queues = [in_turns(group, *groups[1:]) for group in held.values()]
    longest = max((len(queue) for queue in queues), default=0)
    return [queue[turn] for turn in range(longest) for queue in queues if turn < len(queue)]


def chosen_evenly(
    things: Sequence[Thing], most: int, lot: Callable[[Thing], str], *groups: Callable[[Thing], Hashable]
) -> list[Thing]:
    """At most `most` of `things` in their order, taken by turns from the groups; within a group by the lot's hash."""
    shuffled = sorted(things, key=lambda thing: hashlib.sha256(lot(thing).encode()).digest())
    order = {id(thing): index for index, thing in enumerate(things)}
    return sorted(in_turns(shuffled, *groups)[:most], key=lambda thing: order[id(thing)])
