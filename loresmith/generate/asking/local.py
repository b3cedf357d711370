"""The teacher that runs here: `teacher: local:PATH`, a model folder or a GGUF file.

The same prompt, parser and journal as for a server; greedy and unconstrained, one chunk at a time. Small models often
fail the shape, which is counted; a server with constrained answers gets more out of the same weights.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from loresmith.errors import UserError
from loresmith.generate.asking.journal import Journal, key_of
from loresmith.generate.asking.orders import Order, orders
from loresmith.generate.asking.reading import read
from loresmith.generate.asking.written import Written
from loresmith.models import locate
from loresmith.models.speaker import Speaker
from loresmith.progress import Work
from loresmith.recipe import GenerateConfig
from loresmith.records import Chunk, Fact, Progress, Question

LEAST_ANSWER_TOKENS = 32
TOO_LONG = "prompt is too long for the model"


class LocalTeacher:
    """Asks a model in this process, or llama.cpp beside it."""

    name = "local"

    def __init__(self, config: GenerateConfig, argument: str = "") -> None:
        if not argument.strip():
            raise UserError("The teacher local needs a model.", next_step="Name it: `teacher: local:PATH`.")
        self._source = locate.find(argument.strip())
        self._config = config
        self._written = Written(config, self.name)
        self._failures: Counter[str] = Counter()
        self._answers = self._replayed = self._prompt_tokens = self._completion_tokens = 0

    def facts(self, chunk: Chunk) -> Iterable[Fact]:
        """What the model said about the chunk when `prepare` asked."""
        return self._written.facts(chunk)

    def questions(self, fact: Fact, chunk: Chunk, neighbours: Sequence[Fact]) -> Iterable[Question]:
        """The wordings that came with the fact."""
        return self._written.questions(fact, neighbours)

    def prepare(self, chunks: Sequence[Chunk], folder: Path) -> Work[None]:
        """Ask about every chunk that says something; answers that lie in `folder` are taken from there.

        Raises:
            UserError: the model cannot be run.
        """
        journal, placed = Journal(folder), orders(chunks, self._config)
        identity = locate.identity(self._source)
        keys = [key_of(identity, ("greedy", order.answer_tokens), order.messages, 0) for order in placed]
        bodies = self._bodies(journal, placed, keys)
        for done, (order, body) in enumerate(zip(placed, bodies, strict=True), 1):
            self._take(order, body)
            note = f"{self._answers} answers, {self._failures.total()} failed"
            yield Progress(stage="generate", done=done, total=len(placed), note=note)

    def account(self, pairs: int) -> dict[str, Any]:
        """Answers, failures by reason and tokens, in all and for each pair."""
        return {
            "model": self._source.name,
            "calls": self._answers,
            "replayed": self._replayed,
            "failures": dict(sorted(self._failures.items())),
            "prompt_tokens": self._prompt_tokens,
            "completion_tokens": self._completion_tokens,
            "calls_per_pair": round(self._answers / pairs, 4) if pairs else None,
            "prompt_tokens_per_pair": round(self._prompt_tokens / pairs, 1) if pairs else None,
        }

    def _bodies(self, journal: Journal, placed: Sequence[Order], keys: Sequence[str]) -> Iterator[str | None]:
        """The raw answer to each order; the model is opened only if one is missing. `None`: no room for the prompt."""
        kept = [journal.answer(key) for key in keys]
        self._replayed = sum(body is not None for body in kept)
        if self._replayed == len(placed):
            yield from kept
            return
        with closing(self._opened()) as speaker:
            for order, key, body in zip(placed, keys, kept, strict=True):
                if body is None and (body := _asked(speaker, order)) is not None:
                    journal.add(key, body)
                yield body

    def _opened(self) -> Speaker:
        if self._source.kind == "gguf":
            from loresmith.models.gguf import GgufModel

            return GgufModel(self._source.path)
        from loresmith.models.language import open_model

        return open_model(self._source)

    def _take(self, order: Order, body: str | None) -> None:
        if body is None:
            self._failures[TOO_LONG] += 1
            return
        reply = read(body)
        self._answers += 1
        if reply.usage is not None:
            self._prompt_tokens += reply.usage.prompt
            self._completion_tokens += reply.usage.completion
        if reply.fault is not None:
            self._failures[reply.fault] += 1
        self._written.add(order.chunk, reply.facts)


def _asked(speaker: Speaker, order: Order) -> str | None:
    """The answer in the form in which servers give it, so that one parser reads both."""
    ids = speaker.encode(order.messages)
    room = min(order.answer_tokens, speaker.window - len(ids))
    if room < LEAST_ANSWER_TOKENS:
        return None
    (completion,) = speaker.complete([ids], room)
    choice = {
        "message": {"role": "assistant", "content": completion.text},
        "finish_reason": "stop" if completion.stopped else "length",
    }
    usage = {"prompt_tokens": len(ids), "completion_tokens": len(completion.ids)}
    return json.dumps({"choices": [choice], "usage": usage})
