"""What an embedder says of itself, for those who want vectors and no passages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from loresmith import plugins
from loresmith.errors import UserError
from loresmith.plugins import Embedder


@runtime_checkable
class Counting(Protocol):
    """An embedder that tells what it reads of a text."""

    window_tokens: int
    """What is longer is cut off."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, the special ones included, before anything is cut off."""
        ...


@dataclass(frozen=True)
class EmbedderCard:
    """An embedder's name and sizes."""

    name: str
    dimensions: int
    window_tokens: int | None
    """Longest text; `None` where the embedder does not tell."""


def card(embedder: Embedder) -> EmbedderCard:
    """The card of `embedder`."""
    window = embedder.window_tokens if isinstance(embedder, Counting) else None
    return EmbedderCard(embedder.name, embedder.dimensions, window)


def count_tokens(embedder: Embedder, texts: Sequence[str]) -> list[int]:
    """Tokens of each text for `embedder`; words where it does not count them."""
    return embedder.count_tokens(texts) if isinstance(embedder, Counting) else [len(text.split()) for text in texts]


def open_embedder(name: str) -> Embedder:
    """The embedder plug-in `name`, or of `PLUG-IN:MODEL` the model of one that has several.

    Raises:
        UserError: no such plug-in is installed, what it needs is missing, or it has no models to choose from.
    """
    plug_in, _, model = name.partition(":")
    made = plugins.load(plugins.EMBEDDERS, plug_in)
    if not getattr(made, "has_models", False):
        if model:
            raise UserError(
                f"The embedder {plug_in!r} is one model; there is no {model!r} of it.",
                next_step=f"Set index.embedder to {plug_in}, or to sentence-transformers:{model}.",
            )
        opened: Embedder = made()
        return opened
    named: Embedder = made(model)
    return named
