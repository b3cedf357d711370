"""Whether an answer says the number that is wanted, in its unit or in one that can be turned into it.

A bare number is in the wanted unit where that counts things ("eggs") or stands in the question ("How many GB ..."). A
number in another unit must be right to the last digit that is written. Another dimension is wrong, whatever the number.
"""

import re
from dataclasses import dataclass
from itertools import takewhile

from loresmith.retrieval.terms import STOP_WORDS, stem
from loresmith.scoring import cleaning, conclusion
from loresmith.scoring.extraction import nothing_said
from loresmith.scoring.numerals import Numeral, numerals
from loresmith.scoring.reading import NO_NUMBER, SEVERAL, Reading
from loresmith.scoring.units import Unit, unit_called

EXACT = 1e-9
"""Relative difference that floats leave between equal numbers."""
_WORDS_BEHIND = 3
_JOINED = re.compile(r"\s*(?:to|or|and|,|[-–—])\s*")
_HEDGE = r"(?:about|approximately|around|roughly|exactly|nearly|almost|over|under|up to|at least|at most|~|≈|<|>)?\s*"


@dataclass(frozen=True)
class Quantity:
    """A number with the words of its unit."""

    numeral: Numeral
    noun: str
    """The words behind the number; empty for a bare one."""

    @property
    def unit(self) -> Unit | None:
        """The unit of measure; `None` for a bare number or a counted noun."""
        return unit_called(self.numeral.unit) or unit_called(self.noun)


def wanted_quantity(answer: str) -> Quantity | None:
    """`answer` as a quantity where it is one number and at most three words behind it; else `None`."""
    said = cleaning.plain(answer).rstrip(".")
    found = numerals(said)
    if len(found) != 1 or not re.fullmatch(_HEDGE, said[: found[0].start], re.IGNORECASE):
        return None
    noun = said[found[0].end :].strip(" -")
    is_noun = re.fullmatch(r"[^\W\d_][^\d,;:()]*|[%°]\s?[CFK]?", noun) and len(noun.split()) <= _WORDS_BEHIND
    return Quantity(found[0], noun) if not noun or is_noun else None


def says(text: str, wanted: Quantity, question: str = "", tolerance: float = 0.0) -> Reading[bool]:
    """Whether `text` says `wanted`; a reason where no single number can be made out.

    Args:
        text: What the model wrote.
        wanted: The right answer.
        question: Numbers that it holds too are no answer when they are repeated.
        tolerance: Largest relative difference that is still right.
    """
    if reason := nothing_said(text):
        return Reading(reason=reason)
    told = _told(cleaning.unmarked(cleaning.plain(text)))
    if not told:
        return Reading(reason=NO_NUMBER)
    asked = [one.value for one in numerals(question)]
    candidates = [one for one in told if one.numeral.value not in asked] or told
    fitting = [one for one in candidates if _comparable(one, wanted, question)]
    fitting = [one for one in fitting if one.noun] or fitting  # "Table 4 says 12 layers"
    values = {round(_in_unit(one, wanted), 9) for one in fitting}
    if len(values) > 1:
        return Reading(reason=SEVERAL)
    return Reading(bool(fitting) and any(_agree(one, wanted, tolerance) for one in fitting))


def _told(said: str) -> list[Quantity]:
    """The quantities behind the last announcement of an answer, else all of them."""
    if (halves := conclusion.taken_back(said)) and (later := _told(halves[1])):
        return later
    for found in reversed(conclusion.conclusions(said)):
        if told := _quantities(found.text if found.is_boxed else conclusion.first_sentence(found.text)):
            return told
    return _quantities(said)


def _quantities(text: str) -> list[Quantity]:
    """The numbers of `text` with their nouns; of "5 to 6 bar" both are in bar."""
    told: list[Quantity] = []
    behind: Quantity | None = None
    for one in reversed(numerals(text)):
        noun = _noun(text[one.end :])
        is_range = behind and not noun and _JOINED.fullmatch(text[one.end : behind.numeral.start])
        behind = Quantity(one, behind.noun if behind and is_range else noun)
        told.append(behind)
    return told[::-1]


def _noun(behind: str) -> str:
    match = re.match(rf"[ -]?((?:[^\W\d_][\w/²³'’-]*\s?){{1,{_WORDS_BEHIND}}})", behind)
    return " ".join(takewhile(lambda word: word.lower() not in STOP_WORDS, match[1].split())) if match else ""


def _comparable(given: Quantity, wanted: Quantity, question: str) -> bool:
    unit, other = wanted.unit, given.unit
    if unit is not None and other is not None:
        return unit.dimension == other.dimension
    if unit is not None:
        return not given.noun and (_is_named(wanted, question) or unit.dimension == "share")
    return not wanted.noun or not given.noun or bool(_stems(wanted.noun) & _stems(given.noun))


def _is_named(wanted: Quantity, question: str) -> bool:
    """Whether `question` says in which unit it wants its answer."""
    return any(unit_called(word) == wanted.unit for word in re.findall(r"[^\s?.,;()]+", question))


def _in_unit(given: Quantity, wanted: Quantity) -> float:
    unit, other = wanted.unit, given.unit
    if unit is None or other is None:
        return given.numeral.value
    return (given.numeral.value * other.factor + other.offset - unit.offset) / unit.factor


def _agree(given: Quantity, wanted: Quantity, tolerance: float) -> bool:
    value, right = _in_unit(given, wanted), wanted.numeral.value
    room = max(tolerance, EXACT) * abs(right)
    unit, other = wanted.unit, given.unit
    if unit is not None and other is not None and unit != other:
        is_precise = (
            abs(given.numeral.value) >= 10 * given.numeral.step
        )  # two digits: "0.1 MPa" proves nothing of 1.4 bar
        half_a_digit = given.numeral.step / 2 * other.factor / unit.factor
        room = max(room, half_a_digit if is_precise else 0.0, EXACT * abs(right))
    return abs(value - right) <= room or value == right


def _stems(words: str) -> set[str]:
    return {stem(word.lower()) for word in words.split()}
