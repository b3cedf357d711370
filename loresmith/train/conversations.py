"""Questions of the training set as the token sequences that the model learns from.

The prompt has the very ids that the examination and the chat will send; loss falls on the answer and on the token that
ends the turn, on nothing else.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from loresmith.errors import UserError
from loresmith.models import chat, prompts
from loresmith.plugins import Conversation
from loresmith.records import Question


def conversations(
    asked: Iterable[tuple[Question, str | None]], tokenizer: Any, max_length: int
) -> Iterator[tuple[Question, Conversation | str]]:
    """Each question, with sources or without, as a conversation, or with the reason why it cannot be learned."""
    how = chat.turn(tokenizer)
    for question, sources in asked:
        prompt = chat.render(tokenizer, messages(question, sources))
        ids = (*prompt, *chat.reply(tokenizer, expected(question), how))
        if len(ids) > max_length:
            what = "longer" if sources is None else "with its sources longer"
            yield question, f"{what} than train.max_length ({max_length} tokens)"
        else:
            yield question, Conversation(ids, len(prompt))


def messages(question: Question, sources: str | None = None) -> list[prompts.Message]:
    """What the model is asked, closed book without `sources`."""
    if question.form == "choice":
        return prompts.choice(question.question, question.options, sources)
    return prompts.short(question.question, sources)


def expected(question: Question) -> str:
    """What the model should say: the answer, or the letter of the right option.

    Raises:
        UserError: the answer of a choice is not among its options.
    """
    if question.form != "choice":
        return question.answer
    if question.answer not in question.options:
        raise UserError(
            f"Question {question.id} has its answer {question.answer!r} not among its options.",
            next_step="Run `loresmith generate` again.",
        )
    return prompts.LETTERS[question.options.index(question.answer)]
