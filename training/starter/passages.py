"""Corpus text as passages, each with all that can be asked about it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from loresmith.chunk.cut import chunks_of, reason_to_drop
from loresmith.generate.comparisons import comparison_claims
from loresmith.generate.lists import list_claims
from loresmith.generate.plain import gives_away
from loresmith.generate.prose import sentences_of
from loresmith.generate.rules import FINDERS
from loresmith.generate.survey import Survey
from loresmith.recipe import ChunkConfig
from loresmith.records import Chunk, Document
from training.starter import asking
from training.starter.asking import Asked
from training.starter.tasks import pick

SIZES = (260, 420, 900, 900)
"""Longest passage in characters, drawn for each document: short ones teach sooner, the product has long ones."""
WEIGHTS = {
    "word": 0.3, "name": 0.8, "listed": 0.7, "number": 1.6, "cloze": 2.0, "place": 2.0, "time": 2.0, "doer": 2.0,
    "date": 2.0, "reason": 2.0, "agent": 2.0, "term": 3.0, "definition": 3.0, "expansion": 2.5,
    "list": 2.5,
}  # fmt: skip
"""How often questions of a sort are asked, beside 1: gaps in plain words are many, the rule teacher's questions few."""


@dataclass(frozen=True)
class Page:
    """A passage and the questions that it answers."""

    text: str
    asked: tuple[Asked, ...]

    def drawn(self, rng: np.random.Generator, most: int) -> list[Asked]:
        """Up to `most` of the questions by their weights, none twice (Efraimidis and Spirakis 2006)."""
        keys = [rng.random() ** (1 / WEIGHTS.get(asked.sort, 1.0)) for asked in self.asked]
        return [self.asked[int(i)] for i in np.argsort(keys)[::-1][:most]]

    @property
    def worth(self) -> float:
        """The questions' weights together; passages with more of the wanted questions are drawn more often."""
        return sum(WEIGHTS.get(asked.sort, 1.0) for asked in self.asked)


def pages(source: str, text: str, rng: np.random.Generator) -> Iterator[Page]:
    """The passages of a `text` from `source` that answer at least one question."""
    title = _title(text, rng)
    identity = hashlib.sha256(text.encode()).hexdigest()
    document = Document(
        id=identity[:16], source=source, title=title, format="text", pages=None, sha256=identity, text=text
    )
    for chunk in chunks_of(document, ChunkConfig(size=pick(rng, SIZES), overlap=0)):
        if reason_to_drop(chunk) is None:
            asked = tuple(questions(chunk, rng))
            if asked:
                yield Page(chunk.text.strip(), asked)


def questions(chunk: Chunk, rng: np.random.Generator) -> Iterator[Asked]:
    """The rule teacher's questions on `chunk`, then the starter's own on the same sentences."""
    alone = Survey([chunk])
    for claims in (*(finder(chunk) for finder in FINDERS), list_claims(chunk, alone), comparison_claims(chunk, alone)):
        for claim in claims:
            fair = tuple(words for words in claim.asked if not gives_away(words, claim.answer))
            if fair and claim.answer in chunk.text:
                yield Asked(fair, claim.answer, claim.kind, claim.rivals)
    title = f"“{' '.join(chunk.title.split()[:6])}”"
    for sentence in sentences_of(chunk):
        for asked in (*asking.questions(sentence.text, title), *asking.gaps(sentence.text, title, rng)):
            if asked.answer in chunk.text:
                yield asked


def _title(text: str, rng: np.random.Generator) -> str:
    first = text.split("\n", 1)[0].strip(" #")
    if 3 < len(first) < 60 and not first.endswith((".", ",", ";", "?", "!")):
        return first
    words = re.findall(r"\b[A-Z][a-z]{3,}\b", text)[:200] or ["Notes"]
    return " ".join(pick(rng, words) for _ in range(int(rng.integers(1, 4))))
