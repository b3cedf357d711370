"""OpenAI messages: `messages` of `role` and `content`, with `tool_calls` whose arguments are JSON text.

The ids of calls are not kept: results stand in the order of their calls, and written out both are numbered anew.
"""

from collections.abc import Iterator
from typing import Any

from loresmith.exchange.calls import dumped, listed_calls, tools_text, wrapped_tools
from loresmith.exchange.dialogue import Dialogue, Said, Turn
from loresmith.exchange.row_format import Content, RowFormat
from loresmith.exchange.turns import said_in


def messages_of(dialogue: Dialogue) -> list[dict[str, Any]]:
    """The conversation as chat templates take it, the system prompt first."""
    written: list[dict[str, Any]] = [{"role": "system", "content": dialogue.system}] if dialogue.system else []
    waiting: list[str] = []  # calls that have no result yet
    number = 0
    for turn in dialogue.turns:
        if turn.role == "call":
            calls = listed_calls(turn.text)
            waiting = [f"call_{number + offset}" for offset in range(len(calls))]
            number += len(calls)
            written.append(_call_message(turn, waiting))
        elif turn.role == "result":
            answered = waiting.pop(0) if waiting else f"call_{number - 1}"
            written.append({"role": "tool", "content": turn.text, "tool_call_id": answered})
        else:
            written.append({"role": turn.role, "content": turn.text})
    return written


def _call_message(turn: Turn, ids: list[str]) -> dict[str, Any]:
    calls = [
        {
            "id": called,
            "type": "function",
            "function": {"name": call["name"], "arguments": dumped(call["arguments"])},
        }
        for called, call in zip(ids, listed_calls(turn.text), strict=True)
    ]
    return {"role": "assistant", "content": "", "tool_calls": calls}


def _claims(content: Content) -> bool:
    return "messages" in content


def _read(content: Content) -> Iterator[Said]:
    yield said_in(content["messages"], content.get("system"), tools_text(content.get("tools")))


def _write(dialogue: Dialogue) -> dict[str, Any]:
    tools = wrapped_tools(dialogue.tools) if dialogue.tools else ""
    return {"messages": messages_of(dialogue), "tools": tools}


MESSAGES = RowFormat(
    name="messages",
    about="OpenAI messages of role and content; tools as JSON text where used",
    columns={"messages": "turns", "system": "system prompt", "tools": "functions that may be called"},
    claims=_claims,
    read=_read,
    write=_write,
    optional=frozenset({"tools"}),
)
