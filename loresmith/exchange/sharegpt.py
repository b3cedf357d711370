"""ShareGPT rows: `conversations` of `from` and `value`. FineTome and LLaMA-Factory's tool calls are written so too."""

from collections.abc import Iterator
from typing import Any

from loresmith.exchange.calls import tools_text
from loresmith.exchange.dialogue import Dialogue, Said
from loresmith.exchange.row_format import Content, RowFormat
from loresmith.exchange.turns import said_in

SPEAKERS = {"user": "human", "assistant": "gpt", "call": "function_call", "result": "observation"}


def _claims(content: Content) -> bool:
    return "conversations" in content or "conversation" in content


def _read(content: Content) -> Iterator[Said]:
    messages = content.get("conversations", content.get("conversation"))
    yield said_in(messages, content.get("system"), tools_text(content.get("tools")))


def _write(dialogue: Dialogue) -> dict[str, Any]:
    opening = [{"from": "system", "value": dialogue.system}] if dialogue.system else []
    said = [{"from": SPEAKERS[turn.role], "value": turn.text} for turn in dialogue.turns]
    return {"conversations": [*opening, *said], "tools": dialogue.tools}


SHAREGPT = RowFormat(
    name="sharegpt",
    about="conversations of from and value; tools where used",
    columns={
        "conversations": "turns",
        "conversation": "turns",
        "system": "system prompt",
        "tools": "functions that may be called",
    },
    claims=_claims,
    read=_read,
    write=_write,
    optional=frozenset({"tools"}),
)
