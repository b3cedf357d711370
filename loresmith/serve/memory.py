"""The latest answers, so that a thumb can be bound to what it is about."""

from collections import OrderedDict
from threading import Lock
from typing import Generic, TypeVar

MOST_ANSWERS = 2_000
"""Beyond this the oldest is forgotten: 20 MB at most with answers of everyday length."""

Thing = TypeVar("Thing")


class Memory(Generic[Thing]):
    """The `most` latest things by their id; used from several threads."""

    def __init__(self, most: int = MOST_ANSWERS) -> None:
        self._most = most
        self._things: OrderedDict[str, Thing] = OrderedDict()
        self._lock = Lock()

    def keep(self, key: str, thing: Thing) -> None:
        """Remember `thing`, and forget the oldest where there are too many."""
        with self._lock:
            self._things[key] = thing
            while len(self._things) > self._most:
                self._things.popitem(last=False)

    def get(self, key: str) -> Thing | None:
        """What is called `key`, if it is remembered."""
        with self._lock:
            return self._things.get(key)
