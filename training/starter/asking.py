"""Questions about a plain sentence by the starter's own rules: gaps of every sort, and who, what, when, where, why.

The product's rule teacher asks only what is worth knowing; practice needs more questions on each passage than that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from loresmith.generate.clauses import Clause, parse, until_break
from loresmith.generate.events import MONTH
from training.starter.tasks import pick

GAP = "____"
GAPS = (
    "Complete the sentence: {s}",
    "Which words fill the gap? {s}",
    "Fill the gap: {s}",
    "Complete the sentence from {t}: {s}",
    "What fills the gap in the statement of {t}? {s}",
    "According to {t}, what belongs in the place of the gap? {s}",
    "One value is missing here: {s} Which one does {t} give?",
    "Find the missing name. {s} (From {t}.)",
    "What is missing? {s}",
    "{s}",
)
FRAMES = (
    "{q}",
    "{q}",
    "{q}",
    "According to {t}, {l}",
    "In {t}, {l}",
    "{q} Answer from {t}.",
    "Somebody read {t} and asks: {l}",
)
_WHEN = re.compile(
    rf"\b(?:in|on|since|by|during|until|around|from) (?P<a>(?:{MONTH} (?:\d{{1,2}}, )?|\d{{1,2}} {MONTH} )?1\d{{3}}s?"
    rf"|20[012]\d|{MONTH}(?: \d{{1,2}})?|the \d\dth century|the (?:summer|winter|spring|autumn) of \d{{4}})\b"
)
_WHERE = re.compile(r"\b(?:in|at|near|from|to) (?P<a>(?:the )?[A-Z][a-z]+(?: [A-Z][a-z]+)*)(?=[\s,.;]|$)")
_WHY = re.compile(r"\b(?:because(?! of)|because of|due to|in order to) (?P<a>[^,.;]{8,70})")
_BY = re.compile(r"\bby (?P<a>(?:the |an? )?[A-Za-z][\w-]+(?: [A-Za-z][\w-]+){0,3})(?=[,.;]|$| in | on | at | and )")
_PHRASE_END = re.compile(
    r" (?:of|in|on|at|to|from|by|with|for|into|as|that|which|and|or|through|after|before|during|over|under|between"
    r"|against|about|among|without|within|than|toward|towards|when|while|because|if)\b"
)
_MEASURE = re.compile(
    r"\b(?P<a>\d[\d,.]*\d|\d|two|three|four|five|six|seven|eight|nine|ten|twelve) (?P<n>[a-z]{4,}s)\b"
)
_NUMBER = re.compile(
    r"(?<![\w.,-])(?:\d[\d,.]*\d|\d)(?:\s?(?:%|percent|million|billion|years|km|kg|miles|meters|m|days|hours))?(?![\w-])"
)
_NAME = re.compile(r"(?<=[a-z,] )(?:[A-Z][\w-]+(?: (?:(?:of |the )?[A-Z][\w-]+)){0,3})")
_WORDS = re.compile(r"(?<= )[a-z][a-z-]{3,}(?: [a-z][a-z-]{2,}){0,2}(?=[ ,.;])")
_PERSON = re.compile(r"^(?:[A-Z][a-z]+|[A-Z]\.)(?: (?:[A-Z][a-z]+|[A-Z]\.)){1,2}$")


@dataclass(frozen=True)
class Asked:
    """One answer that a passage gives, with the ways to ask for it."""

    wordings: tuple[str, ...]
    answer: str
    sort: str
    """With which other answers it may be mixed up: `number`, `name`, `word`, or a kind of the rule teacher."""
    rivals: tuple[str, ...] = ()


def gaps(sentence: str, title: str, rng: np.random.Generator) -> Iterator[Asked]:
    """Up to two gaps in `sentence`, of different sorts; what occurs twice in it is no gap."""
    patterns = [("number", _NUMBER), ("name", _NAME), ("word", _WORDS)]
    made = 0
    for sort, pattern in patterns:
        found = [hit for hit in pattern.finditer(sentence) if sentence.count(hit[0]) == 1]
        if found and made < 2:
            hit = pick(rng, found)
            made += 1
            filled = f"{sentence[: hit.start()]}{GAP}{sentence[hit.end() :]}"
            yield Asked(tuple(frame.format(s=filled, t=title) for frame in GAPS), hit[0], sort)


def questions(sentence: str, title: str) -> Iterator[Asked]:
    """What the grammar of `sentence` lets one ask: its subject, object, time, place, reason, doer and counts."""
    clause = parse(sentence)
    if clause is None:
        return
    for question, answer, sort in _direct(clause):
        if 0 < len(answer.split()) <= 14 and answer.lower() not in question.lower() and len(question.split()) <= 30:
            lower = question[0].lower() + question[1:]
            whole = question[0].upper() + question[1:]
            yield Asked(tuple(frame.format(q=whole, l=lower, t=title) for frame in FRAMES), answer, sort)


def _direct(clause: Clause) -> Iterator[tuple[str, str, str]]:
    subject = re.sub(r"^(?:the|an?) ", "", clause.subject, flags=re.IGNORECASE)
    if not clause.is_plural and not clause.is_copula:
        yield clause.asked_of_subject("who" if _PERSON.match(subject) else "what"), subject, "subject"
    for words, sort, pattern in (("when", "time", _WHEN), ("where", "place", _WHERE), ("why", "reason", _WHY)):
        hit = pattern.search(clause.rest)
        if hit:
            yield clause.asked(words, clause.rest[: hit.start()].strip()), hit["a"], sort
    hit = _BY.search(clause.rest)
    if hit and clause.auxiliary and clause.verb:
        person = _PERSON.match(hit["a"]) is not None
        yield clause.asked("by whom" if person else "by what", clause.rest[: hit.start()].strip()), hit["a"], "doer"
    hit = _MEASURE.search(clause.rest)
    if hit and not clause.is_copula:
        rest = f"{clause.rest[: hit.start()]} {until_break(clause.rest[hit.end() :])}"
        yield clause.asked(f"how many {hit['n']}", rest), hit["a"], "number"
    if not clause.auxiliary and clause.rest:
        whole = until_break(clause.rest)
        end = _PHRASE_END.search(whole)
        thing = whole[: end.start()] if end else whole
        if 1 <= len(thing.split()) <= 6 and not thing.endswith("ly"):
            yield clause.asked("what", whole[len(thing) :]), thing, "object"
