"""One call to a model, whatever it is about: what is asked, how much room the answer has, how it is read."""

from typing import Any, Protocol

from loresmith.generate.asking.completion import Reply, Row
from loresmith.models.prompts import Message


class Order(Protocol[Row]):
    """One call; equal messages with equal room are the same call."""

    @property
    def messages(self) -> list[Message]:
        """The prompt."""
        ...

    @property
    def schema(self) -> dict[str, Any]:
        """JSON Schema of the answer."""
        ...

    @property
    def answer_tokens(self) -> int:
        """Most that the model may write."""
        ...

    def read(self, body: str) -> Reply[Row]:
        """What the raw answer `body` says."""
        ...
