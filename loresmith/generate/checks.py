"""Checks on one fact or one question, whoever wrote it. Each gives a reason to drop, or `None`."""

import re

from loresmith.generate.lists import members_of
from loresmith.generate.plain import comparable, gives_away, is_same_answer, occurs
from loresmith.generate.selfcontained import stands_alone
from loresmith.models.prompts import REFUSAL
from loresmith.records import UNANSWERABLE, Fact, Form, Question

MOST_ANSWER_WORDS = 12
MOST_ANSWER_CHARACTERS = 90
MOST_LONG_WORDS = 200
MOST_QUESTION_CHARACTERS = 420

_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_UNIT = re.compile(r"(?<=\d)\s?(%|[A-Za-zµ°]+(?:/[a-z]+)?)(?![\w])")
_ADDRESS = re.compile(r"https?:|www\.|[\w.+-]+@[\w-]+\.\w|doi\.org|arxiv\.org", re.IGNORECASE)
_FORMULA = re.compile(r"[∑∏√∫∈∀∃∇∂⊕⊗∥∞≤≥⩽⩾�]|\\[a-z]+|[\ue000-\uf8ff]|[A-Za-z]\s=\s\S")
_REFERENCE_LINE = re.compile(
    r"^\W*(?:\[\d+\]|[A-Z][\w'’-]+, [A-Z]\.).*\b(?:19|20)\d{2}\b|\b(?:arXiv preprint|In Proceedings|pp\. \d)"
)
_CONTENTS_LINE = re.compile(r"\.{4,}|(?:\. ){4,}")
_NAME_LIST = re.compile(r"^(?:[A-Z][\w.’'-]+(?: [A-Z][\w.’'-]+){1,3}(?:,| and)\s*){4,}")


def fact_fault(fact: Fact) -> str | None:
    """Why the fact cannot be taught, seen alone; that its quote stands in the document was checked before."""
    return answer_fault(fact.answer, fact.quote, fact.kind, fact.form)


def is_sentence(answer: str) -> bool:
    """Whether `answer` is too long to be given word for word: 13 words or more, or more than 90 characters."""
    return len(answer.split()) > MOST_ANSWER_WORDS or len(answer) > MOST_ANSWER_CHARACTERS


def answer_fault(given: str, cited: str, kind: str, form: Form = "short") -> str | None:
    """Why `given` is no answer that the quote `cited` bears out; `kind` is that of the fact.

    A long answer may say it in other words, since nobody is asked for the same ones; its numbers and units may not.
    """
    quote, answer = comparable(cited), comparable(given)
    if kind == UNANSWERABLE:
        return None if given == REFUSAL else "unanswerable, but answered"
    if not answer or not re.search(r"\w", answer):
        return "answer is empty"
    if len(given.split()) > MOST_LONG_WORDS if form == "long" else is_sentence(given):
        return "answer is too long"
    if is_junk(cited) or is_junk(given):
        return "junk: formula, address, reference or contents line"
    if not _numbers(answer) <= _numbers(quote):
        return "number of the answer is not in the quote"
    if not all(unit in quote for unit in _UNIT.findall(answer)):
        return "unit of the answer is not in the quote"
    if form == "long":
        return None
    members = members_of(answer) if kind == "list" else [answer]  # items stand on lines of their own
    if not occurs(answer, quote) and not all(occurs(member, quote) for member in members):
        return "answer is not in the quote"
    return None


def question_fault(question: Question) -> str | None:
    """Why the question cannot be asked, seen alone."""
    if not question.question.strip() or len(question.question) > MOST_QUESTION_CHARACTERS:
        return "question is empty or too long"
    if is_junk(question.question):
        return "junk: formula, address, reference or contents line"
    if not stands_alone(question.question):
        return "question does not stand alone"
    names_all = bool(question.options) and all(gives_away(question.question, option) for option in question.options)
    if gives_away(question.question, question.answer) and not names_all:
        return "answer is in the question"
    return _options_fault(question) if question.form == "choice" else None


def is_junk(text: str) -> bool:
    """Whether `text` is debris of layout rather than a statement."""
    return any(pattern.search(text) for pattern in (_ADDRESS, _FORMULA, _REFERENCE_LINE, _CONTENTS_LINE, _NAME_LIST))


def _options_fault(question: Question) -> str | None:
    options = question.options
    if len(options) < 2:
        return "too few wrong options"
    if question.answer not in options:
        return "answer is not among the options"
    pairs = ((left, right) for index, left in enumerate(options) for right in options[:index])
    return "two options say the same" if any(is_same_answer(left, right) for left, right in pairs) else None


def _numbers(text: str) -> set[str]:
    return {number.rstrip(",").replace(",", "") for number in _NUMBER.findall(text)}
