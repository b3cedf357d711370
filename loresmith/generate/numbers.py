"""Claims about numbers: what a statement counts or measures, asked back."""

import re
from collections.abc import Iterator

from loresmith.generate.claims import Claim
from loresmith.generate.clauses import Clause, parse, until_break
from loresmith.generate.frames import content_words, gap_wordings, stated_in, wordings
from loresmith.generate.measures import Measure, measures_in
from loresmith.generate.prose import Sentence, sentences_of
from loresmith.generate.selfcontained import needs_its_document
from loresmith.records import Chunk

_PREPOSITION = re.compile(
    r"^(on|in|for|with|at|to|by|from|into|over|through|across|within|after|under)$", re.IGNORECASE
)
_NAMED = re.compile(
    r"^(?:(?P<preposition>on|in|for|with|at|to|by|from|into) )?(?:a|an|the) "
    r"(?P<name>(?:(?! and | or | with | for | of |\d)[\w%’' /-])+?) of$"
)
_DETERMINED = re.compile(r"\b(?:the|an?|this|these|its|their)$", re.IGNORECASE)
"""Before a number: "aligned with the how many data" asks nothing."""
_BLANK = "____"
_MOST_ECHOED = 26


def number_claims(chunk: Chunk) -> Iterator[Claim]:
    """One claim per number of each sentence that can be parsed around it."""
    for sentence in sentences_of(chunk):
        clause = parse(sentence.text)
        if clause is None:
            continue
        for measure in measures_in(clause.rest):
            claim = _claim(sentence, clause, measure, chunk)
            if claim is not None:
                yield claim


def _claim(sentence: Sentence, clause: Clause, measure: Measure, chunk: Chunk) -> Claim | None:
    text = sentence.text
    before = clause.rest[: measure.start].strip()
    after = clause.rest[measure.end :]
    words, tail = _question_words(clause, before, measure.asks), until_break(after.strip())
    in_a_series = re.search(r"\d\S*(?:\s*(?:,|and|or|to|by|×|x))+$", before)
    if in_a_series or re.match(r"\s*(?:,\s*)?(?:and|or)\s+\S*\d|\s*,\s*\d", after):
        return None  # "12 and 24 layers": either number would be half of the answer
    place = text.rfind(clause.rest) + measure.start
    hidden = clause.rest[measure.start : measure.end]
    kept_unit = hidden[hidden.find(measure.answer) + len(measure.answer) :]
    filled = f"{text[:place]}{_BLANK}{kept_unit}{text[place + len(hidden) :]}"
    can_echo = measure.asks != "what" and not _DETERMINED.search(before)
    echo = _echo(clause, before, measure.asks, tail) if can_echo else ""
    leans = needs_its_document(clause.subject)
    if words:
        direct, embedded = clause.asked(words, tail), clause.embedded(words, tail)
        asked = wordings(direct, embedded, filled, chunk, echo=echo, leans=leans)
    elif echo and len(text.split()) <= _MOST_ECHOED and len(before.split()) <= 9:
        asked = gap_wordings(echo, filled, chunk, leans=leans)
    else:
        return None
    stated = stated_in(filled, chunk, leans=leans)
    return Claim(
        "number", sentence.quote, clause.subject, measure.answer, asked, stated=stated, about=content_words(filled)
    )


def _question_words(clause: Clause, before: str, asks: str) -> str:
    """The words that open a direct question for a number that follows `before`; empty when it would read badly."""
    if not before:
        if clause.is_copula:
            return "what" if asks == "what" or not asks.startswith("how many") else ""
        return "" if asks == "what" else asks
    named = _NAMED.match(before)
    if named and not clause.is_copula and (asks == "what" or "percentage" in asks or asks.endswith("points")):
        words = f"what {named['name']}"
        return f"{named['preposition']} {words}" if named["preposition"] else words
    return f"{before} {asks}" if _PREPOSITION.match(before) and asks != "what" else ""


def _echo(clause: Clause, before: str, asks: str, tail: str) -> str:
    return clause.echoed(" ".join(word for word in (before, asks, tail) if word))
