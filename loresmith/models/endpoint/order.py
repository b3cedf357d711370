"""One call to a model, whatever it is about: what is asked, how much room the answer has, how it is read."""

from typing import Any, Protocol

from loresmith.models.endpoint.completion import Reply, Row
from loresmith.models.prompts import Message


class Order(Protocol[Row]):
    """One call; equal messages with equal room are the same call."""

    @property
    def messages(self) -> list[Message]:
        """The prompt."""
        ...

    @property
    def schema(self) -> dict[str, Any] | None:
        """JSON Schema of the answer; `None` for free text."""
        ...

    @property
    def top_logprobs(self) -> int | None:
        """How many of the likeliest tokens are wanted at each place; `None` where only the text counts."""
        ...

    @property
    def answer_tokens(self) -> int:
        """Most that the model may write."""
        ...

    def read(self, body: str) -> Reply[Row]:
        """What the raw answer `body` says."""
        ...
