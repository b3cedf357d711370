"""Orders to replies on a model in this process, or llama.cpp beside it: one by one, greedy, each answer kept."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Self

from loresmith.models import locate
from loresmith.models.endpoint.completion import AnyRow, Reply
from loresmith.models.endpoint.journal import Journal, key_of
from loresmith.models.endpoint.order import Order
from loresmith.models.locate import ModelSource
from loresmith.models.speaker import Speaker

LEAST_ANSWER_TOKENS = 32
TOO_LONG = "prompt is too long for the model"


class LocalDesk:
    """One round of calls to one model, which is opened when the first answer is missing."""

    def __init__(self, source: ModelSource, folder: Path) -> None:
        """Read the answers in `folder`.

        Raises:
            MachineError: the folder cannot be read or made.
        """
        self._source, self._journal = source, Journal(folder)
        self._identity = locate.identity(source)
        self._speaker: Speaker | None = None
        self._failures: Counter[str] = Counter()
        self._answers = self._replayed = self._prompt_tokens = self._completion_tokens = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *fault: object) -> None:
        if self._speaker is not None:
            self._speaker.close()
            self._speaker = None

    def announce(self, orders: Sequence[Order[Any]]) -> str:
        """One line on the calls that `orders` still need."""
        missing = {self._key(order) for order in orders if self._journal.answer(self._key(order)) is None}
        return f"estimate: {len(missing)} calls"

    def replies(self, orders: Sequence[Order[AnyRow]]) -> Iterator[tuple[int, Reply[AnyRow]]]:
        """The reply to each order with its place, in order; one without room for its answer has that fault.

        Raises:
            UserError: the model cannot be run.
            MachineError: the disk is full.
        """
        for place, order in enumerate(orders):
            body = self._journal.answer(self._key(order))
            self._replayed += body is not None
            if body is None and (body := self._asked(order)) is not None:
                self._journal.add(self._key(order), body)
            yield place, self._counted(order, body)

    def kept_reply(self, order: Order[AnyRow]) -> Reply[AnyRow] | None:
        """The reply that earlier runs left here; `None` where the model has to be asked."""
        body = self._journal.answer(self._key(order))
        return None if body is None else order.read(body)

    def first_body(self, orders: Sequence[Order[Any]]) -> str | None:
        """The raw answer to the first of `orders` that has one."""
        bodies = (self._journal.answer(self._key(order)) for order in orders)
        return next((body for body in bodies if body is not None), None)

    def line(self) -> str:
        """The running total."""
        return f"{self._answers} answers, {self._failures.total()} failed"

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

    def _key(self, order: Order[Any]) -> str:
        return key_of(self._identity, ("greedy", order.answer_tokens), order.messages, 0)

    def _counted(self, order: Order[AnyRow], body: str | None) -> Reply[AnyRow]:
        if body is None:
            self._failures[TOO_LONG] += 1
            return Reply(fault=TOO_LONG)
        reply = order.read(body)
        self._answers += 1
        if reply.usage is not None:
            self._prompt_tokens += reply.usage.prompt
            self._completion_tokens += reply.usage.completion
        if reply.fault is not None:
            self._failures[reply.fault] += 1
        return reply

    def _asked(self, order: Order[Any]) -> str | None:
        """The answer in the form in which servers give it, so that one parser reads both."""
        if self._speaker is None:
            self._speaker = self._opened()
        speaker = self._speaker
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

    def _opened(self) -> Speaker:
        if self._source.kind == "gguf":
            from loresmith.models.gguf import GgufModel

            return GgufModel(self._source.path)
        from loresmith.models.language import open_model

        return open_model(self._source)
