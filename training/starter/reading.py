"""Exercises made from the corpus by rules: gaps, definitions and numbers, closed book, from passages, and with options.

The rules are plain patterns over English sentences; what they cannot parse they leave alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from training.starter.tasks import Exchange, from_passages, lettered, pick, untold

SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"“])")
NUMBER = re.compile(
    r"(?<![\w.,-])(?:\d[\d,.]*\d(?:\s?(?:%|percent|million|billion|years|km|kg|miles|meters|m|days|hours))?|\d+)(?![\w-])"
)
NAME = re.compile(r"(?<=[a-z,] )(?:[A-Z][a-z]+(?: (?:of |the )?[A-Z][a-z]+){0,2})")
DEFINITION = re.compile(
    r"^(?P<term>(?:An? |The )?[A-Z]?[a-zA-Z][\w -]{2,38}?) (?P<verb>is|are|was|were) "
    r"(?P<what>(?:an?|the|one of the) [^.;:()]{8,110})[.;]"
)
PRONOUNS = frozenset(
    ["it", "he", "she", "they", "this", "that", "these", "those", "there", "we", "you", "i", "who", "what"]
)
GAP = "____"
GAPS = (
    "Fill the gap: {s}",
    "Complete the sentence: {s}",
    "Which words are missing here? {s}",
    "What belongs in the gap? {s}",
    "{s}",
    "What fills the blank: {s}",
    "Supply the missing words: {s}",
    "According to the text, what is missing? {s}",
)
DEFINED = (
    "What {v} {t}?",
    "Define {t}.",
    "How is {t} defined?",
    "What is meant by {t}?",
    "Explain briefly: {t}.",
    "What do you know of {t}?",
)


@dataclass(frozen=True)
class Span:
    """A sentence with an answer in it; `sort` says with which other answers it may be mixed up."""

    sentence: str
    answer: str
    sort: str
    passage: str
    question: str = ""

    def asked(self, rng: np.random.Generator) -> str:
        """The question in a random wording."""
        if self.question:
            return pick(rng, DEFINED).format(v=self.question.split("|")[0], t=self.question.split("|")[1])
        return pick(rng, GAPS).format(s=self.sentence.replace(self.answer, GAP, 1))


def spans(text: str, rng: np.random.Generator) -> list[Span]:
    """The answerable spans of a document: numbers, names, defined terms and words of the sentences."""
    found: list[Span] = []
    for paragraph in text.split("\n"):
        sentences = [s.strip() for s in SENTENCE.split(paragraph)]
        for place, sentence in enumerate(sentences):
            if not 40 <= len(sentence) <= 240 or sentence.count("|") > 1 or not sentence[0].isupper():
                continue
            first = max(0, place - int(rng.integers(0, 3)))
            passage = " ".join(sentences[first : place + int(rng.integers(1, 4))])[:700]
            span = _span(sentence, passage if sentence in passage else sentence, rng)
            if span is not None:
                found.append(span)
    return found


def _span(sentence: str, passage: str, rng: np.random.Generator) -> Span | None:
    defined = DEFINITION.match(sentence)
    if defined and defined["term"].split()[0].lower() not in PRONOUNS and len(defined["term"].split()) <= 5:
        term = defined["term"]
        short = term[0].lower() + term[1:] if term.split()[0] in ("A", "An", "The") else term
        return Span(sentence, defined["what"], "definition", passage, question=f"{defined['verb']}|{short}")
    for sort, pattern in (("number", NUMBER), ("name", NAME)):
        hits = [match.group() for match in pattern.finditer(sentence)]
        if hits:
            return Span(sentence, pick(rng, hits), sort, passage)
    words = re.findall(r"(?<= )[a-z]{5,}(?= )", sentence)
    return Span(sentence, pick(rng, words), "word", passage) if words else None


def exchange(rng: np.random.Generator, span: Span, others: Sequence[Span]) -> Exchange:
    """One exercise about `span`; `others` (of any document) give wrong options and passages that do not answer."""
    draw = rng.random()
    question = span.asked(rng)
    if draw < 0.2:
        return Exchange("closed", question, span.answer)
    if draw < 0.4:
        same = list(dict.fromkeys(o.answer for o in others if o.sort == span.sort and o.answer != span.answer))
        if len(same) >= 3 and span.sort != "definition":
            return lettered(rng, question, span.answer, same, [span.passage] if rng.random() < 0.7 else [])
    strangers = [o.passage for o in others if span.answer not in o.passage][: int(rng.integers(1, 3))]
    if draw > 0.9 and strangers:
        return untold(rng, question, strangers)
    return from_passages(rng, [(question, span.answer)], [span.passage, *strangers[: int(rng.integers(0, 2))]])
