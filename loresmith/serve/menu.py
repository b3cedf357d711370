"""Whom a request can ask for by `model`, where several answer at one address."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from loresmith.records import Answer, Passage


class Chosen(Protocol):
    """What answers one request; `stream` is called once, in the thread of the models."""

    def stream(self, question: str, max_new_tokens: int | None = None) -> Generator[str | Answer, None, None]:
        """Pieces of the answer as they are written, then the whole answer."""
        ...

    def search(self, query: str, k: int) -> Sequence[Passage]:
        """The `k` best passages, best first."""
        ...

    def count_tokens(self, text: str) -> int:
        """How many tokens `text` is for the model."""
        ...

    def told(self) -> dict[str, Any] | None:
        """Who answered and why, once `stream` has begun."""
        ...


@dataclass(frozen=True)
class Card:
    """One name on the menu."""

    name: str
    description: str = ""


class Menu(Protocol):
    """The names, and what answers to each."""

    def cards(self) -> Sequence[Card]:
        """Every name that can be asked now, the router's first."""
        ...

    def choose(self, model: str) -> Chosen | None:
        """What answers a request for `model`; `None` where there is no such name."""
        ...
