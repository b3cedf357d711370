"""Dolly rows: `instruction`, `context`, `response`, `category`. The context is part of the question, below it."""

from collections.abc import Iterator
from typing import Any

from loresmith.exchange.alpaca import joined
from loresmith.exchange.dialogue import Dialogue, Said, pair
from loresmith.exchange.row_format import Content, RowFormat, one_answer, text


def _claims(content: Content) -> bool:
    return "instruction" in content and "response" in content


def _read(content: Content) -> Iterator[Said]:
    yield Said(pair(joined(text(content, "instruction"), text(content, "context")), text(content, "response")))


def _write(dialogue: Dialogue) -> dict[str, Any]:
    question, answer = dialogue.turns
    return {"instruction": question.text, "context": "", "response": answer.text}


DOLLY = RowFormat(
    name="dolly",
    about="instruction, context, response",
    columns={"instruction": "question", "context": "question, below the instruction", "response": "answer"},
    claims=_claims,
    read=_read,
    write=_write,
    unfit=one_answer,
)
