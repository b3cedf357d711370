"""The product's prompts, rendered as the starter is trained on them; the words come from `loresmith.models.prompts`."""

from __future__ import annotations

from collections.abc import Sequence

from loresmith.models import prompts

PAD, START, END = "<|endoftext|>", "<|im_start|>", "<|im_end|>"

LEAD = " "
"""Stands before every answer, so that its first word is the same token as inside a passage: else copying meets "us",
"ually" where the passage has " usually"."""
CHAT_TEMPLATE = (
    "{%- for message in messages -%}"
    "{%- set lead = ' ' if message['role'] == 'assistant' else '' -%}"
    "{{- '<|im_start|>' + message['role'] + '\\n' + lead + message['content'] + '<|im_end|>' + '\\n' -}}"
    "{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\\n' -}}{%- endif -%}"
)


def grounded(question: str, passages: Sequence[str]) -> str:
    """The user's message when sources are given; passages are numbered from 1."""
    return prompts.short(question, prompts.numbered(passages))[-1]["content"]


def choice(question: str, options: Sequence[str], passages: Sequence[str] = ()) -> str:
    """The user's message of a multiple-choice question with up to four options, with or without sources."""
    message = prompts.choice(question, options)[-1]["content"]
    return grounded(message, passages) if passages else message


def chat(user: str, answer: str) -> tuple[str, str]:
    """The rendered prompt and the completion (with its stop token) of one exchange."""
    prompt = f"{START}system\n{prompts.SYSTEM}{END}\n{START}user\n{user}{END}\n{START}assistant\n"
    return prompt, f"{LEAD}{answer}{END}\n"


def later_turn(question: str, answer: str) -> tuple[str, str]:
    """A further question about the same sources, rendered after an exchange."""
    return f"{START}user\nQuestion: {question}{END}\n{START}assistant\n", f"{LEAD}{answer}{END}\n"
