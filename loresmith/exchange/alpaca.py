"""Alpaca rows: `instruction`, `input`, `output`, and the `system` and `history` that LLaMA-Factory adds.

Instruction and input become one question, joined by a line break as LLaMA-Factory does it; written out it stands in
`instruction`. The seed tasks of Self-Instruct hold several `instances`; each becomes a conversation.
"""

from collections.abc import Iterator
from typing import Any

from loresmith.exchange.dialogue import Dialogue, Refused, Said, Turn, pair
from loresmith.exchange.row_format import Content, RowFormat, no_tools, text


def joined(*parts: str) -> str:
    """The parts that are not blank, below each other."""
    return "\n".join(part for part in parts if part.strip())


def _claims(content: Content) -> bool:
    return "instruction" in content and ("output" in content or isinstance(content.get("instances"), list))


def _read(content: Content) -> Iterator[Said]:
    instruction, system = text(content, "instruction"), text(content, "system")
    instances = content.get("instances")
    if not isinstance(instances, list):
        turns = pair(joined(instruction, text(content, "input")), text(content, "output"))
        yield Said((*_history(content.get("history")), *turns), system)
        return
    if not instances or not all(isinstance(instance, dict) for instance in instances):
        raise Refused("no instances")
    for instance in instances:
        yield Said(pair(joined(instruction, text(instance, "input")), text(instance, "output")), system)


def _history(given: Any) -> list[Turn]:
    if given and not isinstance(given, list):
        raise Refused("a history that is no list of pairs")
    turns: list[Turn] = []
    for exchange in given or []:
        if not isinstance(exchange, list) or [type(said) for said in exchange] != [str, str]:
            raise Refused("a history that is no list of pairs")
        turns.extend(pair(*exchange))
    return turns


def _write(dialogue: Dialogue) -> dict[str, Any]:
    said = [turn.text for turn in dialogue.turns]
    return {
        "instruction": said[-2],
        "input": "",
        "output": said[-1],
        "system": dialogue.system,
        "history": [list(exchange) for exchange in zip(said[:-2:2], said[1:-2:2], strict=True)],
    }


ALPACA = RowFormat(
    name="alpaca",
    about="instruction, input, output; system and history where used",
    columns={
        "instruction": "question",
        "input": "question, below the instruction",
        "output": "answer",
        "system": "system prompt",
        "history": "earlier turns",
        "instances": "one conversation each",
    },
    claims=_claims,
    read=_read,
    write=_write,
    unfit=no_tools,
    optional=frozenset({"system", "history"}),
)
