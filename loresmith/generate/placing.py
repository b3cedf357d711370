"""Where a quote stands in its document: the page and span that a citation needs."""

import re
from bisect import bisect_right

from loresmith.records import Chunk, Fact

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

    def placed(self, fact: Fact, chunk: Chunk) -> Fact | None:
        """The fact with the span and page of its quote; `None` when the quote does not stand in the chunk's span.

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
