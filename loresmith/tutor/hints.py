"""Hints for a question, from its verified sentence: where it stands, then the sentence with the answer left out."""

import re
from collections.abc import Sequence

from loresmith.records import Question

BLANK = "____"
HINTS = 2
"""Before the answer itself."""


def hint(question: Question, number: int, headings: Sequence[str]) -> str:
    """The `number`-th hint, from 1."""
    if number <= 1:
        place = question.source if question.page is None else f"{question.source}, page {question.page}"
        heading = f"under “{headings[-1]}” in {place}" if headings else f"in {place}"
        return f"It stands {heading}."
    return f"The source says: “{masked(question)}”"


def masked(question: Question) -> str:
    """The quote on one line without the answer; where the answer is no part of it, the quote as it is."""
    quote = " ".join(question.quote.split())
    answer = r"\s+".join(map(re.escape, question.answer.split()))
    return re.sub(rf"(?<![\w-]){answer}(?![\w-])", BLANK, quote, flags=re.IGNORECASE)
