"""Rows with options: SciQ, ARC as the Hub and as AI2 write it, and the usual shapes of practice questions.

A question that points at its options ("which of the following") needs them; all others can also be asked without.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from loresmith.domains.question import DomainQuestion
from loresmith.domains.topics import field_of_science
from loresmith.exchange.dialogue import Refused
from loresmith.exchange.row_format import Content, text
from loresmith.likeness import normalised
from loresmith.models.prompts import LETTERS

POINTS_AT_OPTIONS = re.compile(
    r"\bfollowing\b|\bexcept\b|\bof (?:these|those)\b|\bwhich (?:one|statement|option|choice|answer)\b|_{2,}"
    r"|\b(?:best|most likely|least likely|not true|false|correct|incorrect)\b",
    re.IGNORECASE,
)
LETTERED = ("A", "B", "C", "D", "E", "F")
COLUMNS_OF_OPTIONS = (
    ("opa", "opb", "opc", "opd"),
    tuple(f"option_{letter.lower()}" for letter in LETTERED),
    tuple(f"Option {letter}" for letter in LETTERED),
    tuple(f"choice{number}" for number in range(6)),
    LETTERED,
)
ANSWERS = ("answer", "correct_answer", "solution", "label", "GT", "answerKey")
NO_SUPPORT = "the row has no supporting text"


def sciq(content: Content) -> Iterator[DomainQuestion]:
    """A row of SciQ; copies without distractors give a question without options."""
    wrong = [text(content, f"distractor{number}") for number in (1, 2, 3)]
    right, support = text(content, "correct_answer"), text(content, "support")
    options = [right, *filter(None, wrong)] if any(wrong) else []
    asked = checked(text(content, "question"), options, right)
    about = field_of_science(f"{asked.question} {right} {support}")
    yield asked.model_copy(update={"evidence": support, "topic": about, "note": "" if support else NO_SUPPORT})


def arc(content: Content) -> Iterator[DomainQuestion]:
    """A row of ARC: `choices` of the Hub, or `question.stem` of the official files."""
    stem: Any = content.get("question")
    choices: Any = content.get("choices")
    if isinstance(stem, Mapping):
        stem, choices = stem.get("stem"), stem.get("choices")
    texts: Any
    labels: Any
    if isinstance(choices, Mapping):
        texts, labels = choices.get("text"), choices.get("label")
    elif isinstance(choices, list) and all(isinstance(choice, Mapping) for choice in choices):
        texts, labels = [choice.get("text") for choice in choices], [choice.get("label") for choice in choices]
    else:
        raise Refused("no list of choices")
    if not isinstance(stem, str) or not _are_texts(texts) or not isinstance(labels, Sequence):
        raise Refused("a question or choices that are not text")
    key = content.get("answerKey")
    if key not in labels or len(labels) != len(texts):
        raise Refused("an answer key that names no choice")
    asked = checked(stem, texts, texts[list(labels).index(key)])
    yield asked.model_copy(update={"topic": field_of_science(f"{stem} {asked.answer}")})


def listed(content: Content) -> Iterator[DomainQuestion]:
    """A row of practice questions, whatever its options are called; the answer is a letter, an index or the text."""
    options = options_of(content)
    if options is None:
        raise Refused("no options")
    given = next((content[name] for name in ANSWERS if content.get(name) not in (None, "")), None)
    asked = checked(text(content, "question", "Question"), options, _named(given, options))
    evidence = text(content, "support", "explanation", "evidence")
    yield asked.model_copy(update={"evidence": evidence, "topic": text(content, "topic", "subject", "category")})


def options_of(content: Content) -> list[str] | None:
    """The options of a row of practice questions; `None` when it has none."""
    for name in ("choices", "options", "answers"):
        found = content.get(name)
        if isinstance(found, Mapping):
            found = list(found.values())
        if isinstance(found, list) and len(found) > 1 and _are_texts(found):
            return [option.strip() for option in found]
    for names in COLUMNS_OF_OPTIONS:
        cells = [text(content, name) for name in names]
        if all(cells[:2]):
            return [cell for cell in cells if cell]
    return None


def checked(question: str, options: Sequence[str], answer: str) -> DomainQuestion:
    """The question, its place still empty.

    Raises:
        Refused: a part is missing, options repeat one another, the answer is none of them, or they are too many.
    """
    asked, right = " ".join(question.split()), answer.strip()
    shown = tuple(option.strip() for option in options)
    if not asked:
        raise Refused("an empty question")
    if not right:
        raise Refused("an empty answer")
    if shown and right not in shown:
        raise Refused("an answer that is none of the options")
    # signs alone are options too: "+" and "−" have no words to compare
    if len({normalised(option) or option for option in shown}) < len(shown):
        raise Refused("options that say the same")
    if len(shown) > len(LETTERS):
        raise Refused(f"more than {len(LETTERS)} options")
    is_pointing = bool(shown) and (POINTS_AT_OPTIONS.search(asked) is not None or not asked.endswith("?"))
    return DomainQuestion(place="", question=asked, answer=right, options=shown, needs="options" if is_pointing else "")


def _named(given: Any, options: Sequence[str]) -> str:
    if isinstance(given, int) and not isinstance(given, bool) and 0 <= given < len(options):
        return options[given]
    said = str(given).strip() if given is not None else ""
    if said in options:
        return said
    if len(said) == 1 and said.upper() in LETTERED[: len(options)]:
        return options[LETTERED.index(said.upper())]
    if said.isdigit() and int(said) < len(options):
        return options[int(said)]
    raise Refused("an answer that is none of the options")


def _are_texts(found: Any) -> bool:
    return isinstance(found, list) and all(isinstance(one, str) and one.strip() for one in found)
