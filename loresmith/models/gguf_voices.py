"""Adapters in GGUF files on one GGUF file of the base, chosen from one request to the next by llama.cpp. Light.

llama.cpp takes its adapters when it starts. So another set of them means another process, which is started beside the
one that answers; for a while there are two, sharing the pages of the base that the system has in memory.

Not covered: weighing given answers (log-likelihoods) with an adapter; the examination opens an adapter by itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from loresmith import artifact
from loresmith.errors import UserError
from loresmith.models.gguf import GgufModel
from loresmith.models.prompts import Message
from loresmith.models.speaker import Completion, Speaker
from loresmith.models.voices import Switch


class GgufVoices:
    """`Voices` over llama.cpp."""

    def __init__(self, path: Path, adapters: Mapping[str, Path]) -> None:
        """Start llama.cpp with the base in `path` and every adapter.

        Raises:
            UserError: the base or an adapter cannot be run.
        """
        self._path = path
        self._there = _stamped(adapters)
        self._model = self._opened(adapters)
        self.name = path.name

    def voice(self, adapter: str | None) -> Speaker:
        """The speaker with that adapter, or of the base alone."""
        return GgufVoice(self, adapter)

    def prepare(self, adapters: Mapping[str, Path]) -> Switch:
        """Start llama.cpp with `adapters` beside the one that answers, unless they are the same; the switch ends it.

        Raises:
            UserError: an adapter cannot be run with this base.
        """
        stamped = _stamped(adapters)
        if stamped == self._there:
            return lambda: None
        fresh = self._opened(adapters)

        def switch() -> None:
            old, self._model, self._there = self._model, fresh, stamped
            old.close()

        return switch

    def model(self) -> GgufModel:
        """The model as it runs now."""
        return self._model

    def number(self, adapter: str | None) -> int | None:
        """By which a request chooses the adapter.

        Raises:
            UserError: it was taken away.
        """
        if adapter is None:
            return None
        if adapter not in self._there:
            raise UserError(f"The adapter {adapter!r} is not loaded.", next_step="Load it again, or ask another.")
        return list(self._there).index(adapter)

    def close(self) -> None:
        """End llama.cpp."""
        self._model.close()

    def _opened(self, adapters: Mapping[str, Path]) -> GgufModel:
        for file in adapters.values():
            if not file.is_file():
                raise UserError(
                    f"There is no adapter in GGUF at {file}.",
                    next_step="Export it: `loresmith export PROJECT --also adapter`.",
                )
        return GgufModel(self._path, silent=tuple(adapters.values()))


class GgufVoice:
    """A `Speaker`: llama.cpp with one adapter for the time of each call."""

    def __init__(self, voices: GgufVoices, adapter: str | None) -> None:
        self._voices, self._adapter = voices, adapter
        self.name = voices.name if adapter is None else f"{voices.name} with {adapter}"

    @property
    def window(self) -> int:
        """Most tokens of prompt and answer together."""
        return self._model.window

    @window.setter
    def window(self, tokens: int) -> None:
        self._model.window = tokens

    def encode(self, messages: Sequence[Message]) -> list[int]:
        """Ids of the rendered messages, up to and with the opening of the answer."""
        return self._model.encode(messages)

    def encode_reply(self, text: str) -> list[int]:
        """Ids of an answer as the model would write it, with the token that ends its turn."""
        return self._model.encode_reply(text)

    def decode(self, ids: Sequence[int]) -> str:
        """The text of `ids`, without special tokens."""
        return self._model.decode(ids)

    def complete(self, prompts: Sequence[Sequence[int]], max_new_tokens: int) -> list[Completion]:
        """The greedy answer to each prompt, in the order of the prompts."""
        return self._model.complete(prompts, max_new_tokens, self._voices.number(self._adapter))

    def loglikelihood(self, pairs: Sequence[tuple[Sequence[int], Sequence[int]]]) -> list[float]:
        """Refused with an adapter; of the base alone, the sum of log p over each continuation, in nats."""
        if self._adapter is not None:
            raise UserError(f"{self.name} cannot weigh answers.", next_step="Open the adapter by itself.")
        return self._model.loglikelihood(pairs)

    def stream(self, prompt: Sequence[int], max_new_tokens: int) -> Iterator[str]:
        """The greedy answer in pieces of text, as they come."""
        yield from self._model.stream(prompt, max_new_tokens, self._voices.number(self._adapter))

    def without_adapter(self) -> AbstractContextManager[None]:
        """Inside the block the base model answers alone, through the voice of the base."""
        if self._adapter is None:
            return nullcontext()
        raise UserError(f"{self.name} speaks with its adapter.", next_step="Ask the voice of the base instead.")

    def close(self) -> None:
        """Nothing: llama.cpp ends with the voices."""

    @property
    def _model(self) -> GgufModel:
        return self._voices.model()


def _stamped(adapters: Mapping[str, Path]) -> dict[str, tuple[Path, str]]:
    """The files with their hashes, so that one made anew is noticed; a missing one has none."""
    return {name: (file, artifact.hash_file(file) if file.is_file() else "") for name, file in adapters.items()}
