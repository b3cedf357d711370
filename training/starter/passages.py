"""Corpus text as passages, each with all that can be asked about it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from loresmith.chunk.cut import chunks_of, reason_to_drop
from loresmith.generate.checks import gives_away
from loresmith.generate.prose import sentences_of
from loresmith.generate.rules import FINDERS
from loresmith.recipe import ChunkConfig
from loresmith.records import Chunk, Document
from training.starter import asking
from training.starter.asking import Asked
from training.starter.corpus import Document as Text
from training.starter.tasks import pick

SIZES = (260, 420, 900)
"""Longest passage in characters, drawn for each document: short ones teach sooner, the product has long ones."""


@dataclass(frozen=True)
class Page:
    """A passage and the questions that it answers."""

    text: str
    asked: tuple[Asked, ...]


def pages(text: Text, rng: np.random.Generator) -> Iterator[Page]:
    """The passages of a corpus text that answer at least one question."""
    title = _title(text.text, rng)
    identity = hashlib.sha256(text.text.encode()).hexdigest()
    document = Document(
        id=identity[:16], source=text.source, title=title, format="text", pages=None, sha256=identity, text=text.text
    )
    for chunk in chunks_of(document, ChunkConfig(size=pick(rng, SIZES), overlap=0)):
        if reason_to_drop(chunk) is None:
            asked = tuple(questions(chunk, rng))
            if asked:
                yield Page(chunk.text.strip(), asked)


def questions(chunk: Chunk, rng: np.random.Generator) -> Iterator[Asked]:
    """The rule teacher's questions on `chunk`, then the starter's own on the same sentences."""
    for finder in FINDERS:
        for claim in finder(chunk):
            fair = tuple(words for words in claim.asked if not gives_away(words, claim.answer))
            if fair and claim.answer in chunk.text:
                yield Asked(fair, claim.answer, claim.kind, claim.rivals)
    title = f"“{' '.join(chunk.title.split()[:6])}”"
    for sentence in sentences_of(chunk):
        for asked in (*asking.questions(sentence.text, title), *asking.gaps(sentence.text, title, rng)):
            if asked.answer in chunk.text:
                yield asked


def _title(text: str, rng: np.random.Generator) -> str:
    first = text.split("\n", 1)[0].strip()
    if 3 < len(first) < 60 and not first.endswith((".", ",", ";", "?", "!")):
        return first
    words = re.findall(r"\b[A-Z][a-z]{3,}\b", text)[:200] or ["Notes"]
    return " ".join(pick(rng, words) for _ in range(int(rng.integers(1, 4))))
