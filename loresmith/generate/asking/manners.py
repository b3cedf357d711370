"""How the questions about a chunk are to be worded: style, length and who asks, dealt out so that all come as often.

Each document has its own deal, so that another document changes nothing for those that were asked already. A chunk that
comes or goes moves the chunks after it in its document, which are then asked anew.

Not covered: whether the model does as it is told.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import TypeVar

from loresmith.recipe import GenerateConfig, PersonaConfig
from loresmith.recipe.languages import LANGUAGES
from loresmith.records import Chunk, Manner

STYLES = {
    "web-search-like": "like a web search, in keywords rather than sentences",
    "misspelled": "with two or three spelling mistakes each, but never in names, numbers or units",
    "perfect-grammar": "in perfect grammar",
    "poor-grammar": "in poor grammar, as by somebody in a hurry",
    "conversational": "as in a conversation",
}
LENGTHS = {"short": "in at most 8 words", "medium": "in 9 to 16 words", "long": "in 17 to 30 words"}

Item = TypeVar("Item")


@dataclass(frozen=True)
class Wish:
    """What a model is told about the wording of its questions on one chunk."""

    style: str | None = None
    length: str | None = None
    persona: PersonaConfig | None = None
    language: str = ""
    """A code of `LANGUAGES`; anything else leaves it to the passage."""

    @property
    def sentence(self) -> str:
        """The words of the prompt; none where nothing is wished."""
        told = [STYLES[self.style]] if self.style else []
        told += [LENGTHS[self.length]] if self.length else []
        told += [f"as {self.persona.name} would ask ({self.persona.role})"] if self.persona else []
        worded = [f"Word the questions {'; '.join(told)}."] if told else []
        if self.language in LANGUAGES:
            language = LANGUAGES[self.language]
            worded += [f"Write the questions in {language}; quotes and answers stay as they are in the passage."]
        return " ".join(worded)

    @property
    def manner(self) -> Manner | None:
        """The wish as a row keeps it; `None` where nothing but a language is wished."""
        if not (self.style or self.length or self.persona):
            return None
        return Manner(style=self.style, length=self.length, persona=self.persona.name if self.persona else None)


def wishes(chunks: Sequence[Chunk], config: GenerateConfig) -> list[Wish]:
    """The wish for each of `chunks`, in their order."""
    deals = {source: _deal(source, config) for source in {chunk.source for chunk in chunks}}
    return [next(deals[chunk.source]) for chunk in chunks]


def _deal(source: str, config: GenerateConfig) -> Iterator[Wish]:
    """The wishes for one document, chunk after chunk."""
    styles = _dealt(config.styles, f"style {config.seed} {source}")
    lengths = _dealt(config.lengths, f"length {config.seed} {source}")
    personas = _dealt(config.personas, f"persona {config.seed} {source}")
    for style, length, persona in zip(styles, lengths, personas, strict=False):
        yield Wish(style, length, persona, config.language)


def _dealt(items: Iterable[Item], lot: str) -> Iterator[Item | None]:
    """`items` over and over, in another order each time; `None` over and over when there are none."""
    for block in count():
        deck: list[Item | None] = [*items] or [None]
        random.Random(f"{lot} {block}").shuffle(deck)
        yield from deck
