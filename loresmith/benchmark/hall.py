"""The model of a benchmark run, opened when a question first needs it, and then once for all tasks and arms."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from loresmith.benchmark import Examinee
from loresmith.models.language import LanguageModel, open_model
from loresmith.models.plain import PlainText
from loresmith.models.weights import load_tokenizer
from loresmith.recipe.benchmark import BenchmarkConfig

GENERATION = "generation_config.json"


class Hall:
    """Closes the model when the block ends."""

    def __init__(self, examinee: Examinee, config: BenchmarkConfig) -> None:
        self.examinee, self.config = examinee, config
        self.arms = examinee.arms(config.arms)
        self._open = ExitStack()
        self._speaker: LanguageModel | None = None
        self._tokenizer: Any = None

    def under(self, config: BenchmarkConfig) -> "Hall":
        """The same hall with the model as it is, for tasks that are asked under another `config`."""
        self.config, self.arms = config, self.examinee.arms(config.arms)
        return self

    def __enter__(self) -> "Hall":
        return self

    def __exit__(self, *fault: object) -> None:
        self._open.close()

    @property
    def tokenizer(self) -> Any:
        """The model's own; it is there before the weights are."""
        if self._tokenizer is None:
            self._tokenizer = load_tokenizer(self.examinee.source)
        return self._tokenizer

    @contextmanager
    def arm(self, name: str) -> Iterator[PlainText]:
        """The model in the arm `name`, inside the block."""
        speaker = self._opened()
        if name != "base":
            yield PlainText(speaker)
            return
        with speaker.without_adapter():
            yield PlainText(speaker)

    def new_tokens(self, wanted: int) -> int:
        """The tokens that may be written: as wanted, unless the model's own configuration names a number.

        `transformers` lets the model's number win, and so do the harness's figures.
        """
        path = self.examinee.source.path / GENERATION
        told = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        return int(told.get("max_new_tokens") or wanted)

    def _opened(self) -> LanguageModel:
        if self._speaker is None:
            adapter = self.examinee.adapter.path if self.examinee.adapter is not None else None
            self._speaker = open_model(self.examinee.source, self.examinee.dtype, adapter)
            self._speaker.batch_size = self.config.batch_size
            self._open.callback(self._speaker.close)
        return self._speaker
