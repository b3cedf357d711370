"""Claims of two hops: what one statement says of a thing that another statement describes, without naming it.

"LoRA is a method that trains two thin matrices" and "LoRA takes 35 MB", in two chunks or two documents, give "How many
MB does the method that trains two thin matrices take?". The first hop is a definition, or the highest or lowest of a
table; the second a number, a date, a doer, or a cell of another table. Both quotes go along as evidence.

The hops meet in a name and nothing else: only a name that no ordinary word could be is taken. Not covered: one name for
two things, such as a model before and after its tuning, beyond what the tables say; chains of three.
"""

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from loresmith.generate.cells import Cell, cells_in
from loresmith.generate.claims import Claim
from loresmith.generate.comparisons import comparison_claims
from loresmith.generate.definitions import definition_claims
from loresmith.generate.plain import capitalised, comparable
from loresmith.generate.survey import Survey
from loresmith.records import Chunk

KIND = "multi-hop"
MOST = 6
"""Claims of two hops that one chunk gives; a table of well-known names would give hundreds."""
_NAME = re.compile(r"^(?=.{4,40}$)(?=.*(?:\d|[a-z][A-Z]|[A-Z]{2}))[A-Za-z][\w.+-]*(?: [\w.+()-]+){0,3}$")
_KINDS = ("number", "date", "agent")
_FEWEST_WORDINGS = 3


@dataclass(frozen=True, slots=True)
class Description:
    """Words that stand for a name, and where it is said that they do."""

    name: str
    words: str
    """Such as "the method that trains two thin matrices"."""
    evidence: tuple[tuple[Chunk, str], ...]
    is_definition: bool


class Bridges:
    """The names that some chunk describes."""

    def __init__(self, chunks: Sequence[Chunk], survey: Survey) -> None:
        """Descriptions that fit two names are left out."""
        self._survey = survey
        self._described: defaultdict[str, list[Description]] = defaultdict(list)
        names: defaultdict[str, set[str]] = defaultdict(set)
        found = [one for chunk in chunks for one in _descriptions(chunk, survey)]
        for one in found:
            names[one.words].add(one.name)
        for one in found:
            if len(names[one.words]) == 1:
                self._described[one.name].append(one)

    def claims(self, chunk: Chunk, claims: Iterable[Claim]) -> Iterator[Claim]:
        """What the chunk says, in a cell or one of its `claims`, of names that other chunks describe."""
        found = [*self._of_claims(chunk, claims), *self._of_cells(chunk)]
        yield from random.Random(f"{KIND} {chunk.text}").sample(found, min(MOST, len(found)))

    def _of_claims(self, chunk: Chunk, claims: Iterable[Claim]) -> Iterator[Claim]:
        for claim in claims:
            if claim.kind not in _KINDS:
                continue
            # what a sentence tells is done by no entry of a table: only a definition can stand for its subject
            one = self._one_of(claim.subject, chunk, claim.answer, defined=True)
            if one is not None:
                asked = tuple(text for text in (_renamed(text, one) for text in claim.asked) if text)
                if len(asked) >= _FEWEST_WORDINGS:
                    yield Claim(KIND, claim.quote, one.name, claim.answer, asked, also=one.evidence)

    def _of_cells(self, chunk: Chunk) -> Iterator[Claim]:
        for cell in cells_in(chunk):
            one = self._one_of(cell.thing, chunk, cell.answer)
            if one is None or not cell.has_measure or not self._survey.has_whole_table(chunk, cell.place):
                continue
            asked = tuple(text for text in _asked(cell, one) if one.name not in text)
            if len(asked) >= _FEWEST_WORDINGS:
                yield Claim(KIND, cell.quote, one.name, cell.answer, asked, cell.rivals, one.evidence)

    def _one_of(self, name: str, chunk: Chunk, answer: str, *, defined: bool = False) -> Description | None:
        """A description of `name` from another chunk that does not tell the answer; from another document if it can."""
        value = comparable(re.sub(r"[^\d.,]", "", answer) or answer)
        told = [
            one
            for one in self._described.get(name, ())
            if (one.is_definition or not defined)
            and all(other.id != chunk.id and value not in comparable(quote) for other, quote in one.evidence)
        ]
        far = [one for one in told if one.evidence[0][0].document != chunk.document] or told
        return random.Random(f"{KIND} {name} {answer}").choice(far) if far else None


def _descriptions(chunk: Chunk, survey: Survey) -> Iterator[Description]:
    for claim in definition_claims(chunk):
        words = re.match(r"^(?:an?|the) (?P<what>[^,;:(]+ (?:that|which) [^,;:(]+)$", claim.subject)
        if claim.kind == "term" and words and _NAME.match(claim.answer):
            yield Description(claim.answer, f"the {words['what']}", ((chunk, claim.quote),), is_definition=True)
    for claim in comparison_claims(chunk, survey):
        words = re.match(
            r"^(?P<top>highest|lowest) (?P<measure>.+?) in (?P<place>(?:the table|Table) .+)$", claim.subject
        )
        if words and _NAME.match(claim.answer):
            held = f"the entry with the {words['top']} value for “{words['measure']}” in {words['place']}"
            yield Description(claim.answer, held, ((chunk, claim.quote), *claim.also), is_definition=False)


def _renamed(text: str, one: Description) -> str:
    """The question with the description in the place of the name; empty where the name stands elsewhere as well."""
    renamed, count = re.subn(rf"(?<![\w“-]){re.escape(one.name)}(?![\w”-])", lambda _: one.words, text)
    opening = re.sub(rf"(?<=[:?.] ){re.escape(one.words)}", lambda _: capitalised(one.words), capitalised(renamed))
    return opening if count == 1 and one.name not in renamed else ""


def _asked(cell: Cell, one: Description) -> tuple[str, ...]:
    place, measure, words = cell.place, cell.measure, one.words
    return (
        f"Take {words}. What does {place} give for it under “{measure}”?",
        f"Find {words}, then look up its “{measure}” in {place}. What is the answer?",
        f"{capitalised(place)} also lists {words}. What stands there under “{measure}”?",
        f"Complete the sentence: For {words}, {place} gives ____ under “{measure}”.",
        f"Which value stands under “{measure}” in {place} for {words}?",
    )
