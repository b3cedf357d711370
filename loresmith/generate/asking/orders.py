"""What a model is asked: which chunks, and for how many facts each."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from loresmith.generate.asking import prompt
from loresmith.generate.asking.manners import Wish, wishes
from loresmith.generate.asking.reading import WrittenFact, read
from loresmith.generate.spread import in_turns
from loresmith.models.endpoint.completion import Reply
from loresmith.models.prompts import Message
from loresmith.recipe import GenerateConfig
from loresmith.records import Chunk
from loresmith.sentences import sentence_starts

LEAST_WORDS = 5
"""Shorter sentences are headings, labels and debris."""
NO_WISH = Wish()
ASKED_FOR_KEPT = 2.5
"""Facts asked for each that `max_facts` may keep; a guess, since no capable model has been measured yet."""


@dataclass(frozen=True)
class FactOrder:
    """One call for the facts of a chunk."""

    top_logprobs = None

    chunk: Chunk
    facts: int
    """Most facts that are asked for."""
    wordings: int
    wish: Wish = NO_WISH

    @property
    def messages(self) -> list[Message]:
        """The prompt."""
        return prompt.messages(self.chunk, self.facts, self.wordings, self.wish.sentence)

    @property
    def schema(self) -> dict[str, Any]:
        """JSON Schema of the answer."""
        return prompt.schema(self.facts, self.wordings)

    @property
    def answer_tokens(self) -> int:
        """Room for the answer: a quote and its names in 110 tokens, a wording in 32; a guess on the generous side."""
        return 80 + self.facts * (110 + 32 * self.wordings)

    def read(self, body: str) -> Reply[WrittenFact]:
        """The facts in the raw answer `body`."""
        return read(body)


def orders(chunks: Sequence[Chunk], config: GenerateConfig) -> list[FactOrder]:
    """An order for each chunk that says something, in the order of the chunks.

    Where `max_facts` needs fewer, the documents take turns until enough is asked for.
    """
    sized = [(chunk, min(statements(chunk), config.facts_per_chunk)) for chunk in chunks]
    sized = [(chunk, facts) for chunk, facts in sized if facts]
    wished = wishes([chunk for chunk, _ in sized], config)
    placed = [
        FactOrder(chunk, facts, config.wordings, wish) for (chunk, facts), wish in zip(sized, wished, strict=True)
    ]
    if config.max_facts is None:
        return placed
    needed, chosen = config.max_facts * ASKED_FOR_KEPT, set()
    for order in in_turns(placed, lambda order: order.chunk.document):
        if needed <= 0:
            break
        chosen.add(order.chunk.id)
        needed -= order.facts
    return [order for order in placed if order.chunk.id in chosen]


def statements(chunk: Chunk) -> int:
    """How much the chunk says: its sentences, or the rows of its table."""
    if chunk.kind == "table":
        rows = [line for line in chunk.text.splitlines() if line.lstrip().startswith("|")]
        return max(0, len(rows) - 2)  # the header and the line below it
    bounds = [0, *sentence_starts(chunk.text), len(chunk.text)]
    sentences = (chunk.text[start:end] for start, end in pairwise(bounds))
    return sum(len(sentence.split()) >= LEAST_WORDS for sentence in sentences)
