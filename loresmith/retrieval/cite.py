"""Bind an answer to the words of its sources, and leave out what they do not support.

Support means words: the numbers of a statement must stand in the quote, names with digits in the quote's passage, and
most of the telling words in the quote or in what frames it (table header, headings, title).

Not covered: paraphrases without common words (no citation is made), and negation: a quote that says the opposite in the
same words counts as support.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from loresmith.records import Citation, Passage
from loresmith.retrieval.statements import Statement, statements
from loresmith.retrieval.terms import content_terms, numbers, share_covered

LEAST_SUPPORT = 0.6
"""Share of a statement's telling words that its quote must cover: both of two, two of three, three of five."""

_MARKS = re.compile(r"\[(\d{1,2}(?:\s*,\s*\d{1,2})*)\]")
_LEADING_MARKS = re.compile(rf"(?:\s*{_MARKS.pattern})+")


@dataclass(frozen=True)
class Claim:
    """One sentence of an answer without its marks, and the sources that it names."""

    text: str
    marks: tuple[int, ...]


@dataclass(frozen=True)
class Quote:
    """A stretch of a passage, prepared for comparison."""

    passage: Passage
    start: int
    end: int
    own: frozenset[str]
    around: frozenset[str]
    """Terms of the table header, the headings and the title."""
    numbers: frozenset[str]

    @property
    def text(self) -> str:
        """The words as they stand in the passage."""
        return self.passage.text[self.start : self.end]


def citations(answer_text: str, passages: Sequence[Passage], question: str = "") -> tuple[Citation, ...]:
    """The quotes that support `answer_text`, in the order of its statements; each quote is verbatim from its passage.

    A statement with marks `[n]` is bound to passage n alone; without any mark in the answer, each statement gets the
    best quote of all passages. `question` decides between quotes that support a short answer equally well.
    """
    claims = claims_of(answer_text)
    is_marked = any(claim.marks for claim in claims)
    made: dict[tuple[int, str], Citation] = {}
    prepared = {number: list(_quotes(passage)) for number, passage in enumerate(passages, 1)}
    for claim in claims:
        named = [[mark] for mark in claim.marks] if is_marked else [list(prepared)]
        for choice in named:
            quotes = [(number, quote) for number in choice for quote in prepared.get(number, ())]
            best = _best(claim.text, question, quotes)
            if best is not None:
                number, quote = best
                made.setdefault((number, quote.text), _citation(number, quote))
    return tuple(made.values())


def claims_of(answer_text: str) -> list[Claim]:
    """The statements of an answer; marks behind a full stop belong to the sentence before."""
    claims: list[Claim] = []
    for statement in statements(answer_text):
        text = answer_text[statement.start : statement.end]
        leading = _LEADING_MARKS.match(text)
        if leading and claims:
            before = claims[-1]
            claims[-1] = Claim(before.text, (*before.marks, *_numbers_of(leading.group())))
            text = text[leading.end() :]
        bare = " ".join(_MARKS.sub(" ", text).split())
        if bare:
            claims.append(Claim(bare, _numbers_of(text)))
    return claims


def _numbers_of(text: str) -> tuple[int, ...]:
    return tuple(dict.fromkeys(int(number) for group in _MARKS.findall(text) for number in re.findall(r"\d+", group)))


def _quotes(passage: Passage) -> Iterator[Quote]:
    """Every statement of the passage, and every two neighbours of one paragraph."""
    found = statements(passage.text)
    headings = " ".join(line for line in passage.text.splitlines() if line.startswith("#"))
    yield from (_quote(passage, one, one, headings) for one in found)
    for one, other in pairwise(found):
        between = passage.text[one.end : other.start]
        if "\n" not in between and not passage.text.startswith(("|", "#"), one.start):
            yield _quote(passage, one, other, headings)


def _quote(passage: Passage, first: Statement, last: Statement, headings: str) -> Quote:
    text = passage.text[first.start : last.end]
    around = f"{first.frame} {headings} {passage.title}"
    return Quote(
        passage,
        first.start,
        last.end,
        frozenset(content_terms(text)),
        frozenset(content_terms(around)),
        frozenset(numbers(text)),
    )


def _best(claim: str, question: str, quotes: Sequence[tuple[int, Quote]]) -> tuple[int, Quote] | None:
    needed, needed_numbers = set(content_terms(claim)), numbers(claim)
    asked = set(content_terms(question)) - needed
    ranked = []
    for place, (number, quote) in enumerate(quotes):
        known = quote.own | quote.around
        support = share_covered(needed, known)
        if support < LEAST_SUPPORT or not needed & quote.own or not _has_numbers(needed_numbers, quote):
            continue
        fit = share_covered(asked, known) + 0.5 * share_covered(asked, quote.own)
        own = share_covered(needed, quote.own)
        ranked.append((-support - own, -fit, quote.end - quote.start, place, number, quote))
    return min(ranked, key=lambda entry: entry[:4])[4:] if ranked else None


def _has_numbers(needed: set[str], quote: Quote) -> bool:
    """Plain numbers must stand in the quote itself; names with digits may stand elsewhere in its passage."""
    missing = needed - quote.numbers
    if any(number[0].isdigit() for number in missing):
        return False
    return not missing or missing <= numbers(f"{quote.passage.title} {quote.passage.text}")


def _citation(number: int, quote: Quote) -> Citation:
    passage = quote.passage
    return Citation(
        number=number, document=passage.document, source=passage.source, page=passage.page, quote=quote.text
    )
