"""The number that a worked answer comes to, as an exam such as GSM8K (arXiv 2110.14168) asks for it.

Looked for in this order: what is announced as the answer (`conclusion`); a bold number; the last sentence that
concludes ("so", "in total"); the last number. In a calculation the number behind the last equals sign counts.

Not covered: intervals, ratios and formulas as answers.
"""

import re

from loresmith.models.refusal import is_refusal
from loresmith.scoring import cleaning, conclusion
from loresmith.scoring.conclusion import Conclusion
from loresmith.scoring.numerals import Numeral, numerals
from loresmith.scoring.reading import DECLINED, EMPTY, NO_NUMBER, SEVERAL, THINKING, Reading

_BOLD = re.compile(r"\*\*\s*([^*\n]{1,40}?)\s*\*\*")
_CONCLUDES = re.compile(
    r"\b(?:so|therefore|thus|hence|total|altogether|in all|finally|left|remain(?:s|ing)?|in conclusion|conclude"
    r"|consequently|that means|this means|which means|as a result|overall|equals?|accordingly)\b|^\s*(?:=|=>|∴)",
    re.IGNORECASE,
)
_EQUALS = re.compile(r"=|≈|\bequals\b|\bequal to\b")
_OPERATOR = re.compile(r"\s*(?:[A-Za-z%]+\s*)?(?:[+×*/÷·x]|[-–](?=\s))\s*\(?[$€£]?\d")
_OR_ANOTHER = re.compile(r"\s*[A-Za-z%]*\s*(?:\bor\b|\bto\b|[-–—])\s*(?:maybe |perhaps |possibly )?[$€£]?\d")
_BETWEEN = re.compile(r"\b(?:between|from)\s*[$€£]?$", re.IGNORECASE)
_ASIDE = re.compile(
    r"(?:\b(?:in|after|every|per|within|during|each|than|with|day|week|step|when|if)|\b(?:from|by) \w+ing"
    r"|\b(?:out|each) of(?: the| these)?|\bof (?:the|these|her|his|their))\s*[$€£]?$",
    re.IGNORECASE,
)
_ANSWER_LETTER = re.compile(r"(?:^|\n)\s*A(?:nswer)?\s*:\s*(?=[-+]?[$€£]?\s?[\d.])", re.IGNORECASE)
_MONEY = ("$", "€", "£", "¥", "₹", "dollar", "dollars", "euros", "USD")
_NEAR = 64
"""Characters behind an equals sign in which its result must begin."""
_NOTHING = re.compile(
    r"\W*(?:n\.?/?a\.?|none(?: of (?:the above|these|them))?|null|nan|nil|unknown|undefined|no answer"
    r"|not (?:applicable|given|known|available|stated|specified)|\?+|-+)\W*",
    re.IGNORECASE,
)


def nothing_said(text: str) -> str | None:
    """Why `text` holds no answer of any kind; `None` where it may hold one."""
    if cleaning.is_unfinished_thought(text):
        return THINKING
    said = cleaning.unmarked(cleaning.plain(text)).strip()
    if not re.search(r"\w|[½¼¾⅓⅔]|\?", said):
        return EMPTY
    if _NOTHING.fullmatch(_announced(said)) or is_refusal(said):
        return DECLINED
    return None


def number(text: str) -> Reading[Numeral]:
    """The number that `text` gives as its answer, or why there is none."""
    if reason := nothing_said(text):
        return Reading(reason=reason)
    marked = cleaning.plain(text)
    return _read(marked) or Reading(reason=NO_NUMBER)


def _read(marked: str) -> Reading[Numeral] | None:
    """The number of a text that still has its bold marks; `None` where it has no number."""
    said = cleaning.unmarked(marked)
    if (halves := conclusion.taken_back(marked)) and (later := _read(halves[1])):
        return later
    for found in reversed(conclusion.conclusions(said)):
        if read := _announced_number(found):
            return read
    if letter := _ANSWER_LETTER.search(said):
        return _first(said[letter.end() :])
    for bold in reversed(_BOLD.findall(marked)):
        inside = numerals(bold)
        if len(inside) == 1 and len(re.findall(r"[A-Za-z]+", bold)) <= 2 and not bold.endswith(":"):
            return Reading(inside[0])
    return _from_the_end(conclusion.before_checking(said))


def _announced_number(found: Conclusion) -> Reading[Numeral] | None:
    if found.is_boxed:
        return _first(found.text)
    sentence = conclusion.first_sentence(found.text)
    if found.is_label and not _is_direct(sentence) and numerals(found.text):
        return _from_the_end(found.text)  # the working follows, and the answer is at its end
    if not numerals(sentence):
        return _from_the_end(found.text) if _leads_on(sentence) else None
    return _first(sentence)


def _is_direct(sentence: str) -> bool:
    """Whether a number stands right at the beginning, or is the only one."""
    found = numerals(sentence)
    return bool(found) and (found[0].start <= 3 or len(found) == 1)


def _leads_on(sentence: str) -> bool:
    """Whether the answer is yet to come: "the answer is as follows:"."""
    return not sentence.strip() or sentence.rstrip().endswith(":")


def _first(text: str) -> Reading[Numeral] | None:
    """The first number of `text`, or, where it begins a calculation, the result."""
    found = numerals(text)
    if not found:
        return None
    first = found[0]
    behind = text[first.end :]
    if _OPERATOR.match(behind) or re.match(r"\s*[A-Za-z%]*\s*=", behind) or _EQUALS.search(text[: first.start]):
        return _after_equals(text) or Reading(first)
    is_between = bool(_BETWEEN.search(text[: first.start])) and len(found) > 1
    return Reading(reason=SEVERAL) if is_between or _OR_ANOTHER.match(behind) else Reading(first)


def _after_equals(text: str) -> Reading[Numeral] | None:
    for sign in reversed(list(_EQUALS.finditer(text))):
        behind = text[sign.end() : sign.end() + _NEAR]
        found, before = numerals(behind), numerals(text[: sign.start()])
        if not found or not re.fullmatch(r"[\s(A-Za-z:$€£≈]{0,24}", behind[: found[0].start]):
            continue
        is_worked_out = not _OPERATOR.match(behind[found[0].end :])
        if is_worked_out or not before:
            return Reading(found[0])
        if len(before) == 1:  # "5 = 2 + 3"
            return Reading(before[0])
    return None


def _from_the_end(text: str) -> Reading[Numeral] | None:
    """The number of the last sentence that concludes, else of the last one with a number."""
    counted = [sentence for sentence in conclusion.sentences(text) if numerals(sentence)]
    if not counted:
        return None
    last = counted[-1]
    if not _EQUALS.search(last):  # "So he earns $90. He has 3 children."
        last = next((sentence for sentence in reversed(counted[-2:]) if _CONCLUDES.search(sentence)), last)
    if read := _after_equals(last):
        return read
    found = numerals(last)
    aside = [bool(_ASIDE.search(last[max(0, one.start - 24) : one.start])) for one in found]
    told = [one for one, is_aside in zip(found, aside, strict=True) if not is_aside] or found
    money = [one for one in told if one.unit in _MONEY]
    if len(money) == 1:  # "pays $64 for 16 glasses"
        told = money
    either = len(told) > 1 and _OR_ANOTHER.match(last[told[-2].end :]) and not _OPERATOR.match(last[told[-2].end :])
    is_between = len(told) > 1 and _BETWEEN.search(last[: told[-2].start])
    return Reading(reason=SEVERAL) if either or is_between else Reading(told[-1])


def _announced(said: str) -> str:
    """What is announced last, or all of it."""
    found = conclusion.conclusions(said)
    return conclusion.first_sentence(found[-1].text) if found else re.sub(r"^\s*A:\s*", "", said)
