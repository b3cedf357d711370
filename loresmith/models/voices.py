"""Several adapters on one base that is in memory once: each speaks under a name, and the base without any. Light.

Not covered: two voices at the same time. Who speaks is decided call by call, and calls come one after another.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from loresmith.models.speaker import Speaker

Switch = Callable[[], None]
"""Puts a prepared set of adapters in place; called between two answers, in the thread that answers."""


class Voices(Protocol):
    """One base model and its adapters."""

    name: str
    """Of the base, in words for people."""

    def voice(self, adapter: str | None) -> Speaker:
        """The speaker with the adapter of that name, for as long as it is there; `None` is the base alone.

        Closing a voice does nothing; the model is closed with the voices.
        """
        ...

    def prepare(self, adapters: Mapping[str, Path]) -> Switch:
        """Make ready to have exactly `adapters`, by name; what answers now is not disturbed.

        Raises:
            UserError: an adapter cannot be used with this base; nothing has changed.
        """
        ...

    def close(self) -> None:
        """Give the memory back."""
        ...
