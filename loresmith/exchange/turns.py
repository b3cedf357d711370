"""Lists of messages, whatever their keys and role names, as a system prompt and turns."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from loresmith.exchange.calls import call_ids, call_text
from loresmith.exchange.dialogue import Refused, Role, Said, Turn

ROLES: dict[str, Role] = {
    **dict.fromkeys(("human", "user", "prompter"), "user"),
    **dict.fromkeys(("gpt", "assistant", "chatgpt", "bard", "bing", "model", "bot"), "assistant"),
    **dict.fromkeys(("function_call", "tool_call"), "call"),
    **dict.fromkeys(("observation", "function_response", "tool_response", "tool", "function"), "result"),
}
SYSTEM = ("system", "developer")
KNOWN_KEYS = {"from", "value", "role", "content", "tool_calls", "function_call", "tool_call_id", "id", "name"}


def said_in(messages: Any, system: Any = None, tools: str = "") -> Said:
    """The conversation in a list of messages with `from` and `value`, or `role` and `content`.

    Results of several calls stand in the order of the calls whose ids they bear.

    Args:
        messages: The list as the file has it.
        system: What a column beside the list gives as system prompt.
        tools: What may be called, in the spelling of `Dialogue.tools`.

    Raises:
        Refused: it is no list of messages, a role is unknown, something else than text was said, or results bear
            other ids than their calls.
    """
    if not isinstance(messages, list) or not all(isinstance(message, Mapping) for message in messages):
        raise Refused("the conversation is no list of messages")
    prompts = [system] if isinstance(system, str) and system.strip() else []
    turns: list[Turn] = []
    left_out: set[str] = set()
    for message in _in_order_of_calls(messages):
        name = _name(message)
        left_out |= {key for key, value in message.items() if key not in KNOWN_KEYS and value is not None}
        if name in SYSTEM:
            if turns:
                raise Refused("a system prompt in the middle of the conversation")
            prompts.append(_text(message))
        else:
            turns.extend(_turns(name, message))
    return Said(
        turns=tuple(turns),
        system=_one(prompts),
        tools=tools,
        notes=tuple(f"the key {key!r} of messages is left out" for key in sorted(left_out)),
    )


def _in_order_of_calls(messages: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    before: Mapping[str, Any] = {}
    for is_result, group in groupby(messages, key=lambda message: ROLES.get(_name(message)) == "result"):
        run = list(group)
        if is_result and any(message.get("tool_call_id") for message in run):
            run = _sorted_results(run, call_ids(before.get("tool_calls") or []))
        before = run[-1]
        yield from run


def _sorted_results(results: list[Mapping[str, Any]], ids: list[str]) -> list[Mapping[str, Any]]:
    if not ids:
        return results
    if sorted(_answered(message) for message in results) != sorted(ids):
        raise Refused("tool results whose ids are not those of the calls before them")
    return sorted(results, key=lambda message: ids.index(_answered(message)))


def _answered(message: Mapping[str, Any]) -> str:
    return str(message.get("tool_call_id") or "")


def _name(message: Mapping[str, Any]) -> str:
    return str(message.get("from") or message.get("role") or "").lower()


def _turns(name: str, message: Mapping[str, Any]) -> list[Turn]:
    if name not in ROLES:
        raise Refused(f"the unknown role {name!r}" if name else "a message without a role")
    role, text = ROLES[name], _text(message)
    if role == "call":
        return [Turn(role="call", text=call_text(text))]
    called = message.get("tool_calls") or message.get("function_call")
    if role != "assistant" or not called:
        return [Turn(role=role, text=text)]
    before = [Turn(role="assistant", text=text)] if text.strip() else []
    return [*before, Turn(role="call", text=call_text(called))]


def _text(message: Mapping[str, Any]) -> str:
    content = message.get("value") if message.get("value") is not None else message.get("content")
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if not isinstance(content, list) or not all(isinstance(part, Mapping) for part in content):
        raise Refused("a message that is not text")
    for part in content:
        if part.get("type") != "text" or not isinstance(part.get("text"), str):
            raise Refused(f"a message with {part.get('type') or 'something'} in it, which is not text")
    return "".join(part["text"] for part in content)


def _one(prompts: list[str]) -> str:
    different = list(dict.fromkeys(prompt for prompt in prompts if prompt.strip()))
    if len(different) > 1:
        raise Refused("two different system prompts")
    return different[0] if different else ""
