"""Messages to token ids through the tokenizer's own chat template, and the tokens that end a turn.

Every render fixes what a template may otherwise take from the clock or from a default of its own, so that training,
examination and export see the same ids on any day. Control tokens spelled out in a message are text, never control.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2.exceptions import TemplateError

from loresmith.errors import UserError
from loresmith.models.prompts import Message

# Llama-3 templates print today's date (this one is their own fallback); Qwen3 templates think aloud unless told not to.
FIXED = {"date_string": "26 Jul 2024", "enable_thinking": False}
PROBE = "granite"
"""A word that no template treats in a special way."""


@dataclass(frozen=True)
class Turn:
    """How a template surrounds an answer."""

    lead: str
    """Text between the opening of the answer and its first word; mostly empty."""
    end: int
    """Token that ends the turn."""


def render(tokenizer: Any, messages: Sequence[Message], *, open_answer: bool = True) -> list[int]:
    """Ids of `messages` in the tokenizer's own template; `open_answer` adds the opening of the assistant's turn.

    Raises:
        UserError: the tokenizer has no chat template, or the template refuses the messages.
    """
    ids = tokenizer(_text(tokenizer, messages, open_answer), add_special_tokens=False)["input_ids"]
    return [int(token) for token in ids]


def worded(tokenizer: Any, messages: Sequence[Message]) -> str:
    """The text that `render` cuts into ids, with the opening of the assistant's turn.

    Raises:
        UserError: as `render`.
    """
    return _text(tokenizer, messages, True)


def turn(tokenizer: Any) -> Turn:
    """How this tokenizer's template opens and ends an answer, found by rendering one.

    A template that puts no special token after an answer gets the tokenizer's end-of-text token.

    Raises:
        UserError: there is no template, or neither it nor the tokenizer knows an end.
    """
    asked = [{"role": "user", "content": PROBE}]
    opened = _text(tokenizer, asked, True)
    told = _text(tokenizer, [*asked, {"role": "assistant", "content": PROBE}], False)
    start = told.rfind(PROBE)
    if start < 0:
        raise UserError("The chat template leaves out what the assistant says.", next_step="Use an instruct model.")
    lead = told[len(opened) : start] if told.startswith(opened) and start >= len(opened) else ""
    special = {number for number, token in tokenizer.added_tokens_decoder.items() if token.special}
    tail = tokenizer(told[start + len(PROBE) :], add_special_tokens=False)["input_ids"]
    end = next((int(token) for token in tail if token in special), tokenizer.eos_token_id)
    if end is None:
        raise UserError(
            "The model has no token that ends an answer.", next_step="Use an instruct model, or set `eos_token`."
        )
    return Turn(lead, int(end))


def reply(tokenizer: Any, text: str, how: Turn) -> list[int]:
    """Ids of an answer as the model would write it after an opened turn, with the token that ends it."""
    plain = disarmed(text, controls(tokenizer))
    return [*map(int, tokenizer(how.lead + plain, add_special_tokens=False)["input_ids"]), how.end]


def stops(tokenizer: Any, generation: Any, how: Turn) -> frozenset[int]:
    """Every token that ends an answer: of the generation config, of the tokenizer and of the template."""
    declared = getattr(generation, "eos_token_id", None)
    ends = declared if isinstance(declared, list | tuple) else [declared]
    return frozenset(int(token) for token in (*ends, tokenizer.eos_token_id, how.end) if token is not None)


def controls(tokenizer: Any) -> list[str]:
    """The control tokens as they are spelled, the longest first."""
    added = tokenizer.added_tokens_decoder.values()
    spelled = {token.content for token in added if token.special or looks_like_control(token.content)}
    return sorted((word for word in spelled if len(word) > 1), key=lambda word: (-len(word), word))


def looks_like_control(token: str) -> bool:
    """Whether an added token is a control token that its tokenizer forgot to mark, as Qwen2.5's `<|fim_prefix|>`."""
    return token.startswith("<|") and token.endswith("|>")


def disarmed(text: str, spelled: Iterable[str]) -> str:
    """`text` with a space inside every control token, so that a document cannot end a turn or open one."""
    for word in spelled:
        text = text.replace(word, f"{word[0]} {word[1:]}")
    return text


def _text(tokenizer: Any, messages: Sequence[Message], open_answer: bool) -> str:
    if not tokenizer.chat_template:
        raise UserError(
            "The model's tokenizer has no chat template, so there is no right way to ask it.",
            next_step="Use the instruct variant of the model, or put its chat_template.jinja into the folder.",
        )
    try:
        return _rendered(tokenizer, messages, open_answer)
    except TemplateError as fault:
        folded = _without_system(messages)
        if folded == list(messages):
            raise UserError(
                f"The model's chat template refuses the messages: {fault}.", next_step="Use another instruct model."
            ) from fault
    return _text(tokenizer, folded, open_answer)  # some templates know no system role


def _rendered(tokenizer: Any, messages: Sequence[Message], open_answer: bool) -> str:
    spelled = controls(tokenizer)
    plain = [{**message, "content": disarmed(message["content"], spelled)} for message in messages]
    text = tokenizer.apply_chat_template(plain, tokenize=False, add_generation_prompt=open_answer, **FIXED)
    return str(text)


def _without_system(messages: Sequence[Message]) -> list[Message]:
    """The system message put before the first user message."""
    system = "\n".join(m["content"] for m in messages if m["role"] == "system")
    rest = [dict(m) for m in messages if m["role"] != "system"]
    if system and rest:
        rest[0]["content"] = f"{system}\n{rest[0]['content']}"  # one line break, as llama.cpp folds it
    return rest
