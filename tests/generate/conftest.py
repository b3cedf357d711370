from collections.abc import Callable
from typing import Any

import pytest

from loresmith.records import Chunk

MakeChunk = Callable[..., Chunk]


@pytest.fixture
def chunk_of() -> MakeChunk:
    """A chunk that holds a text, in the section “Training” of the document “BERT: A reader”."""

    def make(text: str, **fields: Any) -> Chunk:
        known: dict[str, Any] = {
            "id": "c" * 16,
            "document": "d" * 16,
            "source": "bert.md",
            "title": "BERT: A reader",
            "headings": ("BERT: A reader", "3.2 Training"),
            "page": None,
            "start": 0,
            "end": len(text),
            "kind": "table" if text.lstrip().startswith("|") else "prose",
            "text": text,
        }
        return Chunk(**(known | fields))

    return make
