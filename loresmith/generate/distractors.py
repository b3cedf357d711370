"""Wrong options that could be right: same column, same unit, same kind of term, the same document first."""

import random
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from loresmith.generate.frames import content_words
from loresmith.generate.measures import unit_after
from loresmith.generate.plain import comparable, is_same_answer, value_of
from loresmith.records import Fact

_FEWEST_REASON_WORDS = 4
"""Shorter reasons, such as "to improve performance", are right too often."""
_STEM = 5
"""Letters by which words count as related: "evaluate", "evaluation"."""
_FAR = 30.0
"""Numbers more than this factor apart give themselves away."""


def options_for(fact: Fact, rivals: Sequence[str], neighbours: Sequence[Fact], count: int, question: str) -> list[str]:
    """The answer and up to `count - 1` wrong options in an order that depends on the fact alone."""
    rng = random.Random(fact.id)
    near = list(rivals)
    rng.shuffle(near)
    near.sort(key=lambda rival: _shape(rival) != _shape(fact.answer))  # those that are written alike first
    chosen = [fact.answer]
    # the lot is drawn now, whether it is needed or not: the order of the options hangs on it
    varied = list(_varied_numbers(fact.answer, rng))
    for candidate in chain(near, _from_neighbours(fact, neighbours), varied):
        if _is_fit(candidate, chosen, fact, question):
            chosen.append(candidate)
        if len(chosen) == count:
            break
    rng.shuffle(chosen)
    return chosen


def _is_fit(candidate: str, chosen: Sequence[str], fact: Fact, question: str) -> bool:
    if any(is_same_answer(candidate, other) for other in chosen):
        return False
    small, asked = comparable(candidate), comparable(question)
    if fact.kind == "reason" and not _is_other_reason(candidate, fact.answer, question):
        return False
    if value_of(candidate) is None:
        # a name in the question cannot be its answer, and a part of the right answer would be right as well
        right = comparable(fact.answer)
        stands_beside = fact.kind != "comparison" and small in comparable(fact.quote)  # there the rivals are beside it
        return small not in asked and small not in right and right not in small and not stands_beside
    mine, other = value_of(fact.answer), value_of(candidate)
    return not mine or not other or (mine > 0) != (other > 0) or 1 / _FAR <= mine / other <= _FAR


def _is_other_reason(candidate: str, answer: str, question: str) -> bool:
    """Whether a reason cannot pass for the right one: of the same make, and about something else."""
    if len(candidate.split()) < _FEWEST_REASON_WORDS:
        return False
    same_make = candidate.startswith("to ") == answer.startswith("to ")
    said = {word[:_STEM] for word in content_words(comparable(f"{answer} {question}"))}
    return same_make and not any(word[:_STEM] in said for word in content_words(comparable(candidate)))


def _from_neighbours(fact: Fact, neighbours: Iterable[Fact]) -> Iterator[str]:
    """Answers of other facts: those with the same unit first, then those of the same kind."""
    others = [other for other in neighbours if other.kind == fact.kind and other.id != fact.id]
    unit = unit_after(fact.quote, fact.answer) if fact.kind == "number" else ""
    if unit:
        same_unit = [other for other in others if unit_after(other.quote, other.answer) == unit]
        same_unit.sort(key=lambda other: _shape(other.answer) != _shape(fact.answer))
        yield from (other.answer for other in same_unit)
    kind, detail = _shape(fact.answer)
    yield from (other.answer for other in others if _shape(other.answer) == (kind, detail))
    yield from (other.answer for other in others if _shape(other.answer)[0] == kind)


def _shape(answer: str) -> tuple[str, str]:
    """What makes two answers look alike: figure, name or phrase, and what stands around the figure."""
    if re.search(r"\d", answer):
        decimals = re.search(r"\d\.(\d+)", answer)
        return "figure " + re.sub(r"[\d.,]+", "#", answer), str(len(decimals[1]) if decimals else 0)
    words = answer.split()
    return ("name" if answer[:1].isupper() else "phrase"), ("long" if len(words) > 5 else "short")


def _varied_numbers(answer: str, rng: random.Random) -> Iterator[str]:
    """Other figures written like the one in `answer`: as many digits, the same separators and unit."""
    found = re.search(r"\d[\d,]*(?:\.\d+)?", answer)
    is_figure = re.match(
        r"^[\d$€£]|^(?:January|February|March|April|May|June|July|August|September|October|November|December)\b", answer
    )
    if found is None or is_figure is None or len(re.findall(r"\d[\d,.]*", answer)) != 1:
        return
    text = found[0]
    decimals = len(text.partition(".")[2])
    value = float(text.replace(",", ""))
    for factor in rng.sample((0.5, 0.75, 0.8, 1.2, 1.25, 1.5, 2.0), 7):
        varied = round(value * factor, decimals)
        if 1900 <= value <= 2100 and not decimals:
            varied = value - round(abs(factor - 1) * 8)  # earlier years: later ones may not have come yet
        if varied == 0 or ("%" in answer and varied > 100):
            continue
        written = f"{varied:,.{decimals}f}" if "," in text else f"{varied:.{decimals}f}"
        yield answer[: found.start()] + written + answer[found.end() :]
