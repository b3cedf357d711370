"""What the examination, the chat and the quiz ask of a model, whatever runs it. Light: no torch.

Not covered: sampling. Every answer is the greedy one, so that an exam can be repeated.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol, TypeGuard

from loresmith.models.forms import Form
from loresmith.models.prompts import Message


@dataclass(frozen=True)
class Completion:
    """What a model wrote after a prompt."""

    ids: tuple[int, ...]
    """Without the stop token."""
    text: str
    stopped: bool
    """Whether the model ended by itself; `False` means that the limit cut it."""


class Speaker(Protocol):
    """A loaded model that speaks the chat template of its own tokenizer."""

    name: str
    window: int
    """Most tokens of prompt and answer together."""

    def encode(self, messages: Sequence[Message]) -> list[int]:
        """Ids of the rendered messages, up to and with the opening of the answer."""
        ...

    def encode_reply(self, text: str) -> list[int]:
        """Ids of an answer as the model would write it, with the token that ends its turn."""
        ...

    def decode(self, ids: Sequence[int]) -> str:
        """The text of `ids`, without special tokens."""
        ...

    def complete(self, prompts: Sequence[Sequence[int]], max_new_tokens: int) -> list[Completion]:
        """The greedy answer to each prompt, in the order of the prompts."""
        ...

    def loglikelihood(self, pairs: Sequence[tuple[Sequence[int], Sequence[int]]]) -> list[float]:
        """For each (context, continuation): the sum of log p over the continuation, in nats."""
        ...

    def stream(self, prompt: Sequence[int], max_new_tokens: int) -> Iterator[str]:
        """The greedy answer in pieces of text, as they come."""
        ...

    def without_adapter(self) -> AbstractContextManager[None]:
        """Inside the block the base model answers alone."""
        ...

    def close(self) -> None:
        """Give the memory back; the speaker cannot be used after."""
        ...


class Filler(Speaker, Protocol):
    """A speaker whose replies can be bound to a form."""

    def fill(self, prompts: Sequence[Sequence[int]], forms: Sequence[Form]) -> list[Completion]:
        """After each prompt the likeliest reply that its form allows; always whole."""
        ...


def can_fill(speaker: Speaker) -> TypeGuard[Filler]:
    """Whether `speaker` is a `Filler`."""
    return hasattr(speaker, "fill")
