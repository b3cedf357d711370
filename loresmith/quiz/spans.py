"""What of a sentence can be asked for: its figures, years, names and terms, each with rivals from its document.

A rival is of the same kind and looks alike, does not stand in the sentence itself, and no line of the document says of
it what is asked. Whoever writes a question chooses among what is offered here.

Not covered: languages other than English for names, and answers of several words that are neither name nor term.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from loresmith.generate.claims import Claim, fact_of
from loresmith.generate.distractors import options_for
from loresmith.generate.frames import place_words, title_words
from loresmith.generate.measures import measures_in
from loresmith.generate.plain import comparable, gives_away, occurs, plain
from loresmith.generate.prose import Sentence, holds_exercises, sentences_of
from loresmith.generate.selfcontained import needs_its_document
from loresmith.generate.wordlists import word_set
from loresmith.quiz.support import Lines
from loresmith.records import Chunk, Fact
from loresmith.retrieval.terms import STOP_WORDS

BLANK = "____"
WRONG = 3
"""Wrong options of a question."""
RIVALS_A_PLACE = 3
"""Rivals from which one wrong option is chosen."""
LONGEST_ANSWER = 40
"""Characters."""
MOST_NEIGHBOURS = 140
_YEAR = re.compile(r"(?<=\b[Ii]n )(?:1[5-9]|20)\d\d\b(?![-–/,]\d)")
_NAME = re.compile(
    r"(?<=[a-z,;] )(?!I\b)[A-Z](?:[\w-]*[\w])?(?: (?:[A-Z][\w-]*\w|of(?= [A-Z])|the(?= [A-Z])))*(?![\w-])"
)
_TERM = re.compile(r"(?<![*_\w])(\*\*|__|\*|_)(?=[A-Za-z])([^*_\n]{3,40})(?<=\w)\1(?![*_\w])")
_TWO_AT_ONCE = re.compile(r"[a-z]{3}[A-Z][a-z]|^(?:[A-Z]-)+[A-Z]$")
"""Two words that lost their space, or a bond between two letters: no name."""
_NOUN = re.compile(
    r"(?<=[a-z,;] )[a-z]{5,}(?: [a-z]{4,})?(?=[.,;:)]"
    r"|(?: (?:of|in|is|are|was|were|and|or|to|that|which|can|from|with|by|for|at|on|into|during|has|have|may|will)\b))"
)
_NO_NOUN = re.compile(r"(?:ly|ed|ing|ous|ive|able|ible|ical|ize|ise|than|ful|less|ent|ant|ary|est)$")
_EMPTY = word_set(
    """
    however together shown found within therefore example examples amount amounts form forms change changes level levels
    called known made thing things other others people times person place part parts number numbers group groups people
    above below according example about around along among though although there where after before itself themselves
    without through because those these their which would could should order addition means place result results
    """
)
"""Words that stand where nouns do, or nouns that say nothing by themselves."""
LEAST_TOLD = 4
"""Times that a document must use a plain word for it to count as one of its terms."""
_FIRST = re.compile(r"^(?:The|An?) ")


@dataclass(frozen=True)
class Offer:
    """A question that can be asked about a sentence, but for the choice of its wrong options."""

    fact: Fact
    sentence: Sentence
    question: str
    """The sentence with a gap in the place of the answer."""
    places: tuple[tuple[str, ...], ...]
    """For each wrong option the rivals to choose from; no rival stands in two places."""


class Lexicon:
    """Everything that could be asked for in one document, as rivals of one another."""

    def __init__(self, chunks: Sequence[Chunk]) -> None:
        """`chunks` are all of the document, in order."""
        self.lines = Lines(chunk.text for chunk in chunks)
        terms = {comparable(found[2]): found[2] for chunk in chunks for found in _TERM.finditer(chunk.text)}
        told = Counter(found[0] for chunk in chunks for found in _NOUN.finditer(chunk.text))
        nouns = {noun for noun, count in told.items() if count >= LEAST_TOLD and is_noun(noun)}
        self._terms = {plain(term) for term in terms.values()} | nouns
        self._found = {chunk.id: list(self._claims(chunk)) for chunk in chunks}
        claimed = [(chunk, claim) for chunk in chunks for _, claim in self._found[chunk.id]]
        self._facts = list(
            {(f.kind, comparable(f.answer)): f for f in (fact_of(c, chunk) for chunk, c in claimed)}.values()
        )

    def offers(self, chunk: Chunk) -> Iterator[Offer]:
        """What can be asked about `chunk`, one of the document's, sentence by sentence."""
        for sentence, claim in _spread(self._found[chunk.id]):
            fact, question = fact_of(claim, chunk), claim.asked[0]
            if gives_away(question, fact.answer):
                continue  # its heading names it
            rivals = options_for(fact, (), self._facts[:MOST_NEIGHBOURS], 1 + 2 * WRONG * RIVALS_A_PLACE, question)
            near, said = self.lines.about(question), comparable(sentence.text)
            fit = [rival for rival in rivals if rival != fact.answer and _is_fit(rival, said, near)]
            fit = fit[: WRONG * RIVALS_A_PLACE]
            if len(fit) >= WRONG:
                yield Offer(fact, sentence, question, tuple(tuple(fit[place::WRONG]) for place in range(WRONG)))

    def _claims(self, chunk: Chunk) -> Iterator[tuple[Sentence, Claim]]:
        if holds_exercises(chunk):
            return
        for sentence in sentences_of(chunk):
            if "[[" in sentence.quote or "](" in sentence.quote:
                continue  # a gap with a link in it reads badly
            for kind, start, end, answer in self._spans(sentence):
                text = sentence.text
                is_alone = occurs(comparable(answer), comparable(text)) and text.count(answer) == 1
                if not is_alone or not 2 <= len(answer) <= LONGEST_ANSWER or not re.search(r"\w", answer):
                    continue
                kept_unit = text[start:end][len(answer) :] if text[start:end].startswith(answer) else ""
                filled = f"{text[:start]}{BLANK}{kept_unit}{text[end:]}"
                leans = needs_its_document(_FIRST.sub("", " ".join(text.split()[:4])))
                place = place_words(chunk) if leans else title_words(chunk.title)
                asked = f"Complete the sentence from {place}: {filled}"
                yield sentence, Claim(kind, sentence.quote, "", answer, (asked,))

    def _spans(self, sentence: Sentence) -> Iterator[tuple[str, int, int, str]]:
        """Kind, span in the plain text, and answer."""
        text = sentence.text
        for measure in measures_in(text):
            start = text.find(measure.answer, measure.start)
            yield "number", start, start + len(measure.answer), measure.answer
        for found in _YEAR.finditer(text):
            yield "year", found.start(), found.end(), found[0]
        taken: set[str] = set()
        for marked in _TERM.finditer(sentence.quote):
            term = plain(marked[2])
            start = text.find(term)
            if start > 0:
                taken.add(term)
                yield "term", start, start + len(term), term
        for found in _NAME.finditer(text):
            is_whole = not re.search(r"[A-Z][\w-]* (?:and|&) $", text[: found.start()])
            is_whole &= not re.match(r" (?:and|&) [A-Z]", text[found.end() :]) and not _TWO_AT_ONCE.search(found[0])
            if found[0] not in taken and len(found[0]) > 2 and is_whole:
                yield _kind_of_name(found[0]), found.start(), found.end(), found[0]
        for found in _NOUN.finditer(text):
            if found[0] in self._terms and found[0] not in taken:
                yield _kind_of_noun(found[0]), found.start(), found.end(), found[0]


def _is_fit(rival: str, sentence: str, near: Sequence[str]) -> bool:
    """Whether `rival` is wrong for sure: neither its sentence nor another line about the same thing holds it."""
    small = comparable(rival)
    return (
        len(rival) <= LONGEST_ANSWER
        and not occurs(small, sentence)
        and not any(small in line and occurs(small, line) for line in near)
    )


def _spread(found: Sequence[tuple[Sentence, Claim]]) -> list[tuple[Sentence, Claim]]:
    """The first of every sentence, then the second of those that have one, and so on."""
    turns: Counter[str] = Counter()
    ranked = []
    for place, (sentence, claim) in enumerate(found):
        ranked.append((turns[sentence.quote], place, sentence, claim))
        turns[sentence.quote] += 1
    return [(sentence, claim) for *_, sentence, claim in sorted(ranked, key=lambda entry: entry[:2])]


def is_noun(phrase: str) -> bool:
    """Whether a phrase in the place of a noun looks like one: neither its words' endings nor a function word say no."""
    return not any(_NO_NOUN.search(word) or word in STOP_WORDS | _EMPTY for word in phrase.split())


def _kind_of_name(name: str) -> str:
    """Names are rivals of names that are written alike."""
    return "acronym" if name.isupper() or re.search(r"\d", name) else "name" if " " not in name else "long name"


def _kind_of_noun(noun: str) -> str:
    """One thing or several: the other would not fit the gap."""
    return "several" if noun.endswith("s") and not noun.endswith(("ss", "us", "is")) else "thing"


class Library:
    """Whole documents in chunks, and what can be asked about each; what was looked up once is kept."""

    def __init__(self, chunks: Iterable[Chunk]) -> None:
        """`chunks` hold all of each document: what another line says decides about wrong options."""
        self._documents: dict[str, list[Chunk]] = {}
        for chunk in chunks:
            self._documents.setdefault(chunk.document, []).append(chunk)
        self._lexicons: dict[str, Lexicon] = {}
        self._offers: dict[str, list[Offer]] = {}

    def offers(self, chunk: Chunk) -> list[Offer]:
        """What can be asked about `chunk`."""
        if chunk.id not in self._offers:
            self._offers[chunk.id] = list(self._lexicon(chunk).offers(chunk))
        return self._offers[chunk.id]

    def lines(self, chunk: Chunk) -> Lines:
        """The lines of the document that `chunk` is from."""
        return self._lexicon(chunk).lines

    def chunks(self) -> list[Chunk]:
        """All of them, document by document."""
        return [chunk for chunks in self._documents.values() for chunk in chunks]

    def _lexicon(self, chunk: Chunk) -> Lexicon:
        if chunk.document not in self._lexicons:
            self._lexicons[chunk.document] = Lexicon(self._documents[chunk.document])
        return self._lexicons[chunk.document]
