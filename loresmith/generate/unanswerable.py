"""Questions that the documents do not answer: a model that never refused in training never refuses at work.

They are made from what is answered: a cell that the table itself leaves open, a row of another table asked for in this
one, a name of another sentence in the place of a statement's subject. None is asked unless the documents are silent:
the table is whole and lacks the row; no line of any document names the other subject together with what is asked.
The evidence quotes what the documents say instead.

Not covered: questions on matters that no document touches, which any model can tell by their words; false premises.
"""

import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from loresmith.generate.cells import asked_of_cell, place_of, rows_are_measures
from loresmith.generate.claims import Claim
from loresmith.generate.clauses import parse
from loresmith.generate.pipe_tables import Row, Table, cells_of, is_number, tables_of
from loresmith.generate.plain import comparable, occurs
from loresmith.generate.prose import sentences_of
from loresmith.generate.selfcontained import needs_its_document
from loresmith.generate.survey import Survey
from loresmith.models.prompts import REFUSAL
from loresmith.records import UNANSWERABLE, Chunk

FEWEST_WORDINGS = 2
MOST_TRIED = 24
"""Names that are tried in the place of another before a question is given up."""
LEFT_OPEN = frozenset(["-", "–", "—", "−", "n/a", "not reported"])
SWAPPED = ("number", "date")
"""Kinds of statement about one subject whose other subjects have other answers."""
_NAME = re.compile(r"(?:[A-Z][\w.+-]*|\d[\w.]*[A-Z])(?: (?:[A-Z(][\w.+)-]*|\d[\w.]*))*")


@dataclass(frozen=True, slots=True)
class Stranger:
    """Something that one table or statement is about."""

    name: str
    document: str


class Strangers:
    """What the corpus speaks of, to be asked about where it is not spoken of."""

    def __init__(self, chunks: Sequence[Chunk], survey: Survey) -> None:
        self._survey = survey
        self._titles = comparable("\n".join(text for chunk in chunks for text in (chunk.title, *chunk.headings)))
        self._rows = list(dict.fromkeys(one for chunk in chunks for one in _rows_of(chunk)))
        named = (one for chunk in chunks for one in (*_rows_of(chunk), *_subjects_of(chunk)))
        self._subjects = list(dict.fromkeys(one for one in named if _is_short_name(one.name)))

    def claims(self, chunk: Chunk, single: Iterable[Claim], share: float, seed: int) -> Iterator[Claim]:
        """Questions without an answer for about `share` of the cells and statements of `chunk`."""
        for table in tables_of(chunk):
            place = place_of(table, chunk)
            if self._survey.has_whole_table(chunk, place):
                yield from self._of_table(table, chunk, place, (share, seed))
        for claim in single:
            lot = random.Random(f"{UNANSWERABLE} {seed} {chunk.document} {claim.quote} {claim.answer}")
            if claim.kind in SWAPPED and lot.random() < share:
                yield from self._of_statement(claim, chunk, lot)

    def _of_table(self, table: Table, chunk: Chunk, place: str, drawn: tuple[float, int]) -> Iterator[Claim]:
        share, seed = drawn
        by_column = rows_are_measures(table)
        for row in table.rows:
            raw = cells_of(row.quote)[-len(table.columns) :]
            for index, column in enumerate(table.columns):
                lot = random.Random(f"{UNANSWERABLE} {seed} {chunk.document} {place} {row.label} {column}")
                if not column or lot.random() >= share:
                    continue
                if raw[index].casefold() in LEFT_OPEN:
                    pair = (column, row.label) if by_column else (row.label, column)
                    yield _open(row, pair, place, _written_like(table, index))
                elif row.cells[index] and not by_column:
                    other = self._not_in(table, chunk, lot)
                    if other:
                        yield _open(row, (other, column), place, row.cells[index], quote=table.head)

    def _not_in(self, table: Table, chunk: Chunk, lot: random.Random) -> str | None:
        """A row of another table, first of the same document, that this one and the words around it do not name."""
        own = [one for one in self._rows if one.document == chunk.document]
        pool = own if len(own) > len(table.rows) and lot.random() < 0.5 else self._rows
        told = comparable("\n".join((chunk.text, table.caption, chunk.title)))
        tried = lot.sample(pool, min(MOST_TRIED, len(pool)))
        return next((one.name for one in tried if not occurs(comparable(one.name), told)), None)

    def _of_statement(self, claim: Claim, chunk: Chunk, lot: random.Random) -> Iterator[Claim]:
        subject = re.sub(r"^(?:[Tt]he|[Aa]n?) ", "", claim.subject)
        if not _NAME.fullmatch(subject) or needs_its_document(claim.subject):
            return
        about = [word for word in claim.about if not occurs(comparable(word), comparable(subject))]
        whole = re.compile(rf"(?<![\w“-]){re.escape(subject)}(?![\w”-])")  # a title in quotation marks stays
        carrying = [words for words in claim.asked if whole.search(words)]
        tried = lot.sample(self._subjects, min(MOST_TRIED, len(self._subjects)))
        other = next((one.name for one in tried if self._is_silent(one.name, subject, claim, about)), None)
        if other and about and len(carrying) >= FEWEST_WORDINGS:
            asked = tuple(whole.sub(lambda _: other, words) for words in carrying)
            yield Claim(UNANSWERABLE, claim.quote, other, REFUSAL, asked)

    def _is_silent(self, name: str, subject: str, claim: Claim, about: Sequence[str]) -> bool:
        """Whether no document says of `name` what the claim says of its subject."""
        other, own = comparable(name), comparable(subject)
        if occurs(other, comparable(claim.quote)) or occurs(own, other) or occurs(other, self._titles):
            return False
        return not self._survey.says_anywhere(name, about)


def _is_short_name(words: str) -> bool:
    """Whether a sentence can be about it under this name: longer ones are labels."""
    return len(words.split()) <= 2 and _NAME.fullmatch(words) is not None


def _rows_of(chunk: Chunk) -> Iterator[Stranger]:
    for table in tables_of(chunk):
        if not rows_are_measures(table):
            yield from (Stranger(row.label, chunk.document) for row in table.rows if _NAME.fullmatch(row.label))


def _subjects_of(chunk: Chunk) -> Iterator[Stranger]:
    for sentence in sentences_of(chunk):
        clause = parse(sentence.text)
        if clause is not None and _is_short_name(clause.subject) and not needs_its_document(clause.subject):
            yield Stranger(clause.subject, chunk.document)


def _open(row: Row, pair: tuple[str, str], place: str, like: str, quote: str = "") -> Claim:
    """The question for the meeting of `pair` (thing, measure), worded as for an answer that looks like `like`."""
    thing, measure = pair
    subject = f"{measure} of {thing} in {place}"
    return Claim(UNANSWERABLE, quote or row.quote, subject, REFUSAL, asked_of_cell(thing, measure, place, like))


def _written_like(table: Table, index: int) -> str:
    filled = [row.cells[index] for row in table.rows if row.cells[index]]
    return next((cell for cell in filled if is_number(cell)), filled[0] if filled else "")
