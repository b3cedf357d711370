"""A transformers model that answers greedily and weighs given answers, with or without its PEFT adapter.

Not covered: sampling, beams, and answers longer than the model's window.
"""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import torch

from loresmith.errors import UserError
from loresmith.models import chat, decoding, guided, likelihood
from loresmith.models.forms import Form, together
from loresmith.models.full_weights import SwitchedWeights, is_full
from loresmith.models.locate import ModelSource
from loresmith.models.prompts import Message
from loresmith.models.room import require_room, require_weighable
from loresmith.models.speaker import Completion
from loresmith.models.weights import load_model, load_tokenizer, quiet, require_adapter

ENDING_TOKENS = 4
"""Tokens looked at beyond one for each character of an ending: one character may take several."""


class LanguageModel:
    """A `Speaker` over transformers. Batches are formed by length, so the order of the questions does not matter."""

    def __init__(
        self, model: Any, tokenizer: Any, name: str, *, batch_size: int = 16, switch: SwitchedWeights | None = None
    ) -> None:
        self.model, self.tokenizer, self.name = model, tokenizer, name
        self.batch_size = batch_size
        self.window: int = getattr(model.config, "max_position_embeddings", None) or 1 << 20
        self._switch = switch
        self.has_adapter = switch is not None or hasattr(model, "disable_adapter")

    @cached_property
    def turn(self) -> chat.Turn:
        """How the template surrounds an answer; asked for late, since base models have no template.

        Raises:
            UserError: there is none.
        """
        return chat.turn(self.tokenizer)

    @cached_property
    def stops(self) -> frozenset[int]:
        """Every token that ends an answer."""
        return chat.stops(self.tokenizer, getattr(self.model, "generation_config", None), self.turn)

    def encode(self, messages: Sequence[Message]) -> list[int]:
        """Ids of the rendered messages, up to and with the opening of the answer."""
        return chat.render(self.tokenizer, messages)

    def encode_reply(self, text: str) -> list[int]:
        """Ids of an answer as the model would write it, with the token that ends its turn."""
        return chat.reply(self.tokenizer, text, self.turn)

    def count_tokens(self, text: str) -> int:
        """Tokens of plain text."""
        return len(self.tokenizer(text, add_special_tokens=False)["input_ids"])

    def decode(self, ids: Sequence[int]) -> str:
        """The text of `ids`, without special tokens."""
        return str(self.tokenizer.decode(list(ids), skip_special_tokens=True))

    def complete(self, prompts: Sequence[Sequence[int]], max_new_tokens: int) -> list[Completion]:
        """The greedy answer to each prompt, in the order of the prompts.

        Raises:
            UserError: a prompt with its answer is longer than the model's window, or empty.
        """
        require_room(self, prompts, max_new_tokens)
        self._show()
        written: dict[int, tuple[list[int], bool]] = {}
        for group in decoding.batches([len(prompt) for prompt in prompts], self.batch_size):
            rows = [list(prompts[index]) for index in group]
            answers = decoding.greedy(self.model, rows, max_new_tokens, self.stops)
            written.update(zip(group, answers, strict=True))
        return [self._completion(*written[index]) for index in range(len(prompts))]

    def continue_text(
        self, prompts: Sequence[Sequence[int]], max_new_tokens: int, stops: frozenset[int], endings: Sequence[str]
    ) -> list[str]:
        """What the model writes after each prompt, as plain text: up to the first of `endings`, or to one of `stops`.

        A repetition penalty that the model's generation config asks for is applied, as `transformers` does unasked.

        Raises:
            UserError: a prompt with its continuation is longer than the model's window, or empty.
        """
        require_room(self, prompts, max_new_tokens)
        self._show()
        asked = getattr(self.model, "generation_config", None)
        penalty = float(getattr(asked, "repetition_penalty", None) or 1.0)
        lookback = ENDING_TOKENS + max((len(ending) for ending in endings), default=0)

        def has_ended(ids: Sequence[int]) -> bool:
            tail = self.decode(ids[-lookback:])
            return any(ending in tail for ending in endings)

        texts = [""] * len(prompts)
        for group in decoding.batches([len(prompt) for prompt in prompts], self.batch_size):
            rows = [list(prompts[index]) for index in group]
            answers = decoding.greedy(self.model, rows, max_new_tokens, stops, has_ended, penalty)
            for index, (ids, _) in zip(group, answers, strict=True):
                texts[index] = _before(self.decode(ids), endings)
        return texts

    @cached_property
    def _bounds(self) -> guided.Bounds:
        return guided.Bounds(self.tokenizer, int(self.model.config.vocab_size))

    def fill(self, prompts: Sequence[Sequence[int]], forms: Sequence[Form]) -> list[Completion]:
        """After each prompt the likeliest reply that its form allows, token by token; always whole.

        Raises:
            UserError: a prompt with the longest reply is longer than the model's window, or llguidance is missing.
        """
        for prompt, form in zip(prompts, forms, strict=True):
            require_room(self, [prompt], together([form]))
        most = together(forms)
        self._show()
        written: dict[int, tuple[list[int], bool]] = {}
        for group in decoding.batches([len(prompt) for prompt in prompts], self.batch_size):
            rows, bound = [list(prompts[index]) for index in group], [forms[index] for index in group]
            written.update(zip(group, guided.filled(self.model, self._bounds, rows, bound, most), strict=True))
        return [self._completion(*written[index]) for index in range(len(prompts))]

    def loglikelihood(self, pairs: Sequence[tuple[Sequence[int], Sequence[int]]]) -> list[float]:
        """For each (context, continuation): the sum of log p over the continuation, in nats.

        Pairs with the same context share its computation.

        Raises:
            UserError: a pair is longer than the model's window, or a context is empty.
        """
        require_weighable(self, pairs)
        self._show()
        return likelihood.loglikelihood(self.model, pairs, self.batch_size)

    def stream(self, prompt: Sequence[int], max_new_tokens: int) -> Iterator[str]:
        """The greedy answer in pieces of text, as they come; a character is held back until its last byte is there."""
        require_room(self, [prompt], max_new_tokens)
        self._show()
        ids: list[int] = []
        said = ""
        for token in decoding.tokens(self.model, list(prompt), max_new_tokens, self.stops):
            ids.append(token)
            text = self.decode(ids)
            if len(text) > len(said) and not text.endswith("\ufffd"):
                yield text[len(said) :]
                said = text
        if rest := self.decode(ids)[len(said) :]:
            yield rest

    @contextmanager
    def without_adapter(self) -> Iterator[None]:
        """Inside the block the base model answers alone."""
        if self._switch is not None:
            with self._switch.without():
                yield
            return
        if not self.has_adapter:
            yield
            return
        with self.model.disable_adapter():
            yield

    def close(self) -> None:
        """Give the memory back; the model cannot be used after."""
        self.model = self._switch = None
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def _show(self) -> None:
        if self._switch is not None:
            self._switch.show()

    def _completion(self, ids: list[int], stopped: bool) -> Completion:
        return Completion(tuple(ids), self.decode(ids), stopped)


def open_model(source: ModelSource, dtype: str = "auto", adapter: Path | None = None) -> LanguageModel:
    """The model at `source`, ready to answer; with `adapter`, what training on it left there, both in one.

    `adapter` is a folder with a PEFT adapter, or with a whole model whose every weight was trained.

    Raises:
        UserError: the model or the adapter cannot be used; says why.
    """
    if adapter is not None and is_full(adapter):
        model = load_model(replace(source, path=adapter), dtype)
        switch = SwitchedWeights(model, source.path, adapter)
        return LanguageModel(model, load_tokenizer(source), source.name, switch=switch)
    if adapter is not None:
        require_adapter(adapter)
    model, tokenizer = load_model(source, dtype), load_tokenizer(source)
    if adapter is not None:
        model = _with_adapter(model, adapter, source)
    return LanguageModel(model, tokenizer, source.name)


def _before(text: str, endings: Sequence[str]) -> str:
    """`text` up to the first of `endings` in it."""
    return text[: min((text.find(ending) for ending in endings if ending in text), default=len(text))]


def _with_adapter(model: Any, adapter: Path, source: ModelSource) -> Any:
    from peft import PeftModel

    try:
        with quiet():
            fitted = PeftModel.from_pretrained(model, str(adapter), is_trainable=False)
    except (RuntimeError, ValueError, KeyError, TypeError, OSError) as fault:
        raise UserError(
            f"The adapter in {adapter} does not fit {source.name}: {str(fault).strip().splitlines()[0]}",
            next_step="Use the base model that it was trained on (base_model_name_or_path in adapter_config.json).",
        ) from fault
    return fitted.eval()
