"""Claims about reasons: "X because Y", "X due to Y", "To reach Y, X" are asked back as "Why X?".

The reason is a cause (because, since, as it is due to something) or a purpose (in order to, so that, to). Only a whole
sentence of one main clause and one reason is understood: where it is in doubt what the reason belongs to, nothing is
asked. Not covered: reasons over several sentences, several reasons for one thing, and reasons that are only hinted at.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from loresmith.generate.claims import Claim
from loresmith.generate.clauses import Clause, parse, until_break
from loresmith.generate.frames import place_words, title_words
from loresmith.generate.plain import capitalised, decapitalised
from loresmith.generate.prose import Sentence, holds_exercises, sentences_of
from loresmith.generate.selfcontained import needs_its_document
from loresmith.records import Chunk

_BEHIND = re.compile(
    r"^(?P<main>[^;:]+?)(?:,? (?P<hedge>mainly|primarily|largely|simply|precisely|chiefly),?|,)?"
    r" (?P<link>because of|because|due to|owing to|thanks to|in order to|so that|since) (?P<reason>[^;:,()—–]+)\.$"
)
_BEFORE = re.compile(
    r"^(?P<link>Due to|Owing to|Thanks to|Because of|In order to|To) (?P<reason>[^;:,()—–]+), (?P<main>[^;:()]+)\.$"
)
_DOUBTFUL_MAIN = re.compile(
    r"\b(?:just|if|then|also|this|it)$|\b(?:not|never|only|partly|partially|perhaps|possibly|probably|likely|presumably"
    r"|maybe|because|since|due to|in order|so)\b",
    re.IGNORECASE,
)
_NO_CAUSE = re.compile(
    r"^(?:then|(?:its|their|the) (?:introduction|release|advent|start|beginning|early|late)|early|late)\b|\d{4}"
)
_NO_PURPOSE = re.compile(
    r"^(?:the|our|their|his|her|my|your|a|an|this|that|these|each|all|be|sum|summari[sz]e|conclude|illustrate|begin"
    r"|start|end|put|date|name|note|see|say|some|what|which|recap|quote|clarify|repeat|wit|elaborate|give"
    r"|do (?:so|that|this|it))\b|^\S*[^a-z\s-]"
)
_MODAL = re.compile(r"\b(?:can|could|will|would|may|might|do not|does not|cannot)\b")
_CONTRAST = re.compile(r"\b(?:but|while|whereas|although|though|which|if|unless|because|since)\b")
_DANGLING = re.compile(r"^(?:this|that|these|those|such)\b|\b(?:here|there|above|below|former|latter)\b", re.IGNORECASE)
_CONSEQUENCE = re.compile(r", (?:[a-z]+ing|which|where|followed|as well as|with)\b.*$")
_SECOND_CLAUSE = re.compile(r"\band .*\b(?:is|are|was|were|has|have|had|can|will)\b|\b(?:this|it|they)$")
_NEARER = re.compile(r"\bto [a-z]+\b")
"""An infinitive, to which the reason may belong: "fails to run because ..."."""
_OBJECT = re.compile(r"\b(?:it|them|him|her)\b")
_FEWEST_WORDS = 2
_MOST_WORDS = 24


@dataclass(frozen=True, slots=True)
class _Reason:
    """A main clause and what gives the reason for it."""

    clause: Clause
    answer: str
    filled: str
    is_purpose: bool


def reason_claims(chunk: Chunk) -> Iterator[Claim]:
    """One claim per sentence that is a statement and its reason."""
    for sentence in () if holds_exercises(chunk) else sentences_of(chunk):
        reason = _behind(sentence) or _before(sentence)
        if reason is not None:
            asked = _asked(reason, chunk)
            yield Claim("reason", sentence.quote, reason.clause.subject, reason.answer, asked)


def _behind(sentence: Sentence) -> _Reason | None:
    """The reason that ends its sentence."""
    found = _BEHIND.match(sentence.text)
    if found is None:
        return None
    link, answer = found["link"], found["reason"]
    clause = _main_clause(found["main"])
    if clause is None or not _is_reason(link, answer):
        return None
    if link == "since" and "," not in sentence.text[found.end("main") : found.start("link")]:
        return None  # without the comma it may tell a time
    if link in ("so that", "in order to"):
        answer = sentence.text[
            found.start("link") + (len("in order ") if link != "so that" else 0) : found.end("reason")
        ]
    start = sentence.text.rindex(answer)
    return _Reason(clause, answer, f"{sentence.text[:start]}____.", link in ("so that", "in order to"))


def _before(sentence: Sentence) -> _Reason | None:
    """The reason that opens its sentence."""
    found = _BEFORE.match(sentence.text)
    if found is None:
        return None
    link, answer = found["link"].lower(), found["reason"]
    clause = _opened_clause(found["main"])
    if clause is None or not _is_reason(link, answer):
        return None
    is_purpose = link in ("to", "in order to")
    opening = {"to": "", "in order to": "In order "}.get(link, f"{found['link']} ")
    filled = f"{opening}____, {found['main']}."
    return _Reason(clause, f"to {answer}" if is_purpose else answer, filled, is_purpose)


def _main_clause(text: str) -> Clause | None:
    """The clause that has a reason, when the reason can belong to nothing else in it."""
    clause = None if _DOUBTFUL_MAIN.search(text) else parse(text)
    if clause is None or _is_doubtful(clause) or until_break(clause.rest) != clause.rest or not clause.rest:
        return None
    if _NEARER.search(clause.rest) or (clause.is_copula and re.match(r"(?:an?|the) ", clause.rest)):
        return None
    return None if _CONTRAST.search(clause.rest) or _DANGLING.search(clause.rest) else clause


def _opened_clause(text: str) -> Clause | None:
    """The clause behind a reason, which belongs to all of it; what only follows from it is cut off."""
    clause = parse(text)
    if clause is None or clause.lead or _SECOND_CLAUSE.search(clause.rest):
        return None
    clause = replace(clause, rest=_CONSEQUENCE.sub("", clause.rest))
    rest = clause.rest
    is_plain = "," not in rest and not _CONTRAST.search(rest) and not _DANGLING.search(rest)
    return clause if is_plain and not _is_doubtful(clause) and 0 < len(rest.split()) <= _MOST_WORDS else None


def _is_doubtful(clause: Clause) -> bool:
    """Whether the verb was missed, or the clause speaks of something that only the reason names."""
    return re.match(r"the authors \w", clause.subject, re.IGNORECASE) is not None or bool(_OBJECT.search(clause.rest))


def _is_reason(link: str, answer: str) -> bool:
    words = answer.split()
    if len(words) < _FEWEST_WORDS or _DANGLING.search(answer) or _CONTRAST.search(answer):
        return False
    if link in ("to", "in order to"):
        return not _NO_PURPOSE.match(answer)
    if link == "so that":
        return bool(_MODAL.search(answer))
    return link != "since" or not _NO_CAUSE.search(answer)


def _asked(reason: _Reason, chunk: Chunk) -> tuple[str, ...]:
    clause, filled = reason.clause, reason.filled
    leans = needs_its_document(clause.subject)
    title = place_words(chunk) if leans else title_words(chunk.title)
    direct, embedded = clause.asked("why", clause.rest), clause.embedded("why", clause.rest)
    sought = "purpose" if reason.is_purpose else "reason"
    statement = decapitalised(clause.echoed(clause.rest)).rstrip("?")
    return (
        f"According to {title}, {direct}" if leans else capitalised(direct),
        f"Complete the sentence from {title}: {filled}" if leans else f"Complete the sentence: {filled}",
        f"Which {sought} does {title} name here? {filled}",
        f"State {embedded}, going by {title}.",
        f"{capitalised(title)} explains {embedded}. What is the {sought}?",
        f"A reader of {title} wants to know {embedded}. What is the answer?",
        f"What {sought} does {title} give for the statement that {statement}?",
    )
