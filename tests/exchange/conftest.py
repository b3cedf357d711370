"""Small files of every format, written where the test wants them."""

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from loresmith.exchange.dialogue import Dialogue, Turn, pair

WriteRows = Callable[..., Path]


@pytest.fixture
def write_rows(tmp_path: Path) -> WriteRows:
    """`write_rows(rows, name="rows.jsonl")`: a file of JSON Lines, or of one JSON list by its suffix."""

    def write(rows: Iterable[Mapping[str, Any]], name: str = "rows.jsonl") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        listed = list(rows)
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in listed)
        path.write_text(json.dumps(listed) if path.suffix == ".json" else lines, encoding="utf-8")
        return path

    return write


@pytest.fixture
def plain() -> Dialogue:
    return Dialogue(id="p", turns=pair("When does the valve open?", "At 4 bar."))


@pytest.fixture
def long() -> Dialogue:
    turns = (*pair("Größe?", "Klein."), *pair("And the\nweight?", "  7 kg  "))
    return Dialogue(id="l", system="Be brief.", turns=turns, aside={"topic": "pumps"})


@pytest.fixture
def calling() -> Dialogue:
    turns = (
        Turn(role="user", text="How warm is it?"),
        Turn(role="call", text='{"name": "thermometer", "arguments": {"room": "é", "digits": 1}}'),
        Turn(role="result", text='{"celsius": 21.5}'),
        Turn(role="assistant", text="21.5 degrees."),
    )
    tools = '[{"name": "thermometer", "description": "Reads.", "parameters": {"type": "object"}}]'
    return Dialogue(id="c", turns=turns, tools=tools)
