"""Questions of the training set as the token sequences that the model learns from.

The prompt has the very ids that the examination and the chat will send; loss falls on the answer and on the token that
ends the turn, on nothing else.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from loresmith.models import asked, chat
from loresmith.models.open_book import with_sources
from loresmith.plugins import Conversation
from loresmith.recipe import TrainConfig
from loresmith.records import Question

NAMED = 60
"""Characters of a question that an error shows."""


def taught(
    questions: Iterable[Question], passages: Mapping[str, str], config: TrainConfig
) -> list[tuple[Question, str | None]]:
    """The questions of the wanted forms, each closed book, then some of them with sources out of `passages`."""
    rows = [question for question in questions if question.form in config.forms]
    return [*((row, None) for row in rows), *with_sources(rows, passages, config.open_book, config.seed)]


def conversations(
    rows: Iterable[tuple[Question, str | None]], tokenizer: Any, max_length: int
) -> Iterator[tuple[Question, Conversation | str]]:
    """Each question, with sources or without, as a conversation, or with the reason why it cannot be learned."""
    how = chat.turn(tokenizer)
    for question, sources in rows:
        prompt = chat.render(tokenizer, asked.messages(question, sources))
        ids = (*prompt, *chat.reply(tokenizer, asked.expected(question), how))
        if len(ids) > max_length:
            what = "longer" if sources is None else "with its sources longer"
            yield question, f"{what} than train.max_length ({max_length} tokens)"
        else:
            yield question, Conversation(ids, len(prompt), f"{question.id} ({question.question[:NAMED]})")
