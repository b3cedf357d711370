"""Rows of `prompt` and `completion`, as text or as lists of messages; also `answer` or `response` for the completion.

A prompt in the frame that Alpaca puts around instructions ("### Instruction:" ... "### Response:") is taken out of it:
a chat template gives the frame of the model that is trained, and two frames would teach a third format.
"""

import re
from collections.abc import Iterator
from typing import Any

from loresmith.exchange.alpaca import joined
from loresmith.exchange.dialogue import Dialogue, Refused, Said, pair
from loresmith.exchange.messages import messages_of
from loresmith.exchange.row_format import Content, RowFormat, no_tools, text
from loresmith.exchange.turns import said_in

COMPLETIONS = ("completion", "response", "answer", "output")
FRAME = re.compile(
    r"\A(?:Below is an instruction[^\n]*\n+)?### Instruction:\n(?P<instruction>.*?)"
    r"(?:\n\n### Input:\n(?P<input>.*?))?\n\n### Response:\s*\Z",
    re.DOTALL,
)
UNFRAMED = "the Alpaca frame around the prompt is taken off"


def _claims(content: Content) -> bool:
    return "prompt" in content and any(name in content for name in COMPLETIONS)


def _read(content: Content) -> Iterator[Said]:
    prompt = content["prompt"]
    if isinstance(prompt, list):
        completion = content.get("completion")
        if isinstance(completion, str):
            completion = [{"role": "assistant", "content": completion}]
        if not isinstance(completion, list):
            raise Refused("a prompt of messages without a completion")
        yield said_in([*prompt, *completion], content.get("system"))
        return
    if prompt is not None and not isinstance(prompt, str):
        raise Refused("a prompt that is neither text nor a list of messages")
    answer, system = text(content, *COMPLETIONS), text(content, "system")
    framed = FRAME.match(prompt or "")
    if framed is None:
        yield Said(pair(prompt or "", answer), system)
    else:
        question = joined(framed["instruction"], framed["input"] or "")
        yield Said(pair(question, answer), system, notes=(UNFRAMED,))


def _write(dialogue: Dialogue) -> dict[str, Any]:
    messages = messages_of(dialogue)
    return {"prompt": messages[:-1], "completion": messages[-1:]}


PROMPT_COMPLETION = RowFormat(
    name="prompt-completion",
    about="prompt and completion as messages; loss falls on the last answer alone",
    columns={"prompt": "question, or all turns but the last", **dict.fromkeys(COMPLETIONS, "answer")}
    | {"system": "system prompt"},
    claims=_claims,
    read=_read,
    write=_write,
    unfit=no_tools,
)
