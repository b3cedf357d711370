"""Glaive function-calling rows: `system` lists the functions as JSON objects, `chat` is one text with speaker marks."""

import json
import re
from collections.abc import Iterator

from loresmith.exchange.calls import call_text, tools_text
from loresmith.exchange.dialogue import Refused, Said, Turn
from loresmith.exchange.row_format import Content, RowFormat, text

SPEAKER = re.compile(r"^(USER|ASSISTANT|FUNCTION RESPONSE):[ \t]*", re.MULTILINE)
END = "<|endoftext|>"
CALL = "<functioncall>"
# The arguments are JSON in single quotes inside JSON, which no parser takes as it is.
QUOTED_ARGUMENTS = re.compile(r"""("arguments":\s*)'(.*)'\s*}\s*\Z""", re.DOTALL)
WITH_FUNCTIONS = re.compile(r"\s*with access to the following functions.*?(?=\{)", re.DOTALL)


def _claims(content: Content) -> bool:
    return isinstance(content.get("chat"), str)


def _read(content: Content) -> Iterator[Said]:
    pieces = SPEAKER.split(content["chat"].replace(END, ""))
    if len(pieces) < 3:
        raise Refused("a chat without speaker marks")
    turns = [_turn(speaker, said.strip()) for speaker, said in zip(pieces[1::2], pieces[2::2], strict=True)]
    system, tools = _functions(text(content, "system"))
    yield Said(tuple(turns), system, tools)


def _turn(speaker: str, said: str) -> Turn:
    if speaker == "USER":
        return Turn(role="user", text=said)
    if speaker == "FUNCTION RESPONSE":
        return Turn(role="result", text=said)
    before, mark, call = said.partition(CALL)
    if not mark:
        return Turn(role="assistant", text=said)
    if before.strip():
        raise Refused("an answer and a tool call in one turn")
    return Turn(role="call", text=call_text(QUOTED_ARGUMENTS.sub(r"\1\2}", call.strip())))


def _functions(system: str) -> tuple[str, str]:
    """The system prompt without its functions, and the functions."""
    prompt = system.removeprefix("SYSTEM:").strip()
    start = prompt.find("{")
    if start < 0:
        return prompt, ""
    decoder, tools, at = json.JSONDecoder(), [], start
    while (at := prompt.find("{", at)) >= 0:
        try:
            tool, at = decoder.raw_decode(prompt, at)
        except ValueError as fault:
            raise Refused("a tool list that is not JSON") from fault
        tools.append(tool)
    opening = WITH_FUNCTIONS.split(prompt, maxsplit=1)[0].rstrip(" ,-")
    return (f"{opening}." if opening and not opening.endswith(".") else opening), tools_text(tools)


GLAIVE = RowFormat(
    name="glaive",
    about="system with functions, chat with speaker marks",
    columns={"system": "system prompt and functions", "chat": "turns and tool calls"},
    claims=_claims,
    read=_read,
)
