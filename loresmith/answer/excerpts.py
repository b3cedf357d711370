"""The answer when no model is at hand: what the best passages say, in their own words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from loresmith.records import Citation, Passage
from loresmith.retrieval.statements import Statement, statements
from loresmith.retrieval.terms import content_terms, share_covered

OPENING = "No model wrote this. The documents say:"
MOST = 3
"""Excerpts in one answer."""

Likeness = Callable[[str, Sequence[str]], list[float]]
"""Cosines between a question and texts."""


@dataclass(frozen=True)
class Excerpt:
    """The statement of a passage that answers best."""

    passage: Passage
    statement: Statement
    score: float

    @property
    def quote(self) -> str:
        """The words as they stand in the passage."""
        return self.passage.text[self.statement.start : self.statement.end]

    @property
    def shown(self) -> str:
        """What stands behind the mark: the quote, or a small table of header and row."""
        if not self.statement.frame:
            return f" {self.quote}"
        columns = self.statement.frame.strip().strip("|").count("|") + 1
        return f"\n\n{self.statement.frame}\n|{' --- |' * columns}\n{self.quote}"


def from_passages(
    question: str, passages: Sequence[Passage], alike: Likeness
) -> tuple[str, tuple[Citation, ...], tuple[Passage, ...]]:
    """An answer of the best statements, one per passage, best first, with their citations and their passages.

    Citation `[n]` is bound to the n-th of the passages that come back.
    """
    chosen = sorted(_excerpts(question, passages, alike), key=lambda excerpt: -excerpt.score)[:MOST]
    cited = tuple(
        Citation(
            number=number,
            document=excerpt.passage.document,
            source=excerpt.passage.source,
            page=excerpt.passage.page,
            quote=excerpt.quote,
        )
        for number, excerpt in enumerate(chosen, 1)
    )
    parts = [f"[{number}]{excerpt.shown}" for number, excerpt in enumerate(chosen, 1)]
    return "\n\n".join((OPENING, *parts)), cited, tuple(excerpt.passage for excerpt in chosen)


def _excerpts(question: str, passages: Sequence[Passage], alike: Likeness) -> list[Excerpt]:
    """The best statement of each passage, in the order of the passages; the same words are quoted once."""
    places = [(passage, one) for passage in passages for one in _quotable(passage)]
    texts = [_in_context(passage, one) for passage, one in places]
    asked = content_terms(question)
    best: dict[str, Excerpt] = {}
    for (passage, one), text, cosine in zip(places, texts, alike(question, texts), strict=True):
        score = cosine + 0.5 * share_covered(asked, content_terms(text))
        if passage.chunk not in best or score > best[passage.chunk].score:
            best[passage.chunk] = Excerpt(passage, one, score)
    once: dict[str, Excerpt] = {}
    for excerpt in best.values():
        once.setdefault(excerpt.quote, excerpt)
    return list(once.values())


def _quotable(passage: Passage) -> list[Statement]:
    """Every statement but headings, unless there is nothing else."""
    found = statements(passage.text)
    return [one for one in found if not passage.text.startswith("#", one.start)] or found


def _in_context(passage: Passage, statement: Statement) -> str:
    text = passage.text[statement.start : statement.end]
    return f"{statement.frame}\n{text}" if statement.frame else text
