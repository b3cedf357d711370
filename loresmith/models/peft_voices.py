"""Adapters of PEFT on one transformers model, switched by name from one call to the next.

Not covered: adapters that are whole models (every weight trained), and DoRA or other kinds beside plain LoRA: PEFT
holds what it can hold, and says what it cannot.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from safetensors import SafetensorError

from loresmith import artifact
from loresmith.errors import UserError
from loresmith.models.full_weights import is_full
from loresmith.models.language import LanguageModel, open_model
from loresmith.models.locate import ModelSource
from loresmith.models.lora_weights import WEIGHTS
from loresmith.models.prompts import Message
from loresmith.models.speaker import Completion, Speaker
from loresmith.models.voices import Switch
from loresmith.models.weights import quiet, require_adapter


class PeftVoices:
    """`Voices` over transformers and PEFT."""

    def __init__(self, source: ModelSource, dtype: str, adapters: Mapping[str, Path]) -> None:
        """Load the base and every adapter.

        Raises:
            UserError: the base or an adapter cannot be used; says why.
        """
        for folder in adapters.values():
            _require_usable(folder, source)
        self._model = open_model(source, dtype)
        self._source = source
        self._there: dict[str, tuple[str, str]] = {}
        """Name to the adapter's hash and what PEFT calls it: a new adapter may take over a name while both are in."""
        self._count = 0
        self.name = source.name
        try:
            self.prepare(adapters)()
        except BaseException:
            self.close()
            raise

    def voice(self, adapter: str | None) -> Speaker:
        """The speaker with that adapter, or of the base alone."""
        return PeftVoice(self, self._model, adapter)

    def prepare(self, adapters: Mapping[str, Path]) -> Switch:
        """Check what is new among `adapters`; the switch attaches it and takes away what is not among them."""
        for folder in adapters.values():
            _require_usable(folder, self._source)
        wanted = {name: (folder, artifact.hash_file(folder / WEIGHTS)) for name, folder in adapters.items()}

        def switch() -> None:
            there = {name: held for name, held in self._there.items() if name in wanted and wanted[name][1] == held[0]}
            fresh: dict[str, tuple[str, str]] = {}
            try:
                for name, (folder, digest) in wanted.items():
                    if name not in there:
                        fresh[name] = (digest, self._attached(folder))
            except UserError:
                self._detach([inner for _, inner in fresh.values()])
                raise
            gone = [held[1] for name, held in self._there.items() if name not in there]
            self._there = there | fresh
            self._detach(gone)

        return switch

    @contextmanager
    def speaking(self, adapter: str | None) -> Iterator[None]:
        """Inside the block the model answers with that adapter.

        Raises:
            UserError: it was taken away.
        """
        if adapter is not None and adapter not in self._there:
            raise UserError(f"The adapter {adapter!r} is not loaded.", next_step="Load it again, or ask another.")
        model: Any = self._model.model
        if adapter is not None:
            model.set_adapter(self._there[adapter][1])
            yield
        elif self._there:
            with model.disable_adapter():
                yield
        else:
            yield

    def close(self) -> None:
        """Give the memory back."""
        self._model.close()

    def _attached(self, folder: Path) -> str:
        """PEFT's name of the adapter in `folder`, which is in the model now."""
        from peft import PeftModel

        model: Any = self._model.model
        self._count += 1
        inner = f"adapter{self._count}"
        try:
            with quiet():
                if isinstance(model, PeftModel):
                    model.load_adapter(str(folder), adapter_name=inner, is_trainable=False)
                else:
                    model = PeftModel.from_pretrained(model, str(folder), adapter_name=inner, is_trainable=False)
        except (RuntimeError, ValueError, KeyError, TypeError, OSError, SafetensorError) as fault:
            raise UserError(
                f"The adapter in {folder} does not fit {self.name}: {str(fault).strip().splitlines()[0]}",
                next_step="Use the base model that it was trained on (base_model_name_or_path in adapter_config.json).",
            ) from fault
        self._model.model = model.eval()
        return inner

    def _detach(self, names: Sequence[str]) -> None:
        """Take adapters that no voice has any more out of the model."""
        model: Any = self._model.model
        if names and not self._there:
            self._model.model = model.unload()
            return
        for name in names:
            model.set_adapter(next(iter(self._there.values()))[1])  # PEFT warns where an active one is deleted
            model.delete_adapter(name)


class PeftVoice:
    """A `Speaker`: the common model, with one adapter for the time of each call."""

    def __init__(self, voices: PeftVoices, model: LanguageModel, adapter: str | None) -> None:
        self._voices, self._model, self._adapter = voices, model, adapter
        self.name = model.name if adapter is None else f"{model.name} with {adapter}"
        self.window = model.window

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
        with self._voices.speaking(self._adapter):
            return self._model.complete(prompts, max_new_tokens)

    def loglikelihood(self, pairs: Sequence[tuple[Sequence[int], Sequence[int]]]) -> list[float]:
        """For each (context, continuation): the sum of log p over the continuation, in nats."""
        with self._voices.speaking(self._adapter):
            return self._model.loglikelihood(pairs)

    def stream(self, prompt: Sequence[int], max_new_tokens: int) -> Iterator[str]:
        """The greedy answer in pieces of text; no other voice may speak until it is exhausted or closed."""
        with self._voices.speaking(self._adapter):
            yield from self._model.stream(prompt, max_new_tokens)

    def without_adapter(self) -> AbstractContextManager[None]:
        """Inside the block the base model answers alone, through the voice of the base."""
        if self._adapter is None:
            return nullcontext()
        raise UserError(f"{self.name} speaks with its adapter.", next_step="Ask the voice of the base instead.")

    def close(self) -> None:
        """Nothing: the model is closed with the voices."""


def _require_usable(folder: Path, source: ModelSource) -> None:
    if is_full(folder):
        raise UserError(
            f"{folder} holds a whole model, not an adapter; several experts share one base.",
            next_step="Train that expert with `train.method: lora`, or serve it alone.",
        )
    require_adapter(folder)
