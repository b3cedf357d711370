"""Questions of the training set, and dialogues of others, as the token sequences that the model learns from.

The prompt has the very ids that the examination and the chat will send; loss falls on the answer and on the token that
ends the turn, on nothing else. Of a dialogue of several turns the last answer is learned. Not covered: tool calls.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from loresmith.exchange.dialogue import Dialogue
from loresmith.models import asked, chat
from loresmith.plugins import Conversation
from loresmith.records import Question

NAMED = 60
"""Characters of a question that an error shows."""


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


def of_dialogue(dialogue: Dialogue, tokenizer: Any, how: chat.Turn, max_length: int, source: str) -> Conversation | str:
    """`dialogue`, which is of `source`, as a conversation, or the reason why it cannot be learned."""
    if dialogue.has_tools:
        return "tool calls are not trained"
    before = [{"role": turn.role, "content": turn.text} for turn in dialogue.turns[:-1]]
    opening = [{"role": "system", "content": dialogue.system}] if dialogue.system else []
    prompt = chat.render(tokenizer, [*opening, *before])
    ids = (*prompt, *chat.reply(tokenizer, dialogue.turns[-1].text, how))
    if len(ids) > max_length:
        return f"longer than train.max_length ({max_length} tokens)"
    return Conversation(ids, len(prompt), f"{source} {dialogue.id} ({dialogue.turns[0].text[:NAMED]})")
