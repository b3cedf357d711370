"""Numbers in a text as they are really written: 1,319 and 1.3e3, 3/4 and 1½, $18, -5, 25%, 2 × 10^5, "twenty-one".

A number in a name (GPT-4, v1.2), of a clock (7:30) or of a ratio (3:2) is none. A comma before one or two last digits
(`3,5`) is a decimal comma, since lists are written with a space. Not covered: words for numbers in other languages.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

_MONEY = r"(?:US\$|[$€£¥₹])"
_DIGITS = (
    r"(?:\d{1,3}(?: \d{3})* 000(?!\d)|\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d{1,2}(?:,\d{2})+,\d{3}(?!\d)(?:\.\d+)?"
    r"|(?<!\d,)\d+,\d{1,2}(?![\d,])(?!,\d)|\d+(?:\.\d+)?|\.\d+)"
)
_NUMERAL = re.compile(
    rf"(?<![\w.])(?<![A-Za-z]-)(?<!\d:)(?P<sign>[-+](?=\s?[\d.$€£¥]))?\s?(?P<money>{_MONEY})?\s?(?P<inner>-(?=\d))?"
    rf"(?P<number>{_DIGITS})"
    r"(?:[eE](?P<e>[-+]?\d{1,3})(?![\w])|\s*[×x*·]\s*10\s*(?:\^|\*\*)\s*\(?(?P<ten>[-+]?\d{1,3})\)?|\^\(?(?P<power>-?\d{1,2})(?![\d.])\)?)?"
    r"(?:(?P<mixed>\s+\d+/\d+)|\s?(?P<vulgar>[½¼¾⅓⅔⅛⅕])|\s*/\s*(?P<below>\d+(?:\.\d+)?)(?![/\d]))?"
    r"(?P<scale>[kKMB](?![\w])|\s?(?:hundred|thousand|million|billion|trillion|dozen)s?\b)?(?!:\d)(?!\.\d)"
)
_BARE_VULGAR = re.compile(r"(?<!\w)(?P<vulgar>[½¼¾⅓⅔⅛⅕])")
_VULGAR = {"½": 1 / 2, "¼": 1 / 4, "¾": 3 / 4, "⅓": 1 / 3, "⅔": 2 / 3, "⅛": 1 / 8, "⅕": 1 / 5}
_SCALES = {
    "k": 1e3, "K": 1e3, "M": 1e6, "B": 1e9, "hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9,
    "trillion": 1e12, "dozen": 12.0,
}  # fmt: skip
_UNIT = re.compile(
    r"[ -]?(?P<unit>%|°\s?[CFK]?(?![A-Za-z])|[A-Za-zµμΩ€£$¥][\w²³µμ°]*(?:/[A-Za-zµμ][\w²³]*)?(?:\^-?\d)?)"
)
_WORDS_TO_NINETEEN = """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen
"""
_ONES = tuple(_WORDS_TO_NINETEEN.split())
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_VALUES = {**{word: n for n, word in enumerate(_ONES)}, **{word: 10 * n for n, word in enumerate(_TENS, 2)}}
_WORD = "|".join(sorted([*_VALUES, "hundred", "thousand", "million"], key=len, reverse=True))
_WORDS = re.compile(
    rf"\b(?:(?P<minus>minus|negative) )?(?P<words>(?:{_WORD})(?:(?:[ -]|,? and )(?:{_WORD}))*)\b", re.IGNORECASE
)
_MINUS = re.compile(r"\b(?:minus|negative)\s+$", re.IGNORECASE)


@dataclass(frozen=True)
class Numeral:
    """A number that stands at `text[start:end]`, and what is written behind it."""

    value: float
    start: int
    end: int
    unit: str
    """A currency sign before it, or the word or sign behind it; empty where there is none."""
    step: float
    """The value of its last written digit: 0.1 for 4.5, 1000 for 12 thousand."""


def numerals(text: str) -> list[Numeral]:
    """The numbers of `text` in order; those in words only where it has none in digits."""
    found = [made for match in _NUMERAL.finditer(text) if (made := _finite(text, match))]
    found += [
        Numeral(_VULGAR[match["vulgar"]], match.start(), match.end(), "", 1e-3)
        for match in _BARE_VULGAR.finditer(text)
        if not any(one.start <= match.start() < one.end for one in found)
    ]
    return sorted(found, key=lambda one: one.start) or list(_in_words(text))


def _finite(text: str, match: re.Match[str]) -> Numeral | None:
    """The numeral of a match; `None` for one that a float cannot hold, such as a digit repeated without end."""
    try:
        made = _numeral(text, match)
    except OverflowError:
        return None
    return made if made and math.isfinite(made.value) else None


def _numeral(text: str, match: re.Match[str]) -> Numeral | None:
    written = match["number"]
    decimal_comma = re.fullmatch(r"\d+,\d{1,2}", written) is not None
    digits = written.replace(" ", "").replace(",", "." if decimal_comma else "")
    value, step = float(digits), 10.0 ** -len(digits.partition(".")[2])
    if match["power"] and value:
        return _placed(text, match, value ** int(match["power"]), 1e-3)
    power = 10.0 ** int(match["e"] or match["ten"] or 0)
    scale = _SCALES[_singular(match["scale"])] if match["scale"] else 1.0
    value, step = value * power * scale, step * power * scale
    if match["mixed"]:
        above, below = match["mixed"].strip().split("/")
        if int(below) == 0:
            return None
        value, step = value + int(above) / int(below), 1e-3
    elif match["vulgar"]:
        value, step = value + _VULGAR[match["vulgar"]], 1e-3
    elif match["below"]:
        if float(match["below"]) == 0:
            return None
        value, step = value / float(match["below"]), 1e-3
    return _placed(text, match, value, step)


def _placed(text: str, match: re.Match[str], value: float, step: float) -> Numeral:
    """The number with its sign, its unit and its place."""
    is_negative = _is_negative(text, match)
    behind = _UNIT.match(text, match.end())
    unit = match["money"] or (behind["unit"] if behind else "")
    start = (
        match.start("sign") if is_negative and match["sign"] else match.start("money" if match["money"] else "number")
    )
    return Numeral(-value if is_negative else value, start, match.end(), unit.replace("US$", "$"), step)


def _is_negative(text: str, match: re.Match[str]) -> bool:
    if match["inner"] or _MINUS.search(_before(text, match.start("number"))):
        return True
    if match["sign"] != "-":
        return False
    # "16 - 3": behind a number or a bracket the sign subtracts
    return not re.search(r"[\d)%]$", _before(text, match.start("sign")).rstrip())


def _before(text: str, place: int) -> str:
    """The few characters before a place that can say something of the number there."""
    return text[max(0, place - 16) : place]


def _in_words(text: str) -> Iterator[Numeral]:
    for match in _WORDS.finditer(text):
        value = _worded(match["words"].lower())
        if not math.isfinite(value):
            continue
        behind = _UNIT.match(text, match.end())
        unit = behind["unit"] if behind else ""
        yield Numeral(-value if match["minus"] else value, match.start(), match.end(), unit, 1.0)


def _worded(words: str) -> float:
    total = part = 0.0
    for word in re.findall(r"[a-z]+", words):
        if word in _VALUES:
            part += _VALUES[word]
        elif word == "hundred":
            part = max(part, 1.0) * 100
        elif word in ("thousand", "million"):
            total, part = total + max(part, 1.0) * (1000 if word == "thousand" else 1_000_000), 0
    return total + part


def _singular(scale: str) -> str:
    word = scale.strip()
    return word.removesuffix("s") if len(word) > 1 else word
