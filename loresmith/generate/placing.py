"""Where a quote stands in its document: the page and span that a citation needs."""

import re
from bisect import bisect_right
from collections.abc import Iterable
from typing import TypeVar

from loresmith.records import Chunk, Document, Evidence, Fact

Quoting = TypeVar("Quoting", Fact, Evidence)

_PAGE_MARK = re.compile(r"^[ \t]*<!-- page (\d+) -->[ \t]*$", re.MULTILINE)


class Text:
    """The text of one document, ready to look up quotes and pages."""

    def __init__(self, text: str) -> None:
        self._text = text
        marks = list(_PAGE_MARK.finditer(text))
        self._starts = [mark.start() for mark in marks]
        self._numbers = [int(mark[1]) for mark in marks]

    def page_at(self, offset: int) -> int | None:
        """The page on which the character at `offset` stands; `None` before the first mark or without marks."""
        index = bisect_right(self._starts, offset) - 1
        return self._numbers[index] if index >= 0 else None

    def placed(self, fact: Quoting, chunk: Chunk) -> Quoting | None:
        """A fact or evidence with the span and page of its quote; `None`: the quote is not in the chunk's span.

        A span that already fits is kept, so that a teacher can tell the second of two equal quotes from the first. A
        quote that runs over a page break is none: half of it would stand on another page.
        """
        if not fact.quote.strip():
            return None
        start = fact.start
        fits = chunk.start <= start and fact.end <= chunk.end and self._text[start : fact.end] == fact.quote
        if not fits:
            start = self._text.find(fact.quote, chunk.start, chunk.end)
        if start < 0 or _PAGE_MARK.search(fact.quote):
            return None
        place = {"start": start, "end": start + len(fact.quote), "page": self.page_at(start), "chunk": chunk.id}
        return fact.model_copy(update=place)


class Corpus:
    """The texts and chunks of all documents: what a fact may rest on."""

    def __init__(self, documents: Iterable[Document], chunks: Iterable[Chunk]) -> None:
        self._texts = {document.id: Text(document.text) for document in documents}
        self._chunks = {chunk.id: chunk for chunk in chunks}

    def placed(self, fact: Fact, chunk: Chunk) -> Fact | None:
        """The fact with the place of its quote and of all its further evidence; `None` when one of them has none."""
        placed = self._texts[chunk.document].placed(fact, chunk)
        also = tuple(evidence for given in fact.also if (evidence := self._evidence(given)) is not None)
        return None if placed is None or len(also) < len(fact.also) else placed.model_copy(update={"also": also})

    def _evidence(self, given: Evidence) -> Evidence | None:
        chunk = self._chunks.get(given.chunk)
        if chunk is None:
            return None
        owner = {"document": chunk.document, "source": chunk.source}
        return self._texts[chunk.document].placed(given.model_copy(update=owner), chunk)
