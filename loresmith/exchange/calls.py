"""Tool calls and tool lists in one spelling, so that every format gives back the same text."""

import json
from collections.abc import Mapping
from typing import Any

from loresmith.characters import storable
from loresmith.exchange.dialogue import Refused

NOT_JSON = "a tool call that is not JSON with a name"


def dumped(value: Any) -> str:
    """`value` as JSON on one line; half a surrogate pair, which no file can hold, becomes U+FFFD."""
    return storable(json.dumps(value, ensure_ascii=False))


def call_text(given: Any) -> str:
    """The text of a `call` turn from one call or a list of calls, as JSON text or as objects.

    Raises:
        Refused: it is not JSON, or a call has no name.
    """
    found = _loaded(given, NOT_JSON)
    calls = [_call(call) for call in (found if isinstance(found, list) else [found])]
    if not calls:
        raise Refused(NOT_JSON)
    return dumped(calls[0] if len(calls) == 1 else calls)


def call_ids(given: Any) -> list[str]:
    """The ids of one call or a list of calls, in their order; empty unless every call has one.

    Raises:
        Refused: it is not JSON.
    """
    found = _loaded(given, NOT_JSON)
    calls = found if isinstance(found, list) else [found]
    ids = [call.get("id") for call in calls if isinstance(call, Mapping)]
    return [str(name) for name in ids] if all(ids) else []


def listed_calls(text: str) -> list[dict[str, Any]]:
    """The calls in the text of a `call` turn."""
    found = json.loads(text)
    return found if isinstance(found, list) else [found]


def tools_text(given: Any) -> str:
    """The tool list as `Dialogue.tools` spells it; nothing, an empty text and an empty list are no tools.

    Raises:
        Refused: it is not a JSON list of objects.
    """
    if given is None or given == "" or given == []:
        return ""
    found = _loaded(given, "a tool list that is not JSON")
    tools = found if isinstance(found, list) else [found]
    if not all(isinstance(tool, Mapping) for tool in tools):
        raise Refused("a tool list that holds no objects")
    return dumped([_unwrapped(tool) for tool in tools]) if tools else ""


def wrapped_tools(text: str) -> str:
    """The tool list as chat templates and the OpenAI API take it: each one under `function`."""
    return dumped([{"type": "function", "function": tool} for tool in json.loads(text)])


def _unwrapped(tool: Mapping[str, Any]) -> Mapping[str, Any]:
    inner = tool.get("function")
    return inner if isinstance(inner, Mapping) and tool.get("type") == "function" else tool


def _call(call: Any) -> dict[str, Any]:
    named = _unwrapped(call) if isinstance(call, Mapping) else None
    if named is None or not isinstance(named.get("name"), str):
        raise Refused(NOT_JSON)
    arguments = named.get("arguments", {})
    if isinstance(arguments, str):  # the OpenAI API hands arguments over as text
        arguments = _loaded(arguments or "{}", "a tool call whose arguments are not JSON")
    return {"name": named["name"], "arguments": arguments}


def _loaded(given: Any, reason: str) -> Any:
    if not isinstance(given, str):
        return given
    try:
        return json.loads(given)
    except ValueError as fault:
        raise Refused(reason) from fault
