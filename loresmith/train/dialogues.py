"""Dialogues of others as the token sequences that the model learns from.

Of several turns the last answer is learned; the rest is its prompt. Not covered: tool calls.
"""

from typing import Any

from loresmith.exchange.dialogue import Dialogue
from loresmith.models import chat
from loresmith.models.conversations import NAMED
from loresmith.plugins import Conversation


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
